import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { RecordEncryption } from '../clients/index.js';
import { AccountContacts, lockAdministrators, type EncryptedContacts } from '../users/index.js';
import { Invitation } from './invitation.entity.js';

/** A person to invite. */
export interface Invitee {
  userId: string;
  role: string;
  email: string | null;
  phone: string | null;
  /** With a password, or at an identity provider. */
  canSignIn: boolean;
  hasPassword: boolean;
  isVerified: boolean;
  firstName: string;
  lastName: string;
  locale: string;
  /** Of the patient record, as YYYY-MM-DD. */
  dateOfBirth: string | null;
  /** Clinics of staff, or those at which the patient is registered. */
  clinicIds: string[];
}

/** As it is read, with encrypted fields. */
type InviteeRow = Omit<Invitee, 'dateOfBirth' | keyof EncryptedContacts> &
  EncryptedContacts & { clientId: string | null; dateOfBirth: Buffer | null };

const INVITEE = `
  SELECT u.id AS "userId", u.role, u.email, u.phone, (u.password_hash IS NOT NULL OR u.has_identity) AS "canSignIn",
         u.password_hash IS NOT NULL AS "hasPassword",
         u.email_verified_at IS NOT NULL AS "isVerified", u.first_name AS "firstName", u.last_name AS "lastName", u.locale,
         (SELECT c.id FROM client c WHERE c.user_id = u.id) AS "clientId",
         (SELECT c.date_of_birth FROM client c WHERE c.user_id = u.id) AS "dateOfBirth",
         ARRAY(SELECT clinic_id FROM user_clinic WHERE user_id = u.id
               UNION SELECT p.clinic_id FROM client c JOIN clinic_patient p ON p.client_id = c.id WHERE c.user_id = u.id
               ORDER BY 1) AS "clinicIds"
  FROM user_account u WHERE u.id = $1 AND u.deleted_at IS NULL`;

/** Invitations, and the people they are for. SQL for the people: the tables belong to other features. */
@Injectable()
export class InvitationsRepository {
  constructor(
    private readonly db: Database,
    private readonly contacts: AccountContacts,
    private readonly records: RecordEncryption,
  ) {}

  findInvitee(userId: string): Promise<Invitee | null> {
    return this.readInvitee(INVITEE, userId);
  }

  /** Also locks the account until the transaction ends. */
  lockInvitee(userId: string): Promise<Invitee | null> {
    return this.readInvitee(`${INVITEE} FOR NO KEY UPDATE`, userId);
  }

  private async readInvitee(sql: string, userId: string): Promise<Invitee | null> {
    const row = await this.db.row<InviteeRow>(sql, [userId]);
    if (!row) return null;
    const { clientId, dateOfBirth, ...person } = this.contacts.decrypt(userId, row);
    return { ...person, dateOfBirth: clientId && this.records.decryptDateOfBirth(clientId, dateOfBirth) };
  }

  /** Locks the accounts that have no password, in the order of their ids. @returns their ids in the order of `userIds` */
  async lockWithoutPassword(userIds: readonly string[]): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM user_account WHERE id = ANY ($1::uuid[]) AND password_hash IS NULL AND deleted_at IS NULL
       ORDER BY id FOR NO KEY UPDATE`,
      [userIds],
    );
    const found = new Set(rows.map(({ id }) => id));
    return userIds.filter((id) => found.has(id));
  }

  async insert(invitation: Omit<Invitation, 'wrongBirthDates'>): Promise<void> {
    await this.rows.insert(invitation);
  }

  find(id: string): Promise<Invitation | null> {
    return this.rows.findOneBy({ id });
  }

  /** @returns how many wrong dates were entered, with this one */
  async countWrongBirthDate(id: string): Promise<number> {
    await this.rows.increment({ id }, 'wrongBirthDates', 1);
    return (await this.find(id))?.wrongBirthDates ?? 0;
  }

  /** Makes concurrent runs of the command that creates administrators wait for each other. */
  async lockAdministrators(): Promise<void> {
    await lockAdministrators(this.db);
  }

  async hasAdministrator(): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM user_account WHERE role = 'ADMIN' AND deleted_at IS NULL LIMIT 1`,
    );
    return row !== null;
  }

  /** The state of the message with this link. */
  async getMessageState(id: string): Promise<string | null> {
    const row = await this.db.row<{ state: string }>(`SELECT state FROM notification WHERE id = $1`, [id]);
    return row?.state ?? null;
  }

  /** Whether other patients' records, with which nobody signs in, have this address or telephone number. */
  async isShared(field: 'email' | 'phone', value: string, userId: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM user_account
       WHERE ${field}_index = $1 AND id <> $2 AND role = 'CLIENT' AND password_hash IS NULL AND NOT has_identity
         AND deleted_at IS NULL LIMIT 1`,
      [await this.getBlindIndex(field, value), userId],
    );
    return row !== null;
  }

  /** Whether anybody else has this address or telephone number, such as a parent, also an account that nobody has verified. */
  async hasOtherAccount(field: 'email' | 'phone', value: string, userId: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM user_account WHERE ${field}_index = $1 AND id <> $2 AND deleted_at IS NULL LIMIT 1`,
      [await this.getBlindIndex(field, value), userId],
    );
    return row !== null;
  }

  /**
   * The clinic of the latest invitation to join that was neither used nor revoked.
   * @param clinicIds null for all clinics
   */
  async findPendingJoinClinicId(userId: string, clinicIds: readonly string[] | null): Promise<string | null> {
    const row = await this.db.row<{ clinicId: string }>(
      `SELECT i.clinic_id AS "clinicId" FROM invitation i JOIN account_link l ON l.id = i.id
       WHERE l.user_id = $1 AND i.joins_clinic AND ($2::uuid[] IS NULL OR i.clinic_id = ANY ($2::uuid[])) AND l.used_at IS NULL
         AND l.revoked_at IS NULL ORDER BY l.created_at DESC LIMIT 1`,
      [userId, clinicIds],
    );
    return row?.clinicId ?? null;
  }

  /** Whether the account is that of a patient of one of these clinics. */
  async isPatientOf(userId: string, clinicIds: readonly string[]): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM client c JOIN user_account u ON u.id = c.user_id AND u.role = 'CLIENT' AND u.deleted_at IS NULL
       JOIN clinic_patient p ON p.client_id = c.id AND p.clinic_id = ANY ($2::uuid[]) WHERE c.user_id = $1 LIMIT 1`,
      [userId, clinicIds],
    );
    return row !== null;
  }

  /** Revokes the invitations to an account: those that set its password, or those that add it to one clinic. */
  async revoke(
    userId: string,
    clinicIdToJoin: string | null,
    now: Date,
    exceptId: string | null = null,
  ): Promise<number> {
    const rows = await this.db.rows(
      `UPDATE account_link l SET revoked_at = $3 FROM invitation i
       WHERE i.id = l.id AND l.user_id = $1 AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.id IS DISTINCT FROM $4::uuid
         AND CASE WHEN $2::uuid IS NULL THEN NOT i.joins_clinic ELSE i.joins_clinic AND i.clinic_id = $2 END
       RETURNING l.id`,
      [userId, clinicIdToJoin, now, exceptId],
    );
    return rows.length;
  }

  private getBlindIndex(field: 'email' | 'phone', value: string): Promise<Buffer | null> {
    return field === 'email' ? this.contacts.emailIndex(value) : this.contacts.phoneIndex(value);
  }

  private get rows() {
    return this.db.repository(Invitation);
  }
}
