import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { newId } from '../../core/kernel/id.js';
import { ClientClinic } from './client-clinic.entity.js';
import { Client } from './client.entity.js';
import { ClientMerge, type MovedRows } from './client-merge.entity.js';
import { AccountContacts } from '../users/index.js';
import { joinClinicTexts, type ClinicValues, type MergeValues, type PatientValues } from './merge-values.js';
import { RecordEncryption, type EncryptedRecord } from './record-encryption.js';

/** A patient record with what a merge needs of its account. */
export interface MergedRecord extends PatientValues {
  id: string;
  userId: string;
  recordVersion: number;
  accountVersion: number;
  signsIn: boolean;
}

/** A record as it is locked, with encrypted fields. */
type LockedRow = Omit<MergedRecord, 'dateOfBirth' | 'address' | 'emergencyContact' | 'phone'> &
  Pick<EncryptedRecord, 'dateOfBirth' | 'address' | 'emergencyContact'> & { phone: Buffer | null };

/** What a clinic has stored about one of the two records, decrypted. */
interface DecryptedClinicRecord extends ClinicValues {
  mrnIndex: Buffer | null;
}

/** Two visits of one person at the same time, one in each record. */
export interface VisitPair {
  clientAppointmentId: string;
  duplicateAppointmentId: string;
}

/**
 * Moves the rows of one patient record to another one. Hand-written SQL: most of the tables belong to other features, and a test
 * compares the list with the foreign keys of the schema.
 */
