import { createHmac, type KeyObject } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Config } from '../../core/config/config.js';
import { Database } from '../../core/database/database.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { RateLimits, type ExhaustedLimit } from '../../core/security/rate-limits.js';
import { deriveKey } from '../../core/security/tokens.js';
import { SessionsRepository } from './sessions.repository.js';

/** One try to sign in, counted as a failure until it is taken back. */
export interface Try {
  takeBack(): Promise<void>;
  /** Audits the failure. @param userId null where the address has no account */
  fail(userId: string | null): Promise<void>;
}

/**
 * Guessing is slow: by address and account together, by account over all addresses, by address over all accounts.
 * Asked before any hashing. The limit on an account does not shut its owner out, on a device where it is signed in.
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
  async begin(email: string, ip: string | null): Promise<Try> {
    const address = networkOf(ip);
    const account = this.nameless(email);
    const both = `${address}|${account}`;
    const byNetwork = { limit: 'signInIp', key: address } as const;
    const byBoth = { limit: 'signInAddress', key: both } as const;
    const byAccount = { limit: 'signInAccount', key: account } as const;
    const refusal = await this.limits.consumeInOrder([byNetwork, byBoth, byAccount]);
    if (refusal && !(await this.isOwnersDevice(refusal, email, ip))) throw refusal.error;
    return {
      takeBack: () => this.limits.takeBack(refusal ? [byNetwork] : [byNetwork, byAccount], [byBoth]),
      fail: (userId) => this.auditFailure(userId, account),
    };
  }

  private async isOwnersDevice({ limit }: ExhaustedLimit, email: string, ip: string | null): Promise<boolean> {
    return limit === 'signInAccount' && ip !== null && (await this.sessions.isKnownDevice(email, ip));
  }

  /** The address that was tried stands in the row as a hash: it may be anybody's. */
  private auditFailure(userId: string | null, account: string): Promise<void> {
    return this.db.transaction(() =>
      this.changes.record({
        action: 'session.sign-in-failed',
        objectType: 'user',
        objectId: userId ?? NIL_ID,
        changes: { account },
        event: null,
      }),
    );
  }

  /** Who tries to sign in is nothing for Redis or the audit log to hold. */
  private nameless(email: string): string {
    return createHmac('sha256', this.key).update(email).digest('base64url').slice(0, 22);
  }

  async assertMayRegister(ip: string | null): Promise<void> {
    await this.limits.consume('registrationIp', networkOf(ip));
  }

  async assertMayRefresh(ip: string | null): Promise<void> {
    await this.limits.consume('refreshIp', networkOf(ip));
  }
}

/** What one subscriber has: an IPv4 address, or 2^64 IPv6 addresses that count as one. */
export function networkOf(ip: string | null): string {
  if (!ip) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(ip)) return ip;
  const [left = '', right] = (ip.split('%')[0] ?? '').toLowerCase().split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right ? right.split(':') : [];
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(Math.max(0, zeros)).fill('0'), ...tail];
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
