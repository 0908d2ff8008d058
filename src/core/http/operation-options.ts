import type { Type } from '@nestjs/common';
import type { ErrorCode } from '../kernel/domain-error.js';
import type { Permission } from '../security/permissions.js';

/**
 * STREAMED: the handler reads a multipart form as a stream. FIELDS: the fields of a URL-encoded form are the body, and a multipart form
 * is accepted and ignored.
 */
export type FormHandling = 'STREAMED' | 'FIELDS';

export interface OperationOptions {
  /** A verb phrase for the OpenAPI document, such as "Book an appointment". */
  summary: string;
  description?: string;
  permission: Permission;
  /** Also for users who must set up a second factor and have not done so. */
  allowsMissingMfa?: boolean;
  /** The class of `data`; `[View]` for a list. Default: `data` is null. */
  answer?: Type | [Type];
  /** The list is complete and has no `meta`, or that of `meta`. */
  plainList?: boolean;
  /** The class of the envelope's `meta` of a plain list (`ListWithMeta`), which may be absent. */
  meta?: Type;
  /** Default: 200. */
  status?: number;
  message?: string;
  /** Error codes in addition to those that every route can return. */
  errors?: ErrorCode[];
  /**
   * Accepts an Idempotency-Key. The answer is stored in a transaction around the handler or, with STORED_BY_USE_CASE, by the use
   * case itself (IdempotencyKeys.onceStoredByUseCase).
   */
  idempotent?: boolean | 'STORED_BY_USE_CASE';
  /** Accepts a form as its body. */
  form?: FormHandling;
  /** Keeps the bytes of a JSON body (`@RawBody()`), for a signature over them. */
  rawBody?: boolean;
  /** Accepts If-Match. */
  versioned?: boolean;
  /** Returns data without an envelope, and errors as `{ error, message }`. Required for the unversioned routes of /api. */
  bare?: boolean;
  /** The content type of an answer without an envelope; several if it depends on the request or the content. */
  rawContentType?: string | string[];
  /** Further content types, without an envelope, that a parameter of the request chooses. */
  alsoAs?: string[];
  /** Can also be sent as `text/event-stream`. */
  streams?: boolean;
  /** Further statuses with their descriptions. They have the same content as `status`, except 302, 304 and 416. */
  otherAnswers?: Record<number, string>;
  /** How callers authenticate. Default: derived from the permission and the parameters. */
  security?: Record<string, string[]>[];
}
