import { DatabaseError } from 'pg';
import { QueryFailedError } from 'typeorm';
import { DomainError } from '../kernel/domain-error.js';
import { toConstraintError } from './constraint-errors.js';

interface PostgresError {
  code?: string;
  constraint?: string;
  message?: string;
}

/** serialization_failure, deadlock_detected. */
const RETRYABLE = new Set(['40001', '40P01']);
/** Cancelled statements, lock timeouts, read-only servers, exhausted resources, shutdowns. */
const BUSY = new Set(['57014', '55P03', '25006', '53100', '53200', '53300', '57P01', '57P02', '57P03']);

const toPostgresError = (error: unknown): PostgresError =>
  (error instanceof QueryFailedError ? error.driverError : error) as PostgresError;

/** Whether the error is a serialization failure or a deadlock, after which the whole transaction may be repeated. */
export const isRetryable = (error: unknown): boolean => RETRYABLE.has(toPostgresError(error)?.code ?? '');

/** Also checks the message: errors after the end of a backend have no SQLSTATE. */
const isConnectionLoss = ({ code, message }: PostgresError): boolean =>
  code?.startsWith('08') === true ||
  ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'ETIMEDOUT'].includes(code ?? '') ||
  /connection terminated|connection ended|timeout exceeded when trying to connect|query read timeout|not queryable/i.test(
    message ?? '',
  );

/** Whether PostgreSQL reported the error. Otherwise the connection was lost, or the response was too late. */
const isFromServer = (error: unknown): boolean => toPostgresError(error) instanceof DatabaseError;

/** Whether the connection cannot be used after the error: the server closes it, or its next response may belong to an earlier query. */
export const isConnectionBroken = (error: unknown): boolean =>
  !isFromServer(error) || (toPostgresError(error) as DatabaseError).severity === 'FATAL';

/**
 * Whether an error of `Database` means that there was no connection (also for an exhausted pool or a refusal) or no response, so that
 * another query would also wait in vain.
 */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'SERVICE_UNAVAILABLE' && !isFromServer(error.cause);

/**
 * Whether the transaction may have been committed although it failed: the connection was lost before the server responded. Without a
 * cause, there never was a connection.
 */
export function mayHaveCommitted(error: unknown): boolean {
  const cause = error instanceof DomainError ? error.cause : error;
  return cause !== undefined && !isFromServer(cause);
}

/** Whether PostgreSQL refused a value itself: its form, its range, a check of its column, or its size in an index. */
export function isValueError(error: unknown): boolean {
  const { code = '' } = isFromServer(error) ? toPostgresError(error) : {};
  return code.startsWith('22') || code === '23514' || code === '54000';
}

/** Converts an error of PostgreSQL to the DomainError for the caller. Returns other errors unchanged. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof DomainError || !(error instanceof Error)) return error;
  const cause = toPostgresError(error);
  const known = toConstraintError(cause.constraint);
  if (known) return known;
  switch (cause.code) {
    case '23505':
      return new DomainError('ALREADY_EXISTS', 'Another record has this value. Choose another one.');
    case '23503':
      return new DomainError(
        'IN_USE',
        'Another record refers to this one, or a record that this one refers to was deleted. Read them again.',
      );
    case '22021':
    case '22P05':
      return notStorable();
  }
  if (isRetryable(error) || BUSY.has(cause.code ?? '') || isConnectionLoss(cause)) {
    return unavailable(cause);
  }
  return error;
}

export const notStorable = (): DomainError =>
  new DomainError('VALIDATION_ERROR', 'The text contains a character that cannot be stored.', []);

export const unavailable = (cause?: unknown): DomainError =>
  Object.assign(
    new DomainError('SERVICE_UNAVAILABLE', 'The service is busy; try again in a moment.', undefined, 1),
    cause !== undefined && { cause },
  );
