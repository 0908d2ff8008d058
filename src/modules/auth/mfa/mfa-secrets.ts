import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { Clock } from '../../../core/kernel/clock.js';
import { FieldCipher } from '../../../core/security/field-cipher.js';
import { findStep, readCode } from './one-time-codes.js';

const toCipherContext = (userId: string): string => `mfa_factor.secret:${userId}`;

/** Encrypts the secrets of authenticator apps, bound to their rows, and compares codes with them. */
@Injectable()
export class MfaSecrets {
  private readonly cipher: FieldCipher;

  constructor(
    private readonly clock: Clock,
    config: Config,
  ) {
    this.cipher = FieldCipher.for(config, 'mfa-secrets');
  }

  encrypt(userId: string, secret: string): Buffer {
    return this.cipher.encrypt(secret, toCipherContext(userId));
  }

  /** @returns the time step whose code it is; null for a wrong code */
  findStep(userId: string, encrypted: Buffer, otp: string): number | null {
    const entered = readCode(otp);
    if (entered?.kind !== 'TOTP') return null;
    return findStep(String(this.cipher.decrypt(encrypted, toCipherContext(userId))), entered.code, this.clock.now());
  }
}
