/**
 * The Idempotency-Key of a request whose use case stores the answer itself (`idempotent: 'STORED_BY_USE_CASE'`). The use
 * case writes the row of `idempotency_key` in the statement that does the work, and sets `stored` once that has succeeded.
 */
export interface PendingAnswer {
  /** The user id; the nil UUID without a signed-in user. */
  readonly caller: string;
  /** Method and path. @example POST /api/v1/things */
  readonly route: string;
  readonly key: string;
  readonly requestHash: Buffer;
  /** Whether a stored hash is of this request; it may be older than a change of JWT_SECRET. */
  isSameRequest(hash: Buffer): boolean;
  /** The HTTP status of success. */
  readonly status: number;
  /** The value of the column `response`. @param data what the use case returns */
  encrypt(data: unknown): Buffer;
  stored: boolean;
}
