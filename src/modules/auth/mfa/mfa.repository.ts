import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { MfaRecoveryCode } from './mfa-recovery-code.entity.js';

interface Factor {
  secret: Buffer | null;
  pendingSecret: Buffer | null;
}

/** Hand-written SQL: codes are used by compare-and-set, and times come from the database's clock. */
@Injectable()
export class MfaRepository {
  constructor(private readonly db: Database) {}

  /** The secrets; a pending one only for half an hour. */
  find(userId: string): Promise<Factor | null> {
    return this.db.row<Factor>(
      `SELECT secret, CASE WHEN pending_at > now() - interval '30 minutes' THEN pending_secret END AS "pendingSecret"
       FROM mfa_factor WHERE user_id = $1`,
      [userId],
    );
  }

  async isEnabled(userId: string): Promise<boolean> {
    return (await this.find(userId))?.secret != null;
  }

  async setPending(userId: string, secret: Buffer): Promise<void> {
    await this.db.rows(
      `INSERT INTO mfa_factor (user_id, pending_secret, pending_at) VALUES ($1, $2, now())
       ON CONFLICT (user_id) DO UPDATE SET pending_secret = excluded.pending_secret, pending_at = now()`,
      [userId, secret],
    );
  }

  /** Makes the pending secret the account's secret, if it is still this one. @returns whether it was */
  async enable(userId: string, pending: Buffer, step: number): Promise<boolean> {
    const row = await this.db.row(
      `UPDATE mfa_factor SET secret = pending_secret, pending_secret = NULL, pending_at = NULL, last_step = $3, enabled_at = now(),
              changed_at = clock_timestamp()
       WHERE user_id = $1 AND pending_secret = $2 RETURNING user_id`,
      [userId, pending, step],
    );
    return row !== null;
  }

  /** Locks the factor against changes until the transaction ends. @returns whether it is switched on */
  async lockEnabled(userId: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT user_id FROM mfa_factor WHERE user_id = $1 AND secret IS NOT NULL FOR NO KEY UPDATE`,
      [userId],
    );
    return row !== null;
  }

  /** @returns whether it was switched on */
  async disable(userId: string): Promise<boolean> {
    const row = await this.db.row(
      `UPDATE mfa_factor SET secret = NULL, pending_secret = NULL, pending_at = NULL, enabled_at = NULL, changed_at = clock_timestamp()
       WHERE user_id = $1 AND secret IS NOT NULL RETURNING user_id`,
      [userId],
    );
    await this.db.repository(MfaRecoveryCode).delete({ userId });
    return row !== null;
  }

  /** Marks the codes up to this step as used, if the secret is still this one. @returns false if one of them was used before */
  async useStep(userId: string, secret: Buffer, step: number): Promise<boolean> {
    const row = await this.db.row(
      `UPDATE mfa_factor SET last_step = $3 WHERE user_id = $1 AND secret = $2 AND last_step < $3 RETURNING user_id`,
      [userId, secret, step],
    );
    return row !== null;
  }

  async useRecoveryCode(userId: string, codeHash: Buffer): Promise<boolean> {
    const { affected } = await this.db.repository(MfaRecoveryCode).delete({ userId, codeHash });
    return affected === 1;
  }

  async replaceRecoveryCodes(userId: string, hashes: Buffer[]): Promise<void> {
    const codes = this.db.repository(MfaRecoveryCode);
    await codes.delete({ userId });
    await codes.insert(hashes.map((codeHash) => ({ userId, codeHash })));
  }

  countRecoveryCodes(userId: string): Promise<number> {
    return this.db.repository(MfaRecoveryCode).countBy({ userId });
  }
}
