import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SingleFlight } from '../../core/concurrency/single-flight.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import type { ApiKeyVerifier as Verifier } from '../../core/security/api-key-authenticator.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import { isForApiKeys } from '../../core/security/permissions.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import type { VerifiedToken } from '../../core/security/tokens.js';
import { ApiKeyActivity, type RefusalReason } from './api-key-activity.js';
import { hashKey, readKeyId } from './api-key-format.js';
import { ApiKeysRepository, type KeyForUse } from './api-keys.repository.js';

/** After this time, a key is read again, although every change is announced. */
const MAX_CACHED_MILLISECONDS = 60_000;
/** Last uses are written at most this often. */
const USE_INTERVAL_MILLISECONDS = 60_000;
/** How often a key is read again if accounts are changed meanwhile. */
const MAX_READS = 20;

/** A key that was verified in this process. */
interface VerifiedKey {
  hash: Buffer;
  makerId: string;
  token: VerifiedToken;
  /** Epoch milliseconds. 0: read it again. */
  checkedAt: number;
  usedAt: number;
}

/**
 * Verifies API keys. Verified keys are cached, so that most requests need no query. A revocation, and a change of the maker's role,
 * clinics or account, is announced to all processes (LiveSessions): then the key is read again.
 */
@Injectable()
export class ApiKeyVerifier implements Verifier {
  private readonly verified = new Map<string, VerifiedKey>();
  private readonly reads = new SingleFlight<KeyForUse | null>();
  /** Incremented with every announced change: a read that began before it may be outdated. */
  private generation = 0;
  private updating: Promise<void> = Promise.resolve();

  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly sessions: LiveSessions,
    private readonly limits: RateLimits,
    private readonly activity: ApiKeyActivity,
    private readonly clock: Clock,
  ) {
    sessions.onEnded((ids) => this.forget(ids));
    sessions.onUserChanged((userId) => this.recheck(userId));
  }

  async authenticate(key: string, ip: string | null): Promise<VerifiedToken> {
    const id = readKeyId(key);
    if (id === null) throw unknownKey();
    const hash = hashKey(key);
    const known = this.verified.get(id);
    const isCurrent = known !== undefined && this.clock.now() - known.checkedAt < MAX_CACHED_MILLISECONDS;
    const verified = isCurrent && timingSafeEqual(known.hash, hash) ? known : await this.verify(id, hash);
    if (verified.token.expiresAt <= this.clock.now()) throw this.refuse(id, 'EXPIRED');
    await this.limits.consume('apiKey', id);
    this.noteUse(id, verified, ip);
    return verified.token;
  }

  /** Reads the key, again if accounts or keys were changed meanwhile: then the row may be outdated. */
  private async verify(id: string, hash: Buffer): Promise<VerifiedKey> {
    for (let read = 0; read < MAX_READS; read += 1) {
      const { generation } = this;
      // Not shared with a read that began before a change.
      const row = await this.reads.share(
        `${generation} ${id}`,
        async () => (await this.keys.findForUse([id]))[0] ?? null,
      );
      // Nothing may be awaited between this check and the end of `accept`.
      if (generation === this.generation) return this.accept(id, hash, row);
    }
    throw new DomainError('SERVICE_UNAVAILABLE', 'The API key could not be verified. Try again.', undefined, 1);
  }

  private accept(id: string, hash: Buffer, row: KeyForUse | null): VerifiedKey {
    if (!row || !isEqual(row.secretHash, hash)) {
      if (row) this.activity.recordRefusal(id, 'WRONG_SECRET');
      throw unknownKey();
    }
    const reason = this.findRefusal(row);
    if (reason) throw this.refuse(id, reason);
    const usedAt = this.verified.get(id)?.usedAt ?? row.lastUsedAt?.getTime() ?? 0;
    const key = { hash, makerId: row.makerId, token: toToken(row), checkedAt: this.clock.now(), usedAt };
    this.verified.set(id, key);
    this.sessions.setKeyClinics(id, row.clinicIds);
    return key;
  }

  private findRefusal({ isRevoked, clinicIds, expiresAt }: KeyForUse): RefusalReason | null {
    if (isRevoked) return 'REVOKED';
    if (expiresAt && expiresAt.getTime() <= this.clock.now()) return 'EXPIRED';
    return clinicIds.length === 0 ? 'INACTIVE' : null;
  }

  private refuse(id: string, reason: RefusalReason): DomainError {
    // Also closes its sockets.
    if (this.verified.has(id) && reason !== 'EXPIRED') this.sessions.setKeyClinics(id, null);
    this.verified.delete(id);
    this.activity.recordRefusal(id, reason);
    return reason === 'EXPIRED'
      ? new DomainError('TOKEN_EXPIRED', 'This API key has expired. Create a new one.')
      : new DomainError('TOKEN_REVOKED', 'This API key was revoked, or its maker may no longer grant it.');
  }

  private noteUse(id: string, key: VerifiedKey, ip: string | null): void {
    const now = this.clock.now();
    if (now - key.usedAt < USE_INTERVAL_MILLISECONDS) return;
    key.usedAt = now;
    this.activity.recordUse(id, ip);
  }

  private forget(ids: readonly string[]): void {
    this.generation += 1;
    for (const id of ids) this.verified.delete(id);
  }

  /** @param makerId null: after a lost connection, every key may have changed */
  private recheck(makerId: string | null): void {
    this.generation += 1;
    const ids: string[] = [];
    for (const [id, key] of this.verified) {
      if (makerId !== null && key.makerId !== makerId) continue;
      key.checkedAt = 0;
      ids.push(id);
    }
    if (ids.length === 0) return;
    // One after the other, so that an older state never replaces a newer one.
    this.updating = this.updating
      .then(() => this.updateSockets(ids))
      .catch((error: unknown) => this.activity.logFailure(error, 'the sockets of API keys could not be updated'));
  }

  /** Closes the sockets of keys that do not work any more, and updates the rooms of others. */
  private async updateSockets(ids: string[]): Promise<void> {
    for (let read = 0; read < MAX_READS; read += 1) {
      const { generation } = this;
      const rows = new Map((await this.keys.findForUse(ids)).map((row) => [row.id, row]));
      // The last read is used in any case: if these keys were changed during it, `recheck` reads them again.
      if (generation !== this.generation && read < MAX_READS - 1) continue;
      // Keys that were revoked meanwhile are forgotten.
      for (const id of ids.filter((one) => this.verified.has(one))) {
        const row = rows.get(id);
        this.sessions.setKeyClinics(id, row && !this.findRefusal(row) ? row.clinicIds : null);
      }
      return;
    }
  }
}

const toToken = ({ id, makerId, permissions, clinicIds, expiresAt }: KeyForUse): VerifiedToken => ({
  actor: {
    userId: id,
    sessionId: id,
    role: 'STAFF',
    clientId: null,
    doctorId: null,
    clinicIds,
    apiKey: { makerId, permissions: new Set(permissions.filter(isForApiKeys)) },
  },
  expiresAt: expiresAt?.getTime() ?? Infinity,
  hadFactor: true,
});

/** Compares in constant time. The stored hash is empty after an erasure. */
const isEqual = (stored: Buffer, hash: Buffer): boolean =>
  stored.length === hash.length && timingSafeEqual(stored, hash);

const unknownKey = (): DomainError => new DomainError('UNAUTHENTICATED', 'This is not a valid API key.');
