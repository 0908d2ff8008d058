import { Injectable } from '@nestjs/common';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import type { AppointmentStatus } from '../appointments/index.js';
import { type FieldWarning, type LegacyKind, LegacyRecord } from './legacy-record.entity.js';

/** A row that was migrated. */
export type MigratedRow = Pick<LegacyRecord, 'legacyKey' | 'targetId' | 'targetVersion' | 'checksum' | 'warnings'>;

/** The version in the record of a clinic that was here before the migration: a rollback does not remove it. */
export const NOT_CREATED = 0;

/** The checksum of a record that is not in the source by itself, such as the default service of a doctor: it is never missing there. */
export const NO_CHECKSUM = Buffer.alloc(0);

/** A visit as it is now. */
export interface MigratedVisit {
  start: Date;
  end: Date;
  status: AppointmentStatus;
  doctorId: string;
}

type NewRecord = Omit<LegacyRecord, 'createdAt' | 'warnings'> & { warnings?: FieldWarning[] };

/** The ids and versions of the rows of a kind that exist, with the parameter $1. The tables belong to other features. */
const VERSIONS: Record<LegacyKind, string> = {
  clinic: 'SELECT id, version FROM clinic WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL',
  service: 'SELECT id, version FROM service WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL',
  doctor: 'SELECT id, version FROM doctor WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL',
  user: `SELECT u.id, u.version + coalesce(c.version, 1) - 1 AS version
         FROM user_account u LEFT JOIN client c ON c.user_id = u.id WHERE u.id = ANY ($1::uuid[]) AND u.deleted_at IS NULL`,
  faq: 'SELECT id, version FROM faq WHERE id = ANY ($1::uuid[])',
  favorite: 'SELECT id, 1 AS version FROM favorite WHERE id = ANY ($1::uuid[])',
  scan: 'SELECT id, 1 AS version FROM scan WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL',
  visit: 'SELECT id, version FROM appointment WHERE id = ANY ($1::uuid[])',
};

/** Hand-written SQL where tables of several features are read. */
@Injectable()
export class LegacyRecordsRepository {
  constructor(private readonly db: Database) {}

  /** Lets only one process at a time migrate from a source, until the transaction ends. */
  async lock(source: string): Promise<void> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(${lockKey('legacy', '$1::text')})`, [source]);
  }

  async find(source: string, kind: LegacyKind, keys: readonly string[]): Promise<Map<string, MigratedRow>> {
    const rows = await this.db.rows<MigratedRow>(
      `SELECT legacy_key AS "legacyKey", target_id AS "targetId", target_version AS "targetVersion", checksum, warnings
       FROM legacy_record WHERE source = $1 AND kind = $2 AND legacy_key = ANY ($3::text[])`,
      [source, kind, keys],
    );
    return new Map(rows.map((row) => [row.legacyKey, row]));
  }

  async findTarget(source: string, kind: LegacyKind, key: string): Promise<string | null> {
    return (await this.find(source, kind, [key])).get(key)?.targetId ?? null;
  }

  /** The next records of a kind after a key, for rollback and to find what is missing in the source. */
  async listAfter(source: string, kind: LegacyKind, after: string | null, limit: number): Promise<MigratedRow[]> {
    return this.db.rows<MigratedRow>(
      `SELECT legacy_key AS "legacyKey", target_id AS "targetId", target_version AS "targetVersion", checksum, warnings
       FROM legacy_record WHERE source = $1 AND kind = $2 AND ($3::text IS NULL OR legacy_key > $3::text)
       ORDER BY legacy_key LIMIT $4`,
      [source, kind, after, limit],
    );
  }

  async insert(record: NewRecord): Promise<void> {
    await this.records.insert(record);
  }

  async update({ source, kind, legacyKey, ...columns }: NewRecord): Promise<void> {
    await this.records.update({ source, kind, legacyKey }, columns);
  }

  async remove(source: string, kind: LegacyKind, legacyKey: string): Promise<void> {
    await this.records.delete({ source, kind, legacyKey });
  }

  /** The versions of the targets that exist. */
  async getVersions(kind: LegacyKind, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.db.rows<{ id: string; version: number }>(VERSIONS[kind], [ids]);
    return new Map(rows.map(({ id, version }) => [id, version]));
  }

  /** Remembers the present version of a target that the migration has changed again. */
  async refreshVersion(source: string, kind: LegacyKind, legacyKey: string): Promise<void> {
    const targetId = await this.findTarget(source, kind, legacyKey);
    const targetVersion = targetId && (await this.getVersions(kind, [targetId])).get(targetId);
    if (targetVersion) await this.records.update({ source, kind, legacyKey }, { targetVersion });
  }

  /** Lets the current transaction wait for as long as files are read. */
  async allowLongTransaction(): Promise<void> {
    await this.db.rows(`SELECT set_config('idle_in_transaction_session_timeout', '0', true)`);
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** The patient of an account; null for other accounts. */
  async findClientId(userId: string): Promise<string | null> {
    const row = await this.db.row<{ id: string }>('SELECT id FROM client WHERE user_id = $1', [userId]);
    return row?.id ?? null;
  }

  /** The account with whose patient the patient of this account was merged; null if it was not. */
  async findMergedUser(userId: string): Promise<string | null> {
    const row = await this.db.row<{ userId: string }>(
      'SELECT k.user_id AS "userId" FROM client c JOIN client k ON k.id = c.merged_into_id WHERE c.user_id = $1',
      [userId],
    );
    return row?.userId ?? null;
  }

  /** Whether somebody signs in as the doctor. */
  async hasAccount(doctorId: string): Promise<boolean> {
    const row = await this.db.row('SELECT 1 AS one FROM doctor WHERE id = $1 AND user_id IS NOT NULL', [doctorId]);
    return row !== null;
  }

  findVisit(id: string): Promise<MigratedVisit | null> {
    return this.db.row<MigratedVisit>(
      `SELECT start_at AS start, end_at AS "end", status, doctor_id AS "doctorId" FROM appointment WHERE id = $1`,
      [id],
    );
  }

  private get records() {
    return this.db.repository(LegacyRecord);
  }
}
