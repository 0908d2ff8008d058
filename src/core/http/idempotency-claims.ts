import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';

/** A request with an Idempotency-Key. */
export interface KeyUse {
  caller: string;
  /** Method and path. @example POST /api/v1/things */
  route: string;
  key: string;
  /** An HMAC of the request, to detect another request with the same key. */
  requestHash: Buffer;
}

/** A claimed key. Its work ends with `complete` or `release`. */
export interface KeyClaim extends Omit<KeyUse, 'requestHash'> {
  /** In PostgreSQL's text format. Distinguishes this claim from a later one of the same key. */
  claimedAt: string;
  /** The stored answer; null while the work is running. */
  answerId: string | null;
}

/**
 * Idempotency-Keys of work that is too long for a transaction, such as the call of a model, and whose answer the feature stores
 * in its own table. The work claims the key, and in the transaction that stores the answer it completes the claim with the
 * answer's id. If the work fails, it releases the claim, and the request may be repeated. If its process dies, the claim becomes
 * overdue after a time. All other work uses `IdempotencyKeys`; both share the table and the 48 hours.
 *
 * Hand-written SQL: claims differ by the database's microseconds, which a Date has not, and a claim commits asynchronously.
 */
@Injectable()
export class IdempotencyClaims {
  constructor(private readonly db: Database) {}

  /**
   * Finds what an earlier request did with the key. Releases its claim if that is overdue and this is the same request.
   * @param maxMilliseconds how long the work may take; after that, a claim without an answer is overdue
   * @returns null if the key may be claimed
   */
  async find(
    { caller, route, key, requestHash }: KeyUse,
    maxMilliseconds: number,
  ): Promise<(KeyClaim & { isSameRequest: boolean }) | null> {
    const row = await this.db.row<FoundRow>(FIND, [caller, route, key, maxMilliseconds]);
    if (!row) return null;
    const { claimedAt, answerId } = row;
    const claim = { caller, route, key, claimedAt, answerId };
    const isSameRequest = row.requestHash.equals(requestHash);
    if (!row.isOverdue || !isSameRequest) return { ...claim, isSameRequest };
    await this.release(claim);
    return null;
  }

  /** @returns null if another request has claimed the key, or has used it */
  async claim({ caller, route, key, requestHash }: KeyUse): Promise<KeyClaim | null> {
    const row = await this.db.row<{ claimedAt: string }>(CLAIM, [caller, route, key, requestHash]);
    return row && { caller, route, key, claimedAt: row.claimedAt, answerId: null };
  }

  /** Call it in the transaction that stores the answer. Does nothing if the claim was overdue and was taken over. */
  async complete({ caller, route, key, claimedAt }: KeyClaim, answerId: string): Promise<void> {
    await this.db.rows(COMPLETE, [caller, route, key, claimedAt, answerId]);
  }

  /** Frees the key: the work failed, or its answer was deleted. Does nothing if the claim was completed in the meantime. */
  async release({ caller, route, key, claimedAt, answerId }: KeyClaim): Promise<void> {
    await this.db.rows(RELEASE, [caller, route, key, claimedAt, answerId]);
  }
}

interface FoundRow {
  requestHash: Buffer;
  answerId: string | null;
  claimedAt: string;
  isOverdue: boolean;
}

const FIND = `
  SELECT request_hash AS "requestHash", answer_id AS "answerId", created_at::text AS "claimedAt",
         answer_id IS NULL AND created_at < now() - make_interval(secs => $4::float8 / 1000) AS "isOverdue"
  FROM idempotency_key WHERE caller = $1::uuid AND route = $2 AND key = $3`;

// Commits asynchronously. If a power failure loses the claim, no later commit is on the disk either: the answer is lost with it.
const CLAIM = `
  INSERT INTO idempotency_key (caller, route, key, request_hash)
  SELECT $1::uuid, $2::text, $3::text, $4::bytea FROM (SELECT set_config('synchronous_commit', 'off', true)) asynchronous
  ON CONFLICT DO NOTHING RETURNING created_at::text AS "claimedAt"`;

const SAME_CLAIM = `caller = $1::uuid AND route = $2 AND key = $3 AND created_at = $4::timestamptz`;
const COMPLETE = `UPDATE idempotency_key SET answer_id = $5::uuid WHERE ${SAME_CLAIM}`;
const RELEASE = `DELETE FROM idempotency_key WHERE ${SAME_CLAIM} AND answer_id IS NOT DISTINCT FROM $5::uuid`;
