import { createHmac, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Response } from 'express';
import { Config } from '../config/config.js';
import { currentContext, newContext, runInContext } from '../context/request-context.js';
import { lockKey } from '../database/advisory-locks.js';
import { registerConstraintErrors } from '../database/constraint-errors.js';
import { isUnreachable } from '../database/database-errors.js';
import { Database } from '../database/database.js';
import { DomainError, invalid } from '../kernel/domain-error.js';
import { NIL_ID } from '../kernel/id.js';
import type { CareSlotRequest } from './careslot-request.js';
import type { KeyUse } from './idempotency-claims.js';
import type { EncryptedColumn } from '../encryption/encrypted-column.js';
import { FieldEncryption } from '../encryption/field-encryption.js';
import { deriveKey } from '../security/tokens.js';
import type { PendingAnswer } from '../context/pending-answer.js';

const KEEP_HOURS = 48;
const SWEEP_MILLISECONDS = 3_600_000;
const VALID_KEY = /^[\x21-\x7e]{1,200}$/;
/** Fields that are left out of the hash of a request. */
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

interface IdentifiedKeyUse extends KeyUse, Pick<PendingAnswer, 'isSameRequest'> {
  /** Caller, route and key. */
  id: string;
}

export const STORED_ANSWER: EncryptedColumn = {
  table: 'idempotency_key',
  column: 'response',
  key: { caller: 'uuid', route: 'text', key: 'text' },
  purpose: 'idempotency',
  toAssociatedData: (caller, route, key) => `${caller} ${route} ${key}`,
};

/**
 * Stores the first answer to an Idempotency-Key in the transaction (or the statement) of the work, so that both are committed or
 * none. An attempt that fails stores nothing and can be repeated. Answers contain health data and tokens: they are encrypted
 * (AES-256-GCM) and deleted after 48 hours. Of the request, an HMAC is stored, which does not cover passwords and tokens.
 *
 * There are three modes. `once` runs the work in a transaction that stores the answer. `onceStoredByUseCase` runs work that stores its
 * answer itself, in its own statement or by `storeAnswer`; `runOnce` is the same for handlers that do more than this work. Work that
 * is too long for a transaction and stores its answer in a table of its own claims the key instead (IdempotencyClaims).
 *
 * Hand-written SQL: hot (in every request with a key), so one statement locks and reads a key. Keys age by the database's clock.
 */
