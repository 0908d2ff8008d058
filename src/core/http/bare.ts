import type { Request } from 'express';
import { ERROR_STATUS, type DomainError, type ErrorCode, type FieldError } from '../kernel/domain-error.js';
import { Page } from './page.js';

/** `/api` and all paths below it, except those of a version such as `/api/v1`. */
const UNVERSIONED = /^\/api(?=\/|$)(?!\/v\d+(?:\/|$))/i;

/** Whether a path belongs to the unversioned API, whose clients get data without an envelope. Also true for paths without a route. */
export const isUnversioned = (path: string): boolean => UNVERSIONED.test(path);

/** Whether the client of the request expects data and errors without an envelope. */
export const expectsBareAnswer = ({ baseUrl, path }: Request): boolean => isUnversioned(`${baseUrl}${path}`);

/** The error statuses that clients of the unversioned API handle. */
type BareStatus = 400 | 401 | 403 | 404 | 500;

/** The bare status of each status of the versioned API; 400 for others below 500. */
const BARE_STATUSES: Record<number, BareStatus> = { 401: 401, 403: 403, 404: 404, 405: 404, 429: 403 };

export function toBareStatus(code: ErrorCode): BareStatus {
  const status = ERROR_STATUS[code];
  return status >= 500 ? 500 : (BARE_STATUSES[status] ?? 400);
}

type FixedMessages = Partial<Record<ErrorCode, string>>;

const fixedMessages: FixedMessages = {};

/** Registers messages that clients of the unversioned API compare; they replace those of the errors. */
export const registerBareMessages = (messages: FixedMessages): void => void Object.assign(fixedMessages, messages);

const MAX_NAMED_FIELDS = 5;

/** The body of a failure in the unversioned API: some clients read `error`, others `message`. Both contain the same text. */
export interface BareFailure {
  error: string;
  message: string;
}

/** A bare failure has no details, so its message names the invalid fields. */
export function toBareFailure(error: DomainError): BareFailure {
  const text = fixedMessages[error.code] ?? error.message;
  const fields = error.code === 'VALIDATION_ERROR' ? describeFields(error.details) : '';
  const message = fields ? `${text.replace(/\.$/, '')}: ${fields}.` : text;
  return { error: message, message };
}

const describeFields = (details: unknown): string =>
  (Array.isArray(details) ? (details as FieldError[]) : [])
    .slice(0, MAX_NAMED_FIELDS)
    .map(({ field, error }) => `${field} ${error}`)
    .join('; ');

/** The headers that replace the `meta` of the envelope for a page. */
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