@Injectable()
export class ClientMergesRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: RecordEncryption,
    private readonly contacts: AccountContacts,
  ) {}

  /**
   * Locks both records with their accounts until the transaction ends, in the order of their ids. Bookings for them wait.
   * Accounts that are closed and records that were merged before are not found.
   */
  async lock(ids: readonly [string, string]): Promise<MergedRecord[]> {
    await this.db.rows('SELECT id FROM client WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE', [ids]);
    await this.db.rows(
      `SELECT id FROM user_account WHERE id IN (SELECT user_id FROM client WHERE id = ANY ($1::uuid[])) ORDER BY id FOR NO KEY UPDATE`,
      [ids],
    );
    const rows = await this.db.rows<LockedRow>(
      `SELECT c.id, u.id AS "userId", c.version AS "recordVersion", u.version AS "accountVersion",
              c.date_of_birth AS "dateOfBirth", c.sex, c.address,
              c.emergency_contact AS "emergencyContact", u.first_name AS "firstName", u.last_name AS "lastName", u.phone,
              (u.password_hash IS NOT NULL OR u.has_identity OR u.email_verified_at IS NOT NULL) AS "signsIn"
       FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
       WHERE c.id = ANY ($1::uuid[]) AND c.merged_into_id IS NULL`,
      [ids],
    );
    return rows.map((row) => ({
      ...row,
      ...this.encryption.decryptRecord(row),
      phone: this.contacts.decryptPhone(row.userId, row.phone),
    }));
  }

  /** Deletes the reservations of expired holds: they could overlap the visits of the other record, so they could not be moved. */
  async deleteExpiredReservations(clientIds: readonly [string, string], now: Date): Promise<void> {
    await this.db.rows('DELETE FROM reservation WHERE resource_id = ANY ($1::uuid[]) AND expires_at <= $2', [
      clientIds,
      now,
    ]);
  }

  /** Visits (and holds) at the same time that are not over. Visits of the same group session do not count. */
  findOverlaps(clientId: string, duplicateId: string, now: Date): Promise<VisitPair[]> {
    return this.db.rows<VisitPair>(
      `SELECT a.appointment_id AS "clientAppointmentId", b.appointment_id AS "duplicateAppointmentId"
       FROM reservation a JOIN reservation b ON b.resource_id = $2::uuid AND b.active AND b.during && a.during
         AND b.group_id <> a.group_id
       WHERE a.resource_id = $1::uuid AND a.active AND upper(a.during * b.during) > $3::timestamptz
       ORDER BY lower(b.during)`,
      [clientId, duplicateId, now],
    );
  }

  /** Moves everything of the duplicate to the other record. @returns the ids of the moved rows, by table */
  async move(clientId: string, duplicateId: string): Promise<MovedRows> {
    const moved: MovedRows = {};
    // Before their reservations: a concurrent reschedule locks the visit first, too.
    moved.appointment = await this.moveRows(MOVE_APPOINTMENTS, clientId, duplicateId);
    await this.db.rows(RELEASE_PAST_OVERLAPS, [clientId, duplicateId]);
    await this.db.rows(MOVE_RESERVATIONS, [clientId, duplicateId]);
    const before = await this.readClinicRecords(clientId, duplicateId);
    for (const [table, statement] of Object.entries(MOVES)) {
      moved[table] = await this.moveRows(statement, clientId, duplicateId);
    }
    await this.db.rows(JOIN_CLINIC_RECORDS, [clientId, duplicateId]);
    await this.reencryptClinicRecords(clientId, duplicateId, before);
    return moved;
  }

  /** Moves what belongs to an account rather than to a patient record. @returns the ids of the moved rows, by table */
  async moveAccountRows(userId: string, fromUserId: string): Promise<MovedRows> {
    const moved: MovedRows = {};
    for (const [table, statement] of Object.entries(ACCOUNT_MOVES)) {
      moved[table] = await this.moveRows(statement, userId, fromUserId);
    }
    moved.notification_preference = await this.moveRows(COPY_PREFERENCES, userId, fromUserId);
    moved.consent = await this.moveRows(COPY_CONSENTS, userId, fromUserId);
    return moved;
  }

  /** Gives each of two locked records the account of the other. */
  async exchangeAccounts(clientId: string, duplicateId: string): Promise<void> {
    const records = await this.db.rows<{ id: string; userId: string }>(
      'SELECT id, user_id AS "userId" FROM client WHERE id = ANY ($1::uuid[])',
      [[clientId, duplicateId]],
    );
    const getUserId = (id: string): string | undefined => records.find((record) => record.id === id)?.userId;
    const sql = 'UPDATE client SET user_id = $2 WHERE id = $1';
    await this.db.rows(sql, [duplicateId, null]);
    await this.db.rows(sql, [clientId, getUserId(duplicateId)]);
    await this.db.rows(sql, [duplicateId, getUserId(clientId)]);
  }

  /** From now on, the duplicate refers to the record that stays, and so do the records that were merged into the duplicate. */
  async markMerged(clientId: string, duplicateId: string): Promise<void> {
    const sql = 'UPDATE client SET merged_into_id = $1::uuid WHERE id = $2 OR merged_into_id = $2';
    await this.db.rows(sql, [clientId, duplicateId]);
  }

  /** @param version higher than that of both records, so that no reader takes an older state for the current one */
  async saveRecord(client: MergedRecord, version: number, now: Date): Promise<void> {
    const { id, sex } = client;
    const columns = await this.encryption.encryptClient(id, client);
    await this.db.repository(Client).update({ id }, { ...columns, sex: sex as Client['sex'], version, updatedAt: now });
  }

  async insert(client: MergedRecord, duplicate: MergedRecord, moved: MovedRows, values: MergeValues): Promise<void> {
    const id = newId();
    const [clientUserId, duplicateUserId] = [client.userId, duplicate.userId];
    const merge = { id, clientId: client.id, duplicateId: duplicate.id, clientUserId, duplicateUserId, moved };
    const encryptedValues = this.encryption.encryptMerge(id, values);
    // The default of the column is the beginning of the transaction, before it waited for the locks.
    const mergedAt = (): string => 'clock_timestamp()';
    await this.db.repository(ClientMerge).insert({ ...merge, encryptedValues, mergedAt });
  }

  /** What clinics have stored about both records. */
  async readClinicValues(clientId: string, duplicateId: string): Promise<ClinicValues[]> {
    const records = await this.readClinicRecords(clientId, duplicateId);
    return records.map(({ mrnIndex: _mrnIndex, ...values }) => values);
  }

  /** The table belongs to another feature. */
  readIdentities(userId: string): Promise<MergeValues['closed']['identities']> {
    return this.db.rows('SELECT provider, subject FROM provider_identity WHERE user_id = $1 ORDER BY id', [userId]);
  }

  private async readClinicRecords(clientId: string, duplicateId: string): Promise<DecryptedClinicRecord[]> {
    const rows = await this.db.repository(ClientClinic).findBy({ clientId: In([clientId, duplicateId]) });
    return rows.map((row) => ({
      clientId: row.clientId,
      clinicId: row.clinicId,
      registeredAt: row.registeredAt && row.registeredAt.toISOString(),
      mrnIndex: row.mrnIndex,
      ...this.encryption.decryptClinicTexts(row),
    }));
  }

  /**
   * Encrypts the record numbers and notes of moved rows for their new place, and joins the texts of clinics that know both records. A
   * number moves to a clinic record that has none. Otherwise the duplicate keeps its number: nobody else gets it, and a search for it finds
   * the record that stays. Its number is removed first, because a number is unique within a clinic.
   */
  private async reencryptClinicRecords(
    clientId: string,
    duplicateId: string,
    before: DecryptedClinicRecord[],
  ): Promise<void> {
    const records = this.db.repository(ClientClinic);
    for (const from of before.filter((record) => record.clientId === duplicateId)) {
      const { clinicId, mrnIndex } = from;
      const to = before.find((record) => record.clientId === clientId && record.clinicId === clinicId);
      const isRowMoved = to === undefined;
      const isNumberMoved = to !== undefined && to.mrn === null && from.mrn !== null;
      if (isNumberMoved) {
        await records.update({ clientId: duplicateId, clinicId }, { encryptedMrn: null, mrnIndex: null });
      }
      const { notes } = joinClinicTexts(to, from);
      const texts = this.encryption.encryptClinicTexts(clientId, clinicId, { mrn: from.mrn, notes });
      await records.update(
        { clientId, clinicId },
        isRowMoved || isNumberMoved ? { ...texts, mrnIndex } : { encryptedNotes: texts.encryptedNotes },
      );
    }
  }

  private async moveRows(statement: string, to: string, from: string): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(statement, [to, from]);
    return rows.map(({ id }) => id);
  }
}

