import pRetry from 'p-retry';
import { QueryFailedError } from 'typeorm';

/**
 * The longest wait of a migration for a lock. Requests for the same table queue behind it; they give up after two seconds
 * (`DATABASE_TIMEOUT_SECONDS` / 2), so this is less.
 */
export const MIGRATION_LOCK_TIMEOUT_MILLISECONDS = 1_000;

/** lock_not_available and deadlock_detected: the transaction was undone, and can be repeated. */
const LOCK_FAILURES = new Set<unknown>(['55P03', '40P01']);

/** Some two minutes, in which requests run between the attempts. */
const RETRIES = { retries: 30, minTimeout: 200, maxTimeout: 5_000, factor: 1.5, randomize: true };

/** PostgreSQL's error is the `driverError` of an error of TypeORM, and the `cause` of an error of `Database`, which throws a deadlock as it is. */
function isLockFailure(error: Error): boolean {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : (error.cause ?? error);
  return LOCK_FAILURES.has((cause as { code?: unknown } | undefined)?.code);
}

/** Repeats work that did not get a lock in time, with growing pauses. @throws the last error */
export const retryWhileLocked = <T>(work: () => Promise<T>): Promise<T> =>
  pRetry(work, { ...RETRIES, shouldRetry: ({ error }) => isLockFailure(error) });
