import { Injectable } from '@nestjs/common';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import { newId } from '../../core/kernel/id.js';
import { User } from './user.entity.js';

/** Makes transactions that count or create administrators wait for each other, until the transaction ends. */
export async function lockAdministrators(db: Database): Promise<void> {
  await db.rows(`SELECT pg_advisory_xact_lock(${lockKey('administrators', `'all'`)})`);
}

/** The ways into an account: sessions, identities at providers, second factor. Their tables belong to other features. */
@Injectable()
export class AccountAccessRepository {
  constructor(private readonly db: Database) {}

  /** Whether another administrator can sign in. Also locks the administrators until the transaction ends. */
  async hasOtherAdministrator(id: string): Promise<boolean> {
    await lockAdministrators(this.db);
    const row = await this.db.row(
      `SELECT 1 AS one FROM user_account
       WHERE role = 'ADMIN' AND deleted_at IS NULL AND id <> $1
         AND (password_hash IS NOT NULL OR email_verified_at IS NOT NULL OR has_identity) LIMIT 1`,
      [id],
    );
    return row !== null;
  }

  /** Changes the account first: a session that is opened at the same time either ends here or is refused because of the change. */
  async endSessions(userId: string, reason: string, except: string | null = null): Promise<string[]> {
    await this.db.repository(User).update({ id: userId }, { authorizationChangedAt: () => 'now()' });
    // The table belongs to another feature.
    const rows = await this.db.rows<{ id: string }>(
      `UPDATE session SET revoked_at = now(), revoked_reason = $2
       WHERE user_id = $1 AND revoked_at IS NULL AND ($3::uuid IS NULL OR id <> $3) RETURNING id`,
      [userId, reason, except],
    );
    return rows.map(({ id }) => id);
  }

  /** Removes the user's identities at providers. The table belongs to another feature. */
  async removeIdentities(userId: string): Promise<void> {
    await this.db.rows('DELETE FROM provider_identity WHERE user_id = $1', [userId]);
  }

  /** Restores identities that were removed; not one with which somebody else has signed in since. @returns whether the user has any */
  async restoreIdentities(
    userId: string,
    identities: readonly { provider: string; subject: string }[],
  ): Promise<boolean> {
    for (const { provider, subject } of identities) {
      await this.db.rows(
        'INSERT INTO provider_identity (id, user_id, provider, subject) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        [newId(), userId, provider, subject],
      );
    }
    return (await this.db.row('SELECT 1 AS one FROM provider_identity WHERE user_id = $1 LIMIT 1', [userId])) !== null;
  }

  /**
   * Removes the user's second factor, an unfinished setup and the recovery codes. The row stays, so that processes that start later know
   * the change. The tables belong to another feature.
   * @returns whether the second factor was switched on
   */
  async removeSecondFactor(userId: string): Promise<boolean> {
    const row = await this.db.row<{ wasEnabled: boolean }>(
      `UPDATE mfa_factor f SET secret = NULL, pending_secret = NULL, pending_at = NULL, enabled_at = NULL, changed_at = clock_timestamp()
       FROM (SELECT user_id, enabled_at FROM mfa_factor WHERE user_id = $1 FOR UPDATE) before
       WHERE f.user_id = before.user_id RETURNING before.enabled_at IS NOT NULL AS "wasEnabled"`,
      [userId],
    );
    await this.db.rows('DELETE FROM mfa_recovery_code WHERE user_id = $1', [userId]);
    return row?.wasEnabled ?? false;
  }

  /** When the second factor was last switched on or off; null for a user who has never had one. The table belongs to another feature. */
  async findFactorChange(userId: string): Promise<Date | null> {
    const row = await this.db.row<{ changedAt: Date }>(
      'SELECT changed_at AS "changedAt" FROM mfa_factor WHERE user_id = $1',
      [userId],
    );
    return row?.changedAt ?? null;
  }
}