const MOVE_APPOINTMENTS = `
  WITH locked AS (SELECT id FROM appointment WHERE client_id = $2 ORDER BY id FOR UPDATE)
  UPDATE appointment SET client_id = $1, version = version + 1, updated_at = now()
  WHERE id IN (SELECT id FROM locked) RETURNING id`;

// Visits at the same time whose common time is over (findOverlaps refuses others): it need not be reserved twice any more.
const RELEASE_PAST_OVERLAPS = `
  UPDATE reservation b SET active = false
  WHERE b.resource_id = $2::uuid AND b.active
    AND EXISTS (SELECT FROM reservation a WHERE a.resource_id = $1::uuid AND a.active AND a.during && b.during
                  AND a.group_id <> b.group_id)`;

const MOVE_RESERVATIONS = `UPDATE reservation SET resource_id = $1::uuid WHERE resource_id = $2::uuid AND kind = 'CLIENT'`;

/** Rows that belong to a patient record, by table. */
export const MOVES = {
  scan_set: 'UPDATE scan_set SET client_id = $1 WHERE client_id = $2 RETURNING id',
  scan: 'UPDATE scan SET client_id = $1 WHERE client_id = $2 RETURNING id',
  break_glass: 'UPDATE break_glass SET client_id = $1 WHERE client_id = $2 RETURNING id',
  queue_entry: 'UPDATE queue_entry SET client_id = $1 WHERE client_id = $2 RETURNING id',
  waitlist_entry: 'UPDATE waitlist_entry SET client_id = $1 WHERE client_id = $2 RETURNING id',
  // Both records may have a hold with the same number.
  hold: 'UPDATE hold SET client_id = $1, number = NULL WHERE client_id = $2 RETURNING id',
  payment: 'UPDATE payment SET client_id = $1 WHERE client_id = $2 RETURNING id',
  referral: 'UPDATE referral SET client_id = $1 WHERE client_id = $2 RETURNING id',
  // Not a link to the other record, nor one that the other record has too, or had until the front desk ended it.
  guardian: `
    UPDATE guardian g SET client_id = $1 WHERE g.client_id = $2 AND g.guardian_id <> $1 AND NOT EXISTS (
      SELECT FROM guardian h WHERE h.client_id = $1 AND h.guardian_id = g.guardian_id
        AND (h.ended_at IS NULL OR h.ended_at >= g.created_at)) RETURNING id`,
  'guardian.guardian_id': `
    UPDATE guardian g SET guardian_id = $1 WHERE g.guardian_id = $2 AND g.client_id <> $1 AND NOT EXISTS (
      SELECT FROM guardian h WHERE h.guardian_id = $1 AND h.client_id = g.client_id
        AND (h.ended_at IS NULL OR h.ended_at >= g.created_at)) RETURNING id`,
  stroke_assessment: 'UPDATE stroke_assessment SET client_id = $1 WHERE client_id = $2 RETURNING id',
  client_clinic: `
    UPDATE client_clinic x SET client_id = $1 WHERE x.client_id = $2
      AND NOT EXISTS (SELECT FROM client_clinic y WHERE y.client_id = $1 AND y.clinic_id = x.clinic_id)
    RETURNING clinic_id AS id`,
};

