import { Injectable } from '@nestjs/common';
import { RateLimits } from '../../core/security/rate-limits.js';
import { SessionsRepository } from './sessions.repository.js';

/** One try to sign in, counted as a failure until it is taken back. */
export interface Try {
  takeBack(): Promise<void>;
}

/**
 * Guessing is slow: by address and account together, by account over all addresses, by address over all accounts.
 * Asked before any hashing. The limit on an account does not shut its owner out, on a device where it is signed in.
 */
@Injectable()
export class SignInLimits {
  constructor(
    private readonly limits: RateLimits,
    private readonly sessions: SessionsRepository,
  ) {}

  /** @throws DomainError RATE_LIMITED */
  async begin(email: string, ip: string | null): Promise<Try> {
    const address = ip ?? 'unknown';
    const both = `${address}|${email}`;
    await this.limits.consume('signInIp', address);
    await this.limits.consume('signInAddress', both);
    const exhausted = await this.limits.isExhausted('signInAccount', email);
    if (exhausted && !(await this.sessions.isKnownDevice(email, address))) throw exhausted;
    if (!exhausted) await this.limits.consume('signInAccount', email);
    return {
      takeBack: async () => {
        await this.limits.giveBack('signInIp', address);
        await this.limits.forget('signInAddress', both);
        if (!exhausted) await this.limits.giveBack('signInAccount', email);
      },
    };
  }

  async assertMayRegister(ip: string | null): Promise<void> {
    await this.limits.consume('registrationIp', ip ?? 'unknown');
  }

  async assertMayRefresh(ip: string | null): Promise<void> {
    await this.limits.consume('refreshIp', ip ?? 'unknown');
  }
}
