import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { newId } from '../../core/kernel/id.js';
import { ClientClinic } from './client-clinic.entity.js';
import { ClientMerge, type MovedRows } from './client-merge.entity.js';

/** A patient record with what a merge needs of its account. */
export interface MergedRecord {
  id: string;
  userId: string;
  recordVersion: number;
  accountVersion: number;
  dateOfBirth: string | null;
  sex: string | null;
  address: string | null;
  emergencyContact: string | null;
  firstName: string;
  lastName: string;
  phone: string | null;
  signsIn: boolean;
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
  constructor(private readonly db: Database) {}

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
    return this.db.rows<MergedRecord>(
      `SELECT c.id, u.id AS "userId", c.version AS "recordVersion", u.version AS "accountVersion",
              to_char(c.date_of_birth, 'YYYY-MM-DD') AS "dateOfBirth", c.sex, c.address,
              c.emergency_contact AS "emergencyContact", u.first_name AS "firstName", u.last_name AS "lastName", u.phone,
              (u.password_hash IS NOT NULL OR u.has_identity OR u.email_verified_at IS NOT NULL) AS "signsIn"
       FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
       WHERE c.id = ANY ($1::uuid[]) AND c.merged_into_id IS NULL`,
      [ids],
    );
  }

  /** Visits at the same time that are not over. Visits of the same group session do not count. */
  findOverlaps(clientId: string, duplicateId: string): Promise<VisitPair[]> {
    return this.db.rows<VisitPair>(
      `SELECT a.appointment_id AS "clientAppointmentId", b.appointment_id AS "duplicateAppointmentId"
       FROM reservation a JOIN reservation b ON b.resource_id = $2::uuid AND b.active AND b.during && a.during
         AND b.group_id <> a.group_id
       WHERE a.resource_id = $1::uuid AND a.active AND upper(a.during * b.during) > now() ORDER BY lower(b.during)`,
      [clientId, duplicateId],
    );
  }

  /** Moves everything of the duplicate to the other record. @returns the ids of the moved rows, by table */
  async move(clientId: string, duplicateId: string): Promise<MovedRows> {
    const moved: MovedRows = {};
    // Before their reservations: a concurrent reschedule locks the visit first, too.
    moved.appointment = await this.moveRows(MOVE_APPOINTMENTS, clientId, duplicateId);
    await this.db.rows(RELEASE_PAST_OVERLAPS, [clientId, duplicateId]);
    await this.db.rows(MOVE_RESERVATIONS, [clientId, duplicateId]);
    for (const [table, statement] of Object.entries(MOVES)) {
      moved[table] = await this.moveRows(statement, clientId, duplicateId);
    }
    await this.db.rows(JOIN_CLINIC_RECORDS, [clientId, duplicateId]);
    moved['client_clinic.mrn'] = await this.moveNumbers(clientId, duplicateId);
    return moved;
  }

  /** Moves what belongs to an account rather than to a patient record. @returns the ids of the moved rows, by table */
  async moveAccountRows(userId: string, fromUserId: string): Promise<MovedRows> {
    const moved: MovedRows = {};
    for (const [table, statement] of Object.entries(ACCOUNT_MOVES)) {
      moved[table] = await this.moveRows(statement, userId, fromUserId);
    }
    await this.db.rows(COPY_PREFERENCES, [userId, fromUserId]);
    await this.db.rows(COPY_CONSENTS, [userId, fromUserId]);
    return moved;
  }

  /** Gives the account to the record that stays, and the other one to the duplicate, which refers to that record from now on. */
  async exchangeAccounts(client: MergedRecord, duplicate: MergedRecord, userId: string): Promise<void> {
    if (userId !== client.userId) {
      await this.db.rows('UPDATE client SET user_id = NULL WHERE id = $1', [duplicate.id]);
      await this.db.rows('UPDATE client SET user_id = $2 WHERE id = $1', [client.id, userId]);
      await this.db.rows('UPDATE client SET user_id = $2 WHERE id = $1', [duplicate.id, client.userId]);
    }
    await this.db.rows('UPDATE client SET merged_into_id = $1::uuid WHERE id = $2 OR merged_into_id = $2', [
      client.id,
      duplicate.id,
    ]);
  }

  /** @param version higher than that of both records, so that no reader takes an older state for the current one */
  async saveRecord(client: MergedRecord, version: number, now: Date): Promise<void> {
    const { id, dateOfBirth, sex, address, emergencyContact } = client;
    await this.db.rows(
      `UPDATE client SET date_of_birth = $2, sex = $3, address = $4, emergency_contact = $5, version = $6, updated_at = $7
       WHERE id = $1`,
      [id, dateOfBirth, sex, address, emergencyContact, version, now],
    );
  }

  async insert(client: MergedRecord, duplicate: MergedRecord, moved: MovedRows): Promise<void> {
    const id = newId();
    const [clientUserId, duplicateUserId] = [client.userId, duplicate.userId];
    const merge = { id, clientId: client.id, duplicateId: duplicate.id, clientUserId, duplicateUserId, moved };
    await this.db.repository(ClientMerge).insert(merge);
  }

  /**
   * Moves record numbers to clinic records that have none. Otherwise the duplicate keeps its number: nobody else gets it, and a search
   * for it finds the record that stays. Two statements, because a number is unique within a clinic.
   * @returns the clinics
   */
  private async moveNumbers(clientId: string, duplicateId: string): Promise<string[]> {
    const numbers = await this.db.rows<{ clinicId: string; mrn: string }>(
      `SELECT x.clinic_id AS "clinicId", x.mrn
       FROM client_clinic x JOIN client_clinic y ON y.client_id = $1 AND y.clinic_id = x.clinic_id AND y.mrn IS NULL
       WHERE x.client_id = $2 AND x.mrn IS NOT NULL`,
      [clientId, duplicateId],
    );
    const clinicIds = numbers.map(({ clinicId }) => clinicId);
    const records = this.db.repository(ClientClinic);
    await records.update({ clientId: duplicateId, clinicId: In(clinicIds) }, { mrn: null });
    for (const { clinicId, mrn } of numbers) await records.update({ clientId, clinicId }, { mrn });
    return clinicIds;
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

const MOVES = {
  scan: 'UPDATE scan SET client_id = $1 WHERE client_id = $2 RETURNING id',
  break_glass: 'UPDATE break_glass SET client_id = $1 WHERE client_id = $2 RETURNING id',
  stroke_assessment: 'UPDATE stroke_assessment SET client_id = $1 WHERE client_id = $2 RETURNING id',
  client_clinic: `
    UPDATE client_clinic x SET client_id = $1 WHERE x.client_id = $2
      AND NOT EXISTS (SELECT FROM client_clinic y WHERE y.client_id = $1 AND y.clinic_id = x.clinic_id)
    RETURNING clinic_id AS id`,
};

/** For clinics that know both records. */
const JOIN_CLINIC_RECORDS = `
  UPDATE client_clinic y SET
    notes = CASE WHEN x.notes IS NULL OR x.notes = y.notes THEN y.notes ELSE concat_ws(E'\\n\\n', y.notes, x.notes) END,
    registered_at = least(y.registered_at, x.registered_at), bookings = y.bookings + x.bookings
  FROM client_clinic x WHERE x.client_id = $2 AND y.client_id = $1 AND y.clinic_id = x.clinic_id`;

const ACCOUNT_MOVES = {
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
  SELECT $1, channels, quiet_start, quiet_end FROM notification_preference WHERE user_id = $2 ON CONFLICT DO NOTHING`;

/** Of each kind, the newest decision of both accounts is then in force. Consents are never changed, so they are copied. */
const COPY_CONSENTS = `
  INSERT INTO consent (user_id, kind, version, given, recorded_by, recorded_at)
  SELECT $1, x.kind, x.version, x.given, x.recorded_by, x.recorded_at
  FROM (SELECT DISTINCT ON (kind) * FROM consent WHERE user_id = $2 ORDER BY kind, sequence DESC) x
  WHERE NOT EXISTS (
    SELECT FROM consent y WHERE y.user_id = $1 AND y.kind = x.kind AND y.sequence > x.sequence)`;
