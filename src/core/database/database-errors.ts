import { DatabaseError } from 'pg';
import { QueryFailedError } from 'typeorm';
import { DomainError } from '../kernel/domain-error.js';
import { toConstraintError } from './constraint-errors.js';

interface PostgresError {
  code?: string;
  constraint?: string;
  message?: string;
}

const RETRYABLE = new Set(['40001', '40P01']);
const BUSY = new Set(['57014', '55P03', '25006', '53100', '53200', '53300', '57P01', '57P02', '57P03']);

const postgresError = (error: unknown): PostgresError =>
  (error instanceof QueryFailedError ? error.driverError : error) as PostgresError;

/** Serialization failure or deadlock: the whole unit of work may be done again. */
export const isRetryable = (error: unknown): boolean => RETRYABLE.has(postgresError(error)?.code ?? '');

/** A killed backend gives errors without an SQLSTATE, so the words have to be looked at too. */
const isConnectionLoss = ({ code, message }: PostgresError): boolean =>
  code?.startsWith('08') === true ||
  ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'ETIMEDOUT'].includes(code ?? '') ||
  /connection terminated|connection ended|timeout exceeded when trying to connect|query read timeout|not queryable/i.test(
    message ?? '',
  );

/** Whether PostgreSQL itself reported the error. Otherwise the connection was lost, or an answer did not come in time. */
export const isFromServer = (error: unknown): boolean => postgresError(error) instanceof DatabaseError;

/** Whether the connection can not be used after the error: the server closes it, or what it would answer next is unknown. */
export const isConnectionBroken = (error: unknown): boolean =>
  !isFromServer(error) || (postgresError(error) as DatabaseError).severity === 'FATAL';

/** Whether PostgreSQL gave no answer at all, as far as an error of `Database` tells; the next query would wait in vain too. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'SERVICE_UNAVAILABLE' && !isFromServer(error.cause);

/** Whether the work may be committed all the same: the connection was lost before the server answered. */
export function mayHaveCommitted(error: unknown): boolean {
  const cause = error instanceof DomainError ? error.cause : error;
  return cause !== undefined && !isFromServer(cause);
}

/** The error as the caller should hear it, or the error itself where it says nothing that we know. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof DomainError || !(error instanceof Error)) return error;
  const cause = postgresError(error);
  const known = toConstraintError(cause.constraint);
  if (known) return known;
  switch (cause.code) {
    case '23505':
      return new DomainError('ALREADY_EXISTS', 'There is one like this already.');
    case '23503':
      return new DomainError('IN_USE', 'Something else refers to this, or what it refers to is gone.');
    case '22021':
    case '22P05':
      return new DomainError('VALIDATION_ERROR', 'The text holds a character that can not be stored.', []);
  }
  if (isRetryable(error) || BUSY.has(cause.code ?? '') || isConnectionLoss(cause)) {
    return unavailable(cause);
  }
  return error;
}

export const unavailable = (cause?: unknown): DomainError =>
  Object.assign(
    new DomainError('SERVICE_UNAVAILABLE', 'The service is busy; try again in a moment.', undefined, 1),
    cause !== undefined && { cause },
  );
