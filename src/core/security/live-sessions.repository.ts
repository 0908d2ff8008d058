import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { ClinicMfaPolicy } from './mfa-requirements.js';

/**
 * Reads the changes that access tokens in use do not contain, and sends them to the other processes. Hand-written SQL: NOTIFY, and reads
 * of several columns of tables whose entities belong to features.
 */
@Injectable()
export class LiveSessionsRepository {
  constructor(private readonly db: Database) {}

  /** Notifies the other processes at the commit of the current transaction, and calls `onCommit` in this one. */
  async notify(channel: string, payload: string, onCommit: () => void): Promise<void> {
    await this.db.rows('SELECT pg_notify($1, $2)', [channel, payload]);
    this.db.afterCommit(onCommit);
  }

  async findEndedSessions(seconds: number): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM session WHERE revoked_at > now() - make_interval(secs => $1)`,
      [seconds],
    );
    return rows.map(({ id }) => id);
  }

  /** The clinics of the people whose role or clinics have changed. */
  findChangedClinics(seconds: number): Promise<{ user: string; version: number; clinics: string[] }[]> {
    return this.db.rows(
      `SELECT u.id AS "user", u.version, coalesce(array_agg(c.clinic_id) FILTER (WHERE c.clinic_id IS NOT NULL), '{}') AS clinics
       FROM user_account u LEFT JOIN user_clinic c ON c.user_id = u.id
       WHERE u.authorization_changed_at > now() - make_interval(secs => $1) AND u.role <> 'CLIENT' GROUP BY u.id`,
      [seconds],
    );
  }

  /** The patient records of users whose record was merged, or whose merge was undone. */
  findMergedClients(seconds: number): Promise<{ user: string; version: number; client: string }[]> {
    return this.db.rows(
      `SELECT u.id AS "user", u.version, c.id AS client
       FROM client_merge m JOIN client c ON c.id IN (m.client_id, m.duplicate_id) JOIN user_account u ON u.id = c.user_id
       WHERE (m.merged_at > now() - make_interval(secs => $1) OR m.undone_at > now() - make_interval(secs => $1))
         AND c.merged_into_id IS NULL`,
      [seconds],
    );
  }

  /**
   * The policies that require a second factor, and those of known clinics, which may no longer require one. The version of a deleted
   * clinic is one higher, as in the announcement of its deletion.
   */
  findMfaPolicies(knownClinicIds: readonly string[]): Promise<ClinicMfaPolicy[]> {
    return this.db.rows(
      `SELECT id AS "clinicId", version + (deleted_at IS NOT NULL)::int AS version,
              CASE WHEN deleted_at IS NULL THEN mfa_required_roles ELSE '{}' END AS roles
       FROM clinic WHERE mfa_required_roles <> '{}' OR id = ANY ($1::uuid[])`,
      [knownClinicIds],
    );
  }

  findChangedFactors(seconds: number): Promise<{ userId: string; hasFactor: boolean; changedAt: Date }[]> {
    return this.db.rows(
      `SELECT user_id AS "userId", enabled_at IS NOT NULL AS "hasFactor", changed_at AS "changedAt" FROM mfa_factor
       WHERE changed_at > now() - make_interval(secs => $1)`,
      [seconds],
    );
  }

  /** When the second factor of a user was last switched on or off; null for a user who has never had one. */
  async findFactorChange(userId: string): Promise<Date | null> {
    const row = await this.db.row<{ changedAt: Date }>(
      'SELECT changed_at AS "changedAt" FROM mfa_factor WHERE user_id = $1',
      [userId],
    );
    return row?.changedAt ?? null;
  }
}
