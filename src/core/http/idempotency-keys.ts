import { createHmac, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Response } from 'express';
import { Config } from '../config/config.js';
import { currentContext, newContext, runInContext } from '../context/request-context.js';
import { registerConstraintErrors } from '../database/constraint-errors.js';
import { isUnreachable } from '../database/database-errors.js';
import { Database } from '../database/database.js';
import { DomainError, invalid } from '../kernel/domain-error.js';
import { NIL_ID } from '../kernel/id.js';
import type { CareSlotRequest } from './access.guard.js';
import type { KeyUse } from './idempotency-claims.js';
import { FieldCipher } from '../security/field-cipher.js';
import { deriveKey } from '../security/tokens.js';
import type { PendingAnswer } from '../context/pending-answer.js';

const KEEP_HOURS = 48;
const SWEEP_MILLISECONDS = 3_600_000;
const VALID_KEY = /^[\x21-\x7e]{1,200}$/;
/** Fields of a request of which no trace is kept, not even in the hash. */
const SECRETS = new Set(['password', 'currentPassword', 'newPassword', 'otp', 'pendingToken', 'refreshToken']);

interface Attempt {
  request: CareSlotRequest;
  key: string;
  status: number;
  work: () => Promise<unknown>;
}

interface Answer {
  data: unknown;
  replayed: boolean;
}

interface StoredRow {
  requestHash: Buffer | null;
  response: Buffer | null;
}

interface BoundKeyUse extends KeyUse {
  /** Binds the encrypted answer to this use of the key. */
  aad: string;
}

/**
 * The first answer to an Idempotency-Key, stored in the transaction (or the statement) of the work itself: either both
 * are there after a crash or neither. An attempt that failed stored nothing and may be tried again. Answers hold health
 * data and tokens, so they are encrypted (AES-256-GCM) and kept for 48 hours. Of the request an HMAC is kept, without
 * passwords and tokens.
 */
@Injectable()
export class IdempotencyKeys {
  private readonly cipher: FieldCipher;
  private readonly hashKey: KeyObject;
  /** Keys that this process works on for `onceStoredByUseCase`. */
  private readonly inFlight = new Set<string>();

  constructor(
    private readonly db: Database,
    config: Config,
  ) {
    this.cipher = FieldCipher.for(config, 'idempotency');
    this.hashKey = deriveKey(config.JWT_SECRET, 'idempotency-request');
  }

  /** Not a job of Bull: the keys are deleted on time also while Redis is away. */
  @Interval('delete-old-idempotency-keys', SWEEP_MILLISECONDS)
  async deleteOld(): Promise<void> {
    await runInContext(newContext({ useCase: 'task delete-old-idempotency-keys' }), () =>
      this.db.rows(`DELETE FROM idempotency_key WHERE created_at < now() - make_interval(hours => $1)`, [KEEP_HOURS]),
    );
  }

  /**
   * Runs work that stores its own answer (`onceStoredByUseCase`) under the request's key; without a key just runs it. For a
   * handler that does more than this work; otherwise `idempotent` of @Operation is enough.
   */
  async answer<T>(request: CareSlotRequest, response: Response, work: () => Promise<T>): Promise<T> {
    const key = idempotencyKeyOf(request);
    if (key === null) return work();
    const { data, replayed } = await this.onceStoredByUseCase({ request, key, status: response.statusCode, work });
    if (replayed) markReplayed(response);
    return data as T;
  }

  /**
   * Runs the work once per caller, route and key, in a transaction that also stores its answer.
   * @throws DomainError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
   */
  async once({ request, key, status, work }: Attempt): Promise<Answer> {
    const use = this.useOf(request, key);
    /** Whether this request may do the work: nothing was stored, as far as it saw. */
    let isOurs = false;
    try {
      return await this.db.transaction(async () => {
        isOurs = false;
        const found = await this.db.row<StoredRow & { locked: boolean }>(FIND, [use.caller, use.route, key]);
        if (!found?.locked) throw inProgress();
        const replay = this.replayOf(found, use);
        if (replay) return replay;
        isOurs = true;
        const data = await work();
        await storeAnswer(this.db, data, this.pendingAnswer(use, status));
        return { data, replayed: false };
      });
    } catch (error) {
      if (!isOurs) throw error;
      // FIND takes the lock and reads the key in one statement, so its snapshot can be older than the commit that released
      // the lock. What failed here may then be the work that this same request had done elsewhere: its answer counts.
      return this.replayOrThrow(use, error);
    }
  }

