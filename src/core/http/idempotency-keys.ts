import { createHmac, type KeyObject } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { Upkeep } from '../jobs/upkeep.js';
import { DomainError } from '../kernel/domain-error.js';
import { NIL_ID } from '../kernel/id.js';
import type { CareSlotRequest } from '../security/access.guard.js';
import { Seal } from '../security/sealed.js';
import { deriveKey } from '../security/tokens.js';

const KEEP_HOURS = 48;
const SWEEP_SECONDS = 3_600;
/** Fields of a request of which no trace is kept, not even in the hash. */
const SECRETS = new Set(['password', 'currentPassword', 'newPassword', 'otp', 'pendingToken', 'refreshToken']);

interface Attempt {
  request: CareSlotRequest;
  key: string;
  status: number;
  work: () => Promise<unknown>;
}

interface StoredRow {
  locked: boolean;
  requestHash: Buffer | null;
  response: Buffer | null;
}

/**
 * The first answer to an Idempotency-Key, stored in the transaction of the work itself: either both are there after a
 * crash or neither. An attempt that failed stored nothing and may be tried again. Answers hold health data and tokens,
 * so they are sealed (AES-256-GCM) and kept for 48 hours. Of the request an HMAC is kept, without passwords and tokens.
 */
@Injectable()
export class IdempotencyKeys implements OnModuleInit {
  private readonly seal: Seal;
  private readonly hashKey: KeyObject;

  constructor(
    private readonly db: Database,
    config: Config,
    private readonly upkeep: Upkeep,
  ) {
    this.seal = Seal.of(config, 'idempotency');
    this.hashKey = deriveKey(config.JWT_SECRET, 'idempotency-request');
  }

  onModuleInit(): void {
    this.upkeep.register({ what: 'old idempotency keys', everySeconds: SWEEP_SECONDS, run: () => this.sweep() });
  }

  /**
   * Runs the work once per caller, route and key.
   * @throws DomainError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
   */
  async once({ request, key, status, work }: Attempt): Promise<{ data: unknown; replayed: boolean }> {
    const caller = request.actor?.userId ?? NIL_ID;
    const route = `${request.method} ${request.path}`;
    const hash = createHmac('sha256', this.hashKey)
      .update(JSON.stringify(request.body ?? null, withoutSecrets))
      .digest();
    const aad = `${caller} ${route} ${key}`;
    const identity = [caller, route, key];
    /** Whether this request may do the work: nothing was stored, as far as it saw. */
    let isOurs = false;
    try {
      return await this.db.transaction(async () => {
        isOurs = false;
        const stored = await this.db.row<StoredRow>(FIND, identity);
        if (!stored?.locked) throw inProgress();
        const replay = this.replayOf(stored, hash, aad);
        if (replay) return replay;
        isOurs = true;
        const data = await work();
        await this.db.rows(STORE, [...identity, hash, status, this.seal.seal(data, aad)]);
        return { data, replayed: false };
      });
    } catch (error) {
      if (!isOurs) throw error;
      // FIND takes the lock and reads the key in one statement, so its snapshot can be older than the commit that released
      // the lock. What failed here may then be the work that this same request had done elsewhere: its answer counts.
      const stored = await this.db.row<Omit<StoredRow, 'locked'>>(READ, identity).catch(() => null);
      const replay = stored && this.replayOf(stored, hash, aad);
      if (!replay) throw error;
      return replay;
    }
  }

  /** The stored answer; null where there is none. @throws DomainError IDEMPOTENCY_KEY_REUSED */
  private replayOf(
    { response, requestHash }: Omit<StoredRow, 'locked'>,
    hash: Buffer,
    aad: string,
  ): { data: unknown; replayed: true } | null {
    if (!response || !requestHash) return null;
    if (!requestHash.equals(hash)) throw reused();
    return { data: this.seal.open(response, aad), replayed: true };
  }

  private async sweep(): Promise<void> {
    await this.db.rows(`DELETE FROM idempotency_key WHERE created_at < now() - make_interval(hours => $1)`, [
      KEEP_HOURS,
    ]);
  }
}

const withoutSecrets = (field: string, value: unknown): unknown => (SECRETS.has(field) ? undefined : value);

export const inProgress = (): DomainError =>
  new DomainError('IDEMPOTENCY_IN_PROGRESS', 'A request with this Idempotency-Key is still running.', undefined, 1);

export const reused = (): DomainError =>
  new DomainError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another request.');

const FIND = `
  SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || $2 || ' ' || $3, 7240)) AS locked,
         k.request_hash AS "requestHash", k.response
  FROM (SELECT 1) one LEFT JOIN idempotency_key k ON k.caller = $1::uuid AND k.route = $2 AND k.key = $3`;

const STORE = `
  INSERT INTO idempotency_key (caller, route, key, request_hash, status, response)
  VALUES ($1::uuid, $2::text, $3::text, $4::bytea, $5::smallint, $6::bytea)`;

const READ = `
  SELECT request_hash AS "requestHash", response FROM idempotency_key
  WHERE caller = $1::uuid AND route = $2 AND key = $3`;
