import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import { isId, newId } from '../../../core/kernel/id.js';
import { readSignedText, signText } from '../../../core/security/signed-text.js';
import { deriveKey } from '../../../core/security/tokens.js';
import { SignInAccounts } from '../../users/index.js';
import type { Device } from '../device.js';
import type { SignedIn } from '../session-tokens.js';
import { PendingSignInsRepository } from './pending-sign-ins.repository.js';
import { VerifiedSignIns } from './verified-sign-ins.js';

/**
 * Sign-ins whose first factor was checked elsewhere, such as at an identity provider, and that wait for the code of the second
 * factor. The token has a key of its own, so no other route accepts it. It works once, for five minutes, and not after a change
 * of password, role or second factor.
 */
@Injectable()
export class PendingSignIns {
  private readonly key: KeyObject;

  constructor(
    private readonly pending: PendingSignInsRepository,
    private readonly accounts: SignInAccounts,
    private readonly signIns: VerifiedSignIns,
    config: Config,
  ) {
    this.key = deriveKey(config.JWT_SECRET, 'pending-sign-in');
  }

  /** @returns the token for `verify`; null if the account has no second factor, so that a session can be opened */
  async create(userId: string): Promise<string | null> {
    const account = await this.accounts.findById(userId);
    if (!account) throw notFound();
    if (!account.hasSecondFactor) return null;
    const id = newId();
    await this.pending.insert(id, userId, account.authorizationChangedAt);
    return signText(this.key, id);
  }

  /** @throws DomainError UNAUTHENTICATED for an unknown, used or expired token; MFA_INVALID, RATE_LIMITED */
  async verify(token: string, otp: string, device: Device): Promise<SignedIn> {
    const id = readSignedText(this.key, token);
    const userId = isId(id) ? await this.pending.findUser(id) : null;
    const account = userId === null ? null : await this.accounts.findById(userId);
    if (!id || !account?.hasSecondFactor) throw signInAgain();
    const inTransaction = async (): Promise<void> => {
      if (!(await this.pending.delete(id))) throw signInAgain();
    };
    const signedIn = await this.signIns.open(account, device, { otp, inTransaction });
    if (!signedIn) throw signInAgain();
    return signedIn;
  }
}

const signInAgain = (): DomainError =>
  new DomainError('UNAUTHENTICATED', 'This sign-in has expired or was already used. Sign in again.');
