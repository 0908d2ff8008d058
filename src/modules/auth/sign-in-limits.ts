import { createHmac, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Config } from '../../core/config/config.js';
import { Database } from '../../core/database/database.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { RateLimits, type ExhaustedLimit } from '../../core/security/rate-limits.js';
import { deriveKey } from '../../core/security/tokens.js';
import { getNetwork } from './network.js';
import { SessionsRepository } from './sessions.repository.js';

/** A sign-in attempt. It counts against the limits until it succeeds. */
export interface SignInAttempt {
  /** Gives the points of the limits back. */
  succeed(): Promise<void>;
  /** Audits the failure, with a pseudonym of the address. @param userId null if the address is unknown */
  fail(userId: string | null): Promise<void>;
}

/**
 * Limits how fast passwords can be guessed: from one network for all accounts, from one network for one account, and from
 * all networks for one account. The points are taken before a password is hashed. The limit of one account does not lock
 * the owner out on an IP address from which they are signed in.
 */
@Injectable()
export class SignInLimits {
  private readonly key: KeyObject;

  constructor(
    private readonly limits: RateLimits,
    private readonly sessions: SessionsRepository,
    private readonly db: Database,
    private readonly changes: ChangeLog,
    config: Config,
  ) {
    this.key = deriveKey(config.JWT_SECRET, 'sign-in-names');
  }

  /** @throws DomainError RATE_LIMITED */
  async begin(email: string, ip: string | null): Promise<SignInAttempt> {
    const network = getNetwork(ip);
    const pseudonym = this.pseudonymize(email);
    const byNetwork = { limit: 'signInIp', key: network } as const;
    const byBoth = { limit: 'signInIpAndAccount', key: `${network}|${pseudonym}` } as const;
    const byAccount = { limit: 'signInAccount', key: pseudonym } as const;
    const refusal = await this.limits.consumeInOrder([byNetwork, byBoth, byAccount]);
    if (refusal && !(await this.mayExceedAccountLimit(refusal, email, ip))) throw refusal.error;
    return {
      succeed: () => this.limits.takeBack(refusal ? [byNetwork] : [byNetwork, byAccount], [byBoth]),
      fail: (userId) => this.auditFailure(userId, pseudonym),
    };
  }

  async assertMayRegister(ip: string | null): Promise<void> {
    await this.limits.consume('registrationIp', getNetwork(ip));
  }

  /**
   * Counts a request to reset a password, whether the address has an account or not. The limit of one address does not lock the owner
   * out on an IP address from which they signed in, and did not sign out. @returns the pseudonym of the address
   */
  async countResetRequest(email: string, ip: string | null): Promise<string> {
    const pseudonym = this.pseudonymize(email);
    const refusal = await this.limits.consumeInOrder([
      { limit: 'resetRequestIp', key: getNetwork(ip) },
      { limit: 'resetRequestAddress', key: pseudonym },
    ]);
    if (refusal && !(await this.mayExceedAddressLimit(refusal, email, ip))) throw refusal.error;
    return pseudonym;
  }

  /** Whether the owner of the account signed in from this IP address and did not sign out. */
  async isKnownIp(userId: string, ip: string | null): Promise<boolean> {
    return ip !== null && (await this.sessions.hasSessionFrom(ip, { userId }));
  }

  /** Limits how often a network can try tokens of links, and make this server hash passwords. @throws DomainError RATE_LIMITED */
  async assertMayUseLink(ip: string | null): Promise<void> {
    await this.limits.consume('accountLinkIp', getNetwork(ip));
  }

  async assertMayRefresh(ip: string | null): Promise<void> {
    await this.limits.consume('refreshIp', getNetwork(ip));
  }

  /** Limits how often a network can make this server call identity providers, or try codes. @throws DomainError RATE_LIMITED */
  async assertMayUseProvider(ip: string | null): Promise<void> {
    await this.limits.consume('providerIp', getNetwork(ip));
  }

  /** Whether only the limit of the account is exhausted, and the account has an open session from this IP address. */
  private async mayExceedAccountLimit({ limit }: ExhaustedLimit, email: string, ip: string | null): Promise<boolean> {
    return (
      limit === 'signInAccount' &&
      ip !== null &&
      (await this.sessions.hasSessionFrom(ip, { email }, { mustBeOpen: true }))
    );
  }

  /** Whether only the limit of the address is exhausted, and its verified owner signed in from this IP address. */
  private async mayExceedAddressLimit({ limit }: ExhaustedLimit, email: string, ip: string | null): Promise<boolean> {
    return (
      limit === 'resetRequestAddress' &&
      ip !== null &&
      (await this.sessions.hasSessionFrom(ip, { email }, { mustBeVerified: true }))
    );
  }

  /** The row contains the pseudonym of the address, since the address may belong to another person. */
  private auditFailure(userId: string | null, pseudonym: string): Promise<void> {
    return this.db.transaction(() =>
      this.changes.record({
        action: 'session.sign-in-failed',
        objectType: 'user',
        objectId: userId ?? NIL_ID,
        changes: { account: pseudonym },
        event: null,
      }),
    );
  }

  /** Redis and the audit log get no e-mail addresses of sign-in attempts. */
  private pseudonymize(email: string): string {
    return createHmac('sha256', this.key).update(email).digest('base64url').slice(0, 22);
  }
}