@Injectable()
export class IdempotencyKeys {
  /** Of JWT_SECRET and then of JWT_SECRET_PREVIOUS, with which stored answers can be decrypted too. */
  private readonly hashKeys: [KeyObject, ...KeyObject[]];
  /** Keys whose work runs in this process (`onceStoredByUseCase`). */
  private readonly inFlight = new Set<string>();

  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
    config: Config,
  ) {
    const toKey = (secret: string): KeyObject => deriveKey(secret, 'idempotency-request');
    const { JWT_SECRET, JWT_SECRET_PREVIOUS } = config;
    this.hashKeys = [toKey(JWT_SECRET), ...(JWT_SECRET_PREVIOUS === undefined ? [] : [toKey(JWT_SECRET_PREVIOUS)])];
  }

  /** Not a job of Bull, so that keys are also deleted while Redis is unavailable. */
  @Interval('delete-old-idempotency-keys', SWEEP_MILLISECONDS)
  async deleteOld(): Promise<void> {
    await runInContext(newContext({ useCase: 'task delete-old-idempotency-keys' }), () =>
      this.db.rows(`DELETE FROM idempotency_key WHERE created_at < now() - make_interval(hours => $1)`, [KEEP_HOURS]),
    );
  }

  /**
   * Runs work that stores its own answer (`onceStoredByUseCase`) with the request's key. A request without a key runs it each time. For
   * handlers that do more than this work; for others, `idempotent` of @Operation is enough.
   */
  async runOnce<T>(request: CareSlotRequest, response: Response, work: () => Promise<T>): Promise<T> {
    const key = getIdempotencyKey(request);
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
    const use = this.toKeyUse(request, key);
    /** Whether this request has the lock and found no stored answer, so that it does the work. */
    let isOurs = false;
    try {
      return await this.db.transaction(async () => {
        isOurs = false;
        const found = await this.db.row<StoredRow & { locked: boolean }>(FIND, [use.caller, use.route, key]);
        if (!found?.locked) throw inProgress();
        const replay = this.toReplay(found, use);
        if (replay) return replay;
        isOurs = true;
        const data = await work();
        await storeAnswer(this.db, data, this.toPendingAnswer(use, status));
        return { data, replayed: false };
      });
    } catch (error) {
      if (!isOurs) throw error;
      // FIND takes the lock and reads the key in one statement: its snapshot may be older than the commit that released the lock.
      // The work may then have failed because another attempt had done it: return the answer of that attempt.
      return this.replayOrThrow(use, error);
    }
  }

  /**
   * For work that is a single statement. It runs without a transaction, finds the key in the context (`pendingAnswer`), and writes
   * the row of `idempotency_key` in its statement. Nothing is read before: if the key was already used, the work fails by the
   * primary key of the table, and the stored answer is returned. If PostgreSQL is unreachable, the error is returned, and the
   * client gets the stored answer when it repeats the request. A second request during the work is refused in the same process;
   * in another process, it waits in the database and then gets the answer of the first one.
   * @throws DomainError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
   * @throws Error if the work succeeded without storing the answer (a bug)
   */
  async onceStoredByUseCase({ request, key, status, work }: Attempt): Promise<Answer> {
    const use = this.toKeyUse(request, key);
    const { id } = use;
    if (this.inFlight.has(id)) throw inProgress();
    this.inFlight.add(id);
    const pendingAnswer = this.toPendingAnswer(use, status);
    let data: unknown;
    try {
      data = await runInContext({ ...currentContext(), pendingAnswer }, work);
    } catch (error) {
      return await this.replayOrThrow(use, error);
    } finally {
      this.inFlight.delete(id);
    }
    if (!pendingAnswer.stored) throw new Error(`${use.route} did not store its Idempotency-Key`);
    return { data, replayed: false };
  }

  private toKeyUse(request: CareSlotRequest, key: string): IdentifiedKeyUse {
    const caller = request.actor?.userId ?? NIL_ID;
    const route = `${request.method} ${request.path}`;
    const text = JSON.stringify(request.formContent ?? request.body ?? null, withoutSecrets);
    const toHash = (hashKey: KeyObject): Buffer => createHmac('sha256', hashKey).update(text).digest();
    const requestHash = toHash(this.hashKeys[0]);
    const isSameRequest = (hash: Buffer): boolean => this.hashKeys.some((hashKey) => toHash(hashKey).equals(hash));
    return { caller, route, key, requestHash, isSameRequest, id: STORED_ANSWER.toAssociatedData(caller, route, key) };
  }

  private toPendingAnswer({ id, ...use }: IdentifiedKeyUse, status: number): PendingAnswer {
    const { caller, route, key } = use;
    const encrypt = (data: unknown): Buffer => this.encryption.encrypt(STORED_ANSWER, data, caller, route, key);
    return { ...use, status, encrypt, stored: false };
  }

  /** The answer that another attempt stored. @throws the error of this attempt if there is none */
  private async replayOrThrow(use: IdentifiedKeyUse, error: unknown): Promise<Answer> {
    if (isUnreachable(error)) throw error;
    const stored = await this.db.row<StoredRow>(READ, [use.caller, use.route, use.key]).catch(() => null);
    const replay = stored && this.toReplay(stored, use);
    if (!replay) throw error;
    return replay;
  }

  /** The stored answer; null if there is none. @throws DomainError IDEMPOTENCY_KEY_REUSED */
  private toReplay({ response, requestHash }: StoredRow, use: IdentifiedKeyUse): Answer | null {
    if (!response || !requestHash) return null;
    if (!use.isSameRequest(requestHash)) throw reused();
    const data = this.encryption.decrypt(STORED_ANSWER, response, use.caller, use.route, use.key);
    return { data, replayed: true };
  }
}

/** @throws DomainError VALIDATION_ERROR */
export function getIdempotencyKey({ headers }: CareSlotRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && VALID_KEY.test(key)) return key;
  throw invalid({ field: 'Idempotency-Key', error: 'must be 1 to 200 visible ASCII characters' });
}

export const markReplayed = (response: Response): void => void response.setHeader('Idempotency-Replayed', 'true');

/**
 * Stores the answer of a use case that runs in a transaction and stores its own answer. Does nothing if the request has no
 * Idempotency-Key.
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

// The first request committed after this request had read the key and before it inserted its row: this request is rolled back.
registerConstraintErrors({ idempotency_key_pkey: inProgress });

const FIND = `
  SELECT pg_try_advisory_xact_lock(${lockKey('idempotency-key', "$1::text || $2 || ' ' || $3")}) AS locked,
         k.request_hash AS "requestHash", k.response
  FROM (SELECT 1) one LEFT JOIN idempotency_key k ON k.caller = $1::uuid AND k.route = $2 AND k.key = $3`;

const READ = `
  SELECT request_hash AS "requestHash", response FROM idempotency_key
  WHERE caller = $1::uuid AND route = $2 AND key = $3`;

const STORE = `
  INSERT INTO idempotency_key (caller, route, key, request_hash, status, response)
  VALUES ($1::uuid, $2::text, $3::text, $4::bytea, $5::smallint, $6::bytea)`;
