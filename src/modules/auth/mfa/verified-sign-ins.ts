import { Injectable } from '@nestjs/common';
import { MfaRequirements } from '../../../core/security/mfa-requirements.js';
import type { SignInAccount } from '../../users/index.js';
import type { Device } from '../device.js';
import type { SignedIn } from '../session-tokens.js';
import { SessionsService } from '../sessions.service.js';
import { SecondFactor } from './second-factor.service.js';

export interface SignInOptions {
  otp?: string;
  /** For an API client that does not refresh: how long its access token and the session live. */
  tokenSeconds?: number | null;
  /** Refuses users who must set up a second factor first, for an API client in which they cannot. */
  refusesMissingMfa?: boolean;
  /** Runs in the transaction in which the code is used. */
  inTransaction?: () => Promise<void>;
}

class AccountChanged extends Error {}

/** Opens sessions for accounts whose first factor was checked, after the code of the second factor if they have one. */
@Injectable()
export class VerifiedSignIns {
  constructor(
    private readonly sessions: SessionsService,
    private readonly secondFactor: SecondFactor,
    private readonly requirements: MfaRequirements,
  ) {}

  /**
   * @returns null if the account was closed or changed since it was read; the code is then not used
   * @throws DomainError MFA_REQUIRED, MFA_INVALID, RATE_LIMITED; FORBIDDEN with `refusesMissingMfa`
   */
  async open(account: SignInAccount, device: Device, options: SignInOptions = {}): Promise<SignedIn | null> {
    const { otp, tokenSeconds = null, refusesMissingMfa, inTransaction } = options;
    const { id: userId, role, clinicIds } = account.user;
    if (refusesMissingMfa && this.requirements.isMissing({ userId, role, clinicIds }, account.hasSecondFactor)) {
      throw this.requirements.refusal();
    }
    if (!account.hasSecondFactor) return this.sessions.open(account, device, { tokenSeconds });
    try {
      return await this.secondFactor.check(account.user.id, otp, async () => {
        await inTransaction?.();
        const signedIn = await this.sessions.open(account, device, { tokenSeconds, usedSecondFactor: true });
        if (!signedIn) throw new AccountChanged();
        return signedIn;
      });
    } catch (error) {
      if (error instanceof AccountChanged) return null;
      throw error;
    }
  }
}