  /**
   * For work that is one statement: it runs without a transaction around it, finds the key in the context
   * (`pendingAnswer`) and writes the row of `idempotency_key` in that statement. Nothing is read beforehand: a key that
   * was used breaks the primary key of the table, and the work fails. After a failure the stored answer is read, and
   * returned if it is there; not where PostgreSQL did not answer, but there the client sends the request again and gets
   * it then. A second request with a key that is in use is refused at once in the same process; in another process it
   * waits in the database for the first one, and then gets its answer.
   * @throws DomainError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
   * @throws Error if the work succeeded and stored nothing, which is a mistake in it
   */
  async onceStoredByUseCase({ request, key, status, work }: Attempt): Promise<Answer> {
    const use = this.useOf(request, key);
    const { aad } = use;
    if (this.inFlight.has(aad)) throw inProgress();
    this.inFlight.add(aad);
    const pendingAnswer = this.pendingAnswer(use, status);
    let data: unknown;
    try {
      data = await runInContext({ ...currentContext(), pendingAnswer }, work);
    } catch (error) {
      return await this.replayOrThrow(use, error);
    } finally {
      this.inFlight.delete(aad);
    }
    if (!pendingAnswer.stored) throw new Error(`${use.route} did not store its Idempotency-Key`);
    return { data, replayed: false };
  }

  private useOf(request: CareSlotRequest, key: string): BoundKeyUse {
    const caller = request.actor?.userId ?? NIL_ID;
    const route = `${request.method} ${request.path}`;
    const requestHash = createHmac('sha256', this.hashKey)
      .update(JSON.stringify(request.formContent ?? request.body ?? null, withoutSecrets))
      .digest();
    return { caller, route, key, requestHash, aad: `${caller} ${route} ${key}` };
  }

  private pendingAnswer({ aad, ...use }: BoundKeyUse, status: number): PendingAnswer {
    return { ...use, status, encrypt: (data) => this.cipher.encrypt(data, aad), stored: false };
  }

  /** The answer that another attempt stored. @throws the error of this attempt where there is none */
  private async replayOrThrow(use: BoundKeyUse, error: unknown): Promise<Answer> {
    if (isUnreachable(error)) throw error;
    const stored = await this.db.row<StoredRow>(READ, [use.caller, use.route, use.key]).catch(() => null);
    const replay = stored && this.replayOf(stored, use);
    if (!replay) throw error;
    return replay;
  }

  /** The stored answer; null where there is none. @throws DomainError IDEMPOTENCY_KEY_REUSED */
  private replayOf({ response, requestHash }: StoredRow, use: BoundKeyUse): Answer | null {
    if (!response || !requestHash) return null;
    if (!requestHash.equals(use.requestHash)) throw reused();
    return { data: this.cipher.decrypt(response, use.aad), replayed: true };
  }
}

/** @throws DomainError VALIDATION_ERROR */
export function idempotencyKeyOf({ headers }: CareSlotRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && VALID_KEY.test(key)) return key;
  throw invalid({ field: 'Idempotency-Key', error: 'must be 1 to 200 visible ASCII characters' });
}

export const markReplayed = (response: Response): void => void response.setHeader('Idempotency-Replayed', 'true');

/**
 * Stores the answer of a use case that stores it itself and runs in a transaction: as a part of it. Does nothing where the
 * request has no Idempotency-Key.
 */
export async function storeAnswer(
  db: Database,
  data: unknown,
  pending = currentContext().pendingAnswer,
): Promise<void> {
  if (!pending) return;
  const { caller, route, key, requestHash, status } = pending;
  await db.rows(STORE, [caller, route, key, requestHash, status, pending.encrypt(data)]);
  pending.stored = true;
}

const withoutSecrets = (field: string, value: unknown): unknown => (SECRETS.has(field) ? undefined : value);

export const inProgress = (): DomainError =>
  new DomainError('IDEMPOTENCY_IN_PROGRESS', 'A request with this Idempotency-Key is still running.', undefined, 1);

export const reused = (): DomainError =>
  new DomainError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another request.');

// The first request committed between this request's look for the key and its lock: this one was rolled back.
registerConstraintErrors({ idempotency_key_pkey: inProgress });

const FIND = `
  SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || $2 || ' ' || $3, 7240)) AS locked,
         k.request_hash AS "requestHash", k.response
  FROM (SELECT 1) one LEFT JOIN idempotency_key k ON k.caller = $1::uuid AND k.route = $2 AND k.key = $3`;

const READ = `
  SELECT request_hash AS "requestHash", response FROM idempotency_key
  WHERE caller = $1::uuid AND route = $2 AND key = $3`;

const STORE = `
  INSERT INTO idempotency_key (caller, route, key, request_hash, status, response)
  VALUES ($1::uuid, $2::text, $3::text, $4::bytea, $5::smallint, $6::bytea)`;
