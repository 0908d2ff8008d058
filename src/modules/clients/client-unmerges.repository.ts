import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { ClientClinic } from './client-clinic.entity.js';
import { ClientMerge, type MovedRows } from './client-merge.entity.js';
import { ACCOUNT_MOVES, ClientMergesRepository, MOVES, type MergedRecord } from './client-merges.repository.js';
import { ClientsRepository } from './clients.repository.js';
import { undoJoinedTexts, type ClinicValues, type MergeValues } from './merge-values.js';
import { RecordEncryption } from './record-encryption.js';

/**
 * The keys of MOVES whose rows go back by their ids: a table, or a table and the column of the record if it is not `client_id`.
 * `restoreClinicRecords` restores the rows of clinics, which have no id.
 */
const RECORD_TABLES = Object.keys(MOVES).filter((table) => table !== 'client_clinic');

interface MergedAccounts {
  /** The account of the record that stayed. */
  userId: string;
  closedUserId: string;
  moved: MovedRows;
}

/** Moves the rows that a merge moved back to the duplicate. Hand-written SQL, as in ClientMergesRepository. */
@Injectable()
export class ClientUnmergesRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: RecordEncryption,
    private readonly clients: ClientsRepository,
    private readonly merges: ClientMergesRepository,
  ) {}

  /** The newest merge into the record that was not undone. */
  findNewest(clientId: string): Promise<ClientMerge | null> {
    const where = { clientId, undoneAt: IsNull() };
    return this.db.repository(ClientMerge).findOne({ where, order: { mergedAt: 'DESC', id: 'DESC' } });
  }

  /** Null if they were deleted, or if an earlier release merged. */
  decryptValues({ id, encryptedValues }: ClientMerge): MergeValues | null {
    return encryptedValues && this.encryption.decryptMerge(id, encryptedValues);
  }

  /** Locks both records with their accounts. @returns the record that stayed; null if its account is closed, or it was merged itself */
  async lockRecord(clientId: string, duplicateId: string): Promise<MergedRecord | null> {
    const records = await this.merges.lock([clientId, duplicateId]);
    return records.find(({ id }) => id === clientId) ?? null;
  }

  saveRecord(client: MergedRecord, version: number, now: Date): Promise<void> {
    return this.merges.saveRecord(client, version, now);
  }

  async markUndone({ id }: ClientMerge, undoneAt: Date): Promise<void> {
    await this.db.repository(ClientMerge).update({ id }, { undoneAt, encryptedValues: null });
  }

  /** Makes the duplicate a record of its own again, with the records that had been merged into it. */
  async separate(
    { clientId, duplicateId }: ClientMerge,
    { exchangesAccounts, now }: { exchangesAccounts: boolean; now: Date },
  ): Promise<void> {
    if (exchangesAccounts) await this.merges.exchangeAccounts(clientId, duplicateId);
    await this.db.rows(
      'UPDATE client SET merged_into_id = NULL, version = version + 1, updated_at = $2 WHERE id = $1',
      [duplicateId, now],
    );
    await this.db.rows(
      `WITH RECURSIVE own AS (
         SELECT m.duplicate_id AS id FROM client_merge m WHERE m.client_id = $1 AND m.undone_at IS NULL
         UNION SELECT m.duplicate_id FROM own JOIN client_merge m ON m.client_id = own.id AND m.undone_at IS NULL)
       UPDATE client SET merged_into_id = $1 WHERE id IN (SELECT id FROM own)`,
      [duplicateId],
    );
  }

  /** Rows that were created after the merge stay; a scan set stays complete. @returns the ids of the rows that went back, by table */
  async moveBack(clientId: string, duplicateId: string, moved: MovedRows): Promise<MovedRows> {
    const back: MovedRows = {};
    back.appointment = await this.rows(APPOINTMENTS_BACK, clientId, duplicateId, moved.appointment);
    for (const key of RECORD_TABLES) {
      const [table, column = 'client_id'] = key.split('.');
      const sql = `UPDATE ${table} SET ${column} = $2 WHERE ${column} = $1 AND id = ANY ($3::uuid[]) RETURNING id`;
      back[key] = await this.rows(sql, clientId, duplicateId, moved[key]);
    }
    await this.rows(SET_IMAGES_BACK, clientId, duplicateId, back.scan_set);
    await this.rows(RESERVATIONS_BACK, clientId, duplicateId, [...back.appointment, ...(back.hold ?? [])]);
    return back;
  }

  /** As `moveBack`, for what belongs to an account. A conversation stays complete. */
  async moveAccountRowsBack({ userId, closedUserId, moved }: MergedAccounts): Promise<MovedRows> {
    const back: MovedRows = {};
    for (const table of Object.keys(ACCOUNT_MOVES)) {
      const sql = `UPDATE ${table} SET user_id = $2 WHERE user_id = $1 AND id = ANY ($3::uuid[]) RETURNING id`;
      back[table] = await this.rows(sql, userId, closedUserId, moved[table]);
    }
    await this.rows(MESSAGES_BACK, userId, closedUserId, back.conversation);
    await this.rows(REMOVE_COPIED_PREFERENCES, userId, closedUserId, moved.notification_preference);
    return back;
  }

  /** @param recordedBy who undoes the merge, for decisions that the account did not make itself */
  async restoreConsents(merge: MergedAccounts, recordedBy: string, now: Date): Promise<void> {
    const { userId, closedUserId, moved } = merge;
    await this.db.rows(RESTORE_CONSENTS, [userId, closedUserId, moved.consent ?? [], recordedBy, now]);
  }

  /** Gives both records what each clinic had stored about them. What a clinic changed after the merge stays with the record that stayed. */
  async restoreClinicRecords({ clientId, duplicateId }: ClientMerge, before: readonly ClinicValues[]): Promise<void> {
    const records = this.db.repository(ClientClinic);
    for (const from of before.filter((values) => values.clientId === duplicateId)) {
      const { clinicId } = from;
      const own = before.find((values) => values.clientId === clientId && values.clinicId === clinicId);
      const row = await records.findOneBy({ clientId, clinicId });
      if (!row) continue;
      const texts = undoJoinedTexts(this.encryption.decryptClinicTexts(row), own, from);
      // Before the duplicate gets its number back: a record number is unique within a clinic.
      await this.clients.saveClinicRecord(clientId, clinicId, texts);
      await this.restoreClinicRecord(from, row.bookings);
      const hasTexts = texts.mrn !== null || texts.notes !== null;
      const registeredAt = own ? own.registeredAt : hasTexts ? row.registeredAt : null;
      await records.update({ clientId, clinicId }, { registeredAt });
      if (!own && !hasTexts) await this.db.rows(REMOVE_CLINIC_WITHOUT_VISITS, [clientId, clinicId]);
    }
  }

  /** Gives the duplicate what the clinic had stored about it, without a number that another patient has got since. */
  private async restoreClinicRecord(record: ClinicValues, bookings: number): Promise<void> {
    const { clientId, clinicId, registeredAt, mrn, notes } = record;
    await this.db.rows(
      `INSERT INTO client_clinic (client_id, clinic_id, registered_at, bookings) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [clientId, clinicId, registeredAt, bookings],
    );
    const isNumberTaken = mrn !== null && (await this.clients.isMrnTaken(mrn, clinicId, clientId));
    await this.clients.saveClinicRecord(clientId, clinicId, { mrn: isNumberTaken ? null : mrn, notes });
  }

  private async rows(sql: string, from: string, to: string, ids: readonly string[] = []): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows = await this.db.rows<{ id: string }>(sql, [from, to, ids]);
    return rows.map(({ id }) => id);
  }
}

const APPOINTMENTS_BACK = `
  WITH locked AS (SELECT id FROM appointment WHERE client_id = $1 AND id = ANY ($3::uuid[]) ORDER BY id FOR UPDATE)
  UPDATE appointment SET client_id = $2, version = version + 1, updated_at = now()
  WHERE id IN (SELECT id FROM locked) RETURNING id`;

/** Images that were added to a set after the merge. */
const SET_IMAGES_BACK = `
  UPDATE scan SET client_id = $2 WHERE client_id = $1 AND scan_set_id = ANY ($3::uuid[]) RETURNING id`;

const RESERVATIONS_BACK = `
  UPDATE reservation SET resource_id = $2::uuid
  WHERE resource_id = $1::uuid AND kind = 'CLIENT' AND appointment_id = ANY ($3::uuid[]) RETURNING appointment_id AS id`;

/** Messages that were written in a conversation after the merge. */
const MESSAGES_BACK = `
  UPDATE conversation_message SET user_id = $2 WHERE user_id = $1 AND conversation_id = ANY ($3::uuid[]) RETURNING id`;

/** Unless they were changed after the merge. */
const REMOVE_COPIED_PREFERENCES = `
  DELETE FROM notification_preference p USING notification_preference q
  WHERE p.user_id = $1 AND q.user_id = $2 AND p.user_id = ANY ($3::uuid[])
    AND (p.channels, p.quiet_start, p.quiet_end) IS NOT DISTINCT FROM (q.channels, q.quiet_start, q.quiet_end)
  RETURNING p.user_id AS id`;

/**
 * Consents are never changed: the decision before the copied one is recorded again, unless there is a newer one. Without an earlier
 * decision, everything is allowed again (see Consent), with the version 'undone-merge', which no text has.
 */
const RESTORE_CONSENTS = `
  INSERT INTO consent (user_id, kind, version, given, recorded_by, recorded_at)
  SELECT copied.user_id, copied.kind, coalesce(earlier.version, 'undone-merge'), coalesce(earlier.given, true),
         coalesce(earlier.recorded_by, $4::uuid), coalesce(earlier.recorded_at, $5::timestamptz)
  FROM (SELECT DISTINCT ON (kind) * FROM consent WHERE user_id = $1 AND kind = ANY ($3::text[])
        ORDER BY kind, sequence DESC) copied
  LEFT JOIN LATERAL (SELECT * FROM consent c WHERE c.user_id = $1 AND c.kind = copied.kind AND c.sequence < copied.sequence
                     ORDER BY c.sequence DESC LIMIT 1) earlier ON true
  WHERE EXISTS (SELECT FROM consent d
                WHERE d.user_id = $2 AND d.kind = copied.kind AND d.recorded_at = copied.recorded_at)`;

const REMOVE_CLINIC_WITHOUT_VISITS = `
  DELETE FROM client_clinic x WHERE x.client_id = $1 AND x.clinic_id = $2
    AND NOT EXISTS (SELECT FROM appointment a WHERE a.client_id = x.client_id AND a.clinic_id = x.clinic_id)`;
