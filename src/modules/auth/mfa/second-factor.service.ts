import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { RateLimits, type LimitUse } from '../../../core/security/rate-limits.js';
import { MfaChanges } from './mfa-changes.js';
import { mfaInvalid, mfaRequired } from './mfa.errors.js';
import { MfaRepository } from './mfa.repository.js';
import { MfaSecrets } from './mfa-secrets.js';
import { hashRecoveryCode, readCode } from './one-time-codes.js';

/**
 * Checks codes of the second factor. The limits count wrong codes of an account from all networks, so that they cannot be
 * guessed by somebody who knows the password.
 */
@Injectable()
export class SecondFactor {
  constructor(
    private readonly db: Database,
    private readonly factors: MfaRepository,
    private readonly limits: RateLimits,
    private readonly secrets: MfaSecrets,
    private readonly changes: MfaChanges,
  ) {}

  isEnabled(userId: string): Promise<boolean> {
    return this.factors.isEnabled(userId);
  }

  /**
   * Uses the code of an account that has a second factor, and does the work in the same transaction: if that fails, the code is
   * not used. Other accounts need no code.
   * @throws DomainError MFA_REQUIRED without a code, MFA_INVALID, RATE_LIMITED after ten wrong codes
   */
  async check<T>(userId: string, otp: string | undefined, work: () => Promise<T>): Promise<T> {
    const secret = (await this.factors.find(userId))?.secret;
    if (!secret) return work();
    if (otp === undefined) throw mfaRequired();
    return this.countingFailures(userId, () =>
      this.db.transaction(async () => {
        if (!(await this.useCode(userId, secret, otp))) throw mfaInvalid();
        return work();
      }),
    );
  }

  /** @returns the time step of a right code of this encrypted secret @throws DomainError MFA_INVALID, RATE_LIMITED */
  async verifyCode(userId: string, encrypted: Buffer, otp: string): Promise<number> {
    return this.countingFailures(userId, () => {
      const step = this.secrets.findStep(userId, encrypted, otp);
      return step === null ? Promise.reject(mfaInvalid()) : Promise.resolve(step);
    });
  }

  encrypt(userId: string, secret: string): Buffer {
    return this.secrets.encrypt(userId, secret);
  }

  private async useCode(userId: string, secret: Buffer, otp: string): Promise<boolean> {
    const entered = readCode(otp);
    if (entered?.kind === 'RECOVERY') {
      if (!(await this.factors.useRecoveryCode(userId, hashRecoveryCode(userId, entered.code)))) return false;
      await this.changes.recordUsedRecoveryCode(userId);
      return true;
    }
    const step = this.secrets.findStep(userId, secret, otp);
    return step !== null && this.factors.useStep(userId, secret, step);
  }

  /** The points are taken before the check, so that parallel attempts count. */
  private async countingFailures<T>(userId: string, check: () => Promise<T>): Promise<T> {
    const short: LimitUse = { limit: 'mfaCodes', key: userId };
    const long: LimitUse = { limit: 'mfaCodesPerDay', key: userId };
    const refusal = await this.limits.consumeInOrder([short, long]);
    if (refusal) throw refusal.error;
    const result = await check();
    await this.limits.takeBack([long], [short]);
    return result;
  }
}
