import { Injectable } from '@nestjs/common';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import { RecordEncryption } from '../clients/index.js';
import { AccountContacts } from '../users/index.js';

/** The account of a patient who claims a record. */
export interface Claimant {
  email: string | null;
  isVerified: boolean;
  clientId: string;
  /** Of the account's own record, as YYYY-MM-DD. */
  dateOfBirth: string | null;
  /** Whether a clinic created the account's own record: the patient accepted an invitation to it, or has claimed it. */
  hasDeskRecord: boolean;
}

/** A record that the front desk created, which nobody signs in with. */
export interface ClaimableRecord {
  clientId: string;
  /** YYYY-MM-DD */
  dateOfBirth: string | null;
}

/** Hand-written SQL: the tables belong to other features. */
@Injectable()
export class ClaimsRepository {
  constructor(
    private readonly db: Database,
    private readonly contacts: AccountContacts,
    private readonly records: RecordEncryption,
  ) {}

  async findClaimant(userId: string): Promise<Claimant | null> {
    type Row = Omit<Claimant, 'email' | 'dateOfBirth'> & { email: Buffer | null; dateOfBirth: Buffer | null };
    const row = await this.db.row<Row>(
      `SELECT u.email, u.email_verified_at IS NOT NULL AS "isVerified", c.id AS "clientId",
              c.date_of_birth AS "dateOfBirth",
              (EXISTS (SELECT FROM audit_log l WHERE l.object_type = 'client' AND l.object_id = c.id
                         AND l.action IN ('client.created', 'client.claimed'))
               OR EXISTS (SELECT FROM audit_log l WHERE l.object_type = 'user' AND l.object_id = u.id
                            AND l.action = 'user.invitation-accepted')) AS "hasDeskRecord"
       FROM user_account u JOIN client c ON c.user_id = u.id WHERE u.id = $1 AND u.role = 'CLIENT' AND u.deleted_at IS NULL`,
      [userId],
    );
    if (!row) return null;
    const dateOfBirth = this.records.decryptDateOfBirth(row.clientId, row.dateOfBirth);
    return { ...row, email: this.contacts.readEmail(userId, row.email), dateOfBirth };
  }

  /** Locks the address for claims until the transaction ends. */
  async lockAddress(email: string): Promise<void> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(${lockKey('claims-of-address', '$1::text')})`, [email]);
  }

  /** Locks both records and their accounts until the transaction ends, in the order in which a merge does. */
  async lockRecords(clientIds: readonly [string, string]): Promise<void> {
    await this.db.rows('SELECT id FROM client WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE', [clientIds]);
    await this.db.rows(
      `SELECT id FROM user_account WHERE id IN (SELECT user_id FROM client WHERE id = ANY ($1::uuid[])) ORDER BY id FOR NO KEY UPDATE`,
      [clientIds],
    );
  }

  /** The records of the front desk with this address: at most two, since a second one already makes it ambiguous. */
  async findRecords(email: string): Promise<ClaimableRecord[]> {
    const rows = await this.db.rows<{ clientId: string; dateOfBirth: Buffer | null }>(
      `SELECT c.id AS "clientId", c.date_of_birth AS "dateOfBirth"
       FROM user_account u JOIN client c ON c.user_id = u.id
       WHERE u.email_index = $1 AND u.role = 'CLIENT' AND u.password_hash IS NULL AND NOT u.has_identity AND u.email_verified_at IS NULL
         AND u.deleted_at IS NULL LIMIT 2`,
      [await this.contacts.emailIndex(email)],
    );
    return rows.map(({ clientId, dateOfBirth }) => ({
      clientId,
      dateOfBirth: this.records.decryptDateOfBirth(clientId, dateOfBirth),
    }));
  }

  /** When the record was claimed with a wrong birth date, the newest first. */
  async listRefusals(clientId: string, since: Date, limit: number): Promise<Date[]> {
    const rows = await this.db.rows<{ at: Date }>(
      `SELECT occurred_at AS at FROM audit_log
       WHERE object_type = 'client' AND object_id = $1 AND action = 'client.claim-refused' AND occurred_at > $2
       ORDER BY occurred_at DESC LIMIT $3`,
      [clientId, since, limit],
    );
    return rows.map(({ at }) => at);
  }
}
