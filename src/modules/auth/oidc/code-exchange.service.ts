import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { SignInAccounts } from '../../users/index.js';
import type { Device } from '../device.js';
import { PendingSignIns } from '../mfa/pending-sign-ins.js';
import { VerifiedSignIns } from '../mfa/verified-sign-ins.js';
import type { SignedIn } from '../session-tokens.js';
import { invalidCode } from './oidc.errors.js';
import { ProviderCodes, type CodeProof } from './provider-codes.js';

/** Exchanges the code of a sign-in at a provider for a session. */
@Injectable()
export class CodeExchangeService {
  constructor(
    private readonly db: Database,
    private readonly codes: ProviderCodes,
    private readonly accounts: SignInAccounts,
    private readonly pending: PendingSignIns,
    private readonly signIns: VerifiedSignIns,
  ) {}

  /**
   * @throws DomainError VALIDATION_ERROR; MFA_REQUIRED with `details.pendingToken` for an account with a second factor
   */
  async exchange(proof: CodeProof, device: Device): Promise<SignedIn> {
    const result = await this.db.transaction(async () => {
      const used = await this.codes.use(proof, 'SIGN_IN', null);
      const account = await this.accounts.findById(used.userId);
      if (account?.authorizationChangedAt !== used.authorizationChangedAt) throw invalidCode();
      const pendingToken = await this.pending.create(used.userId);
      return pendingToken ?? (await this.signIns.open(account, device));
    });
    if (result === null) throw invalidCode();
    // Thrown after the commit, so that the code stays used and the pending sign-in is stored.
    if (typeof result === 'string') throw secondFactorRequired(result);
    return result;
  }
}

const secondFactorRequired = (pendingToken: string): DomainError =>
  new DomainError('MFA_REQUIRED', 'This account needs a code. Send it to POST /auth/mfa/verify with `pendingToken`.', {
    pendingToken,
  });
