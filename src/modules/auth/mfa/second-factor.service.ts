import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { Database } from '../../../core/database/database.js';
import { Clock } from '../../../core/kernel/clock.js';
import { FieldCipher } from '../../../core/security/field-cipher.js';
import { RateLimits, type LimitUse } from '../../../core/security/rate-limits.js';
import { mfaInvalid, mfaRequired } from './mfa.errors.js';
import { MfaRepository } from './mfa.repository.js';
import { findStep, hashRecoveryCode, readCode } from './one-time-codes.js';

const place = (userId: string): string => `mfa_factor.secret:${userId}`;

/**
 * Checks codes of the second factor. The limits count wrong codes of an account from all networks, so that they cannot be
 * guessed by somebody who knows the password.
 */
@Injectable()
export class SecondFactor {
  private readonly cipher: FieldCipher;

  constructor(
    private readonly db: Database,
    private readonly factors: MfaRepository,
    private readonly limits: RateLimits,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.cipher = FieldCipher.for(config, 'mfa-secrets');
  }

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
  async assertCodeOf(userId: string, encrypted: Buffer, otp: string): Promise<number> {
    return this.countingFailures(userId, () => {
      const step = this.findStep(userId, encrypted, otp);
      return step === null ? Promise.reject(mfaInvalid()) : Promise.resolve(step);
    });
  }

  encrypt(userId: string, secret: string): Buffer {
    return this.cipher.encrypt(secret, place(userId));
  }

  private async useCode(userId: string, secret: Buffer, otp: string): Promise<boolean> {
    const entered = readCode(otp);
    if (entered?.kind === 'RECOVERY') {
      return this.factors.useRecoveryCode(userId, hashRecoveryCode(userId, entered.code));
    }
    const step = this.findStep(userId, secret, otp);
    return step !== null && this.factors.useStep(userId, secret, step);
  }

  private findStep(userId: string, encrypted: Buffer, otp: string): number | null {
    const entered = readCode(otp);
    if (entered?.kind !== 'TOTP') return null;
    return findStep(String(this.cipher.decrypt(encrypted, place(userId))), entered.code, this.clock.now());
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
