import { Injectable } from '@nestjs/common';
import type { EncryptedColumn } from '../../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../../core/encryption/field-encryption.js';
import { Clock } from '../../../core/kernel/clock.js';
import { findStep, readCode } from './one-time-codes.js';

const SECRET: Omit<EncryptedColumn, 'column'> = {
  table: 'mfa_factor',
  key: { user_id: 'uuid' },
  purpose: 'mfa-secrets',
  // A pending secret becomes the secret as it is, so both columns have the same place.
  toAssociatedData: (userId) => `mfa_factor.secret:${userId}`,
};

export const MFA_SECRET: EncryptedColumn = { ...SECRET, column: 'secret' };
export const PENDING_MFA_SECRET: EncryptedColumn = { ...SECRET, column: 'pending_secret' };

/** Encrypts the secrets of authenticator apps, bound to their rows, and compares codes with them. */
@Injectable()
export class MfaSecrets {
  constructor(
    private readonly clock: Clock,
    private readonly encryption: FieldEncryption,
  ) {}

  encrypt(userId: string, secret: string): Buffer {
    return this.encryption.encrypt(PENDING_MFA_SECRET, secret, userId);
  }

  /** @returns the time step whose code it is; null for a wrong code */
  findStep(userId: string, encrypted: Buffer, otp: string): number | null {
    const entered = readCode(otp);
    if (entered?.kind !== 'TOTP') return null;
    return findStep(String(this.encryption.decrypt(MFA_SECRET, encrypted, userId)), entered.code, this.clock.now());
  }
}