/** For clinics that know both records. */
const JOIN_CLINIC_RECORDS = `
  UPDATE client_clinic y SET
    registered_at = least(y.registered_at, x.registered_at), bookings = y.bookings + x.bookings
  FROM client_clinic x WHERE x.client_id = $2 AND y.client_id = $1 AND y.clinic_id = x.clinic_id`;

/** Rows that belong to an account, by table. */
export const ACCOUNT_MOVES = {
  // Not messages about the closed account itself.
  notification: `
    UPDATE notification n SET user_id = $1 WHERE n.user_id = $2
      AND NOT EXISTS (SELECT FROM account_link l WHERE l.id = n.id) RETURNING id`,
  favorite: `
    UPDATE favorite f SET user_id = $1 WHERE f.user_id = $2
      AND NOT EXISTS (SELECT FROM favorite g WHERE g.user_id = $1 AND g.doctor_id = f.doctor_id) RETURNING id`,
  conversation: 'UPDATE conversation SET user_id = $1 WHERE user_id = $2 RETURNING id',
  conversation_message: 'UPDATE conversation_message SET user_id = $1 WHERE user_id = $2 RETURNING id',
};

const COPY_PREFERENCES = `
  INSERT INTO notification_preference (user_id, channels, quiet_start, quiet_end)
  SELECT $1, channels, quiet_start, quiet_end FROM notification_preference WHERE user_id = $2 ON CONFLICT DO NOTHING RETURNING user_id AS id`;

/** Of each kind, the newest decision of both accounts is then in force. Consents are never changed, so they are copied. */
const COPY_CONSENTS = `
  INSERT INTO consent (user_id, kind, version, given, recorded_by, recorded_at)
  SELECT $1, x.kind, x.version, x.given, x.recorded_by, x.recorded_at
  FROM (SELECT DISTINCT ON (kind) * FROM consent WHERE user_id = $2 ORDER BY kind, sequence DESC) x
  WHERE NOT EXISTS (
    SELECT FROM consent y WHERE y.user_id = $1 AND y.kind = x.kind AND y.sequence > x.sequence)
  RETURNING kind AS id`;
