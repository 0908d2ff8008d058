import type { Request } from 'express';
import { ERROR_STATUS, type DomainError, type ErrorCode, type FieldError } from '../kernel/domain-error.js';
import { Page } from './page.js';

/** `/api` and what is below it, but for `/api/v1` and every other version. */
const UNVERSIONED = /^\/api(?![^/])(?!\/v\d+(?![^/]))/i;

/** The routes of clients that read bare bodies and `{ error }`: all of /api without a version, also where there is none. */
export const isUnversioned = (path: string): boolean => UNVERSIONED.test(path);

export const readsBare = ({ baseUrl, path }: Request): boolean => isUnversioned(`${baseUrl}${path}`);

/** Those that bare clients know. */
export type BareStatus = 400 | 401 | 403 | 404 | 500;

/** No other method is no route; asking too often is forbidden for a while. */
const BARE_STATUS: Record<number, BareStatus> = { 401: 401, 403: 403, 404: 404, 405: 404, 429: 403 };

export function bareStatusOf(code: ErrorCode): BareStatus {
  const status = ERROR_STATUS[code];
  return status >= 500 ? 500 : (BARE_STATUS[status] ?? 400);
}

/** Words that bare clients know by heart. */
const WORDS: Partial<Record<ErrorCode, string>> = { INVALID_CREDENTIALS: 'Invalid credentials' };

const MAX_FIELDS = 5;

/** What a bare client reads of a failure: some read `error`, others `message`. Both hold the same sentence. */
export interface BareFailure {
  error: string;
  message: string;
}

/** A bare failure has no details, so its sentence names the fields. */
export function bareFailureOf(error: DomainError): BareFailure {
  const sentence = WORDS[error.code] ?? error.message;
  const fields = error.code === 'VALIDATION_ERROR' ? fieldsOf(error.details) : '';
  const message = fields ? `${sentence.replace(/\.$/, '')}: ${fields}.` : sentence;
  return { error: message, message };
}

const fieldsOf = (details: unknown): string =>
  (Array.isArray(details) ? (details as FieldError[]) : [])
    .slice(0, MAX_FIELDS)
    .map(({ field, error }) => `${field} ${error}`)
    .join('; ');

/** The headers that say of a page what the envelope would. */
export function pageHeaders(request: Request, { nextCursor, total }: Page<unknown>): [name: string, value: string][] {
  const headers: [string, string][] = [];
  if (nextCursor) {
    const next = new URL(request.originalUrl, 'http://localhost');
    next.searchParams.set('cursor', nextCursor);
    headers.push(['Link', `<${next.pathname}${next.search}>; rel="next"`]);
  }
  if (total !== undefined) headers.push(['X-Total-Count', String(total)]);
  return headers;
}
