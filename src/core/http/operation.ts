import { applyDecorators, HttpCode, UseInterceptors, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ApiExtension, ApiExtraModels, ApiOperation } from '@nestjs/swagger';
import type { ErrorCode } from '../kernel/domain-error.js';
import { PERMISSIONS, type Permission } from '../security/permissions.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

/** The extension by which @Operation passes its metadata to openapi/operations.ts, which removes it from the document. */
export const OPERATION_EXTENSION = 'x-operation';

/** The security of routes with an access token. */
export const BEARER: Record<string, string[]> = { bearer: [] };

/** The security of routes with the refresh cookie and its CSRF header. */
export const COOKIE_MODE: Record<string, string[]> = { refreshCookie: [], csrfToken: [] };

/** STREAMED: the handler reads a multipart form as a stream. DISCARDED: a form is accepted and ignored. */
export type FormHandling = 'STREAMED' | 'DISCARDED';

export interface OperationOptions {
  /** A verb phrase for the OpenAPI document, such as "Book an appointment". */
  summary: string;
  description?: string;
  permission: Permission;
  /** The class of `data`; `[View]` for a list. Default: `data` is null. */
  answer?: Type | [Type];
  /** The list is complete and has no `meta`. */
  plainList?: boolean;
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
  /** Accepts If-Match. */
  versioned?: boolean;
  /** Returns data without an envelope, and errors as `{ error, message }`. Required for the unversioned routes of /api. */
  bare?: boolean;
  /** The content type of an answer without an envelope; several if it depends on the request or the content. */
  rawContentType?: string | string[];
  /** Can also be sent as `text/event-stream`. */
  streams?: boolean;
  /** Further statuses with their descriptions. They have the same content as `status`, except 304 and 416. */
  otherAnswers?: Record<number, string>;
  /** How callers authenticate. Default: derived from the permission and the parameters. */
  security?: Record<string, string[]>[];
}

/** The options of an @Operation, with classes replaced by names. */
export interface OperationMetadata extends Omit<OperationOptions, 'answer'> {
  /** The name of the class of `data`; undefined if `data` is null. */
  model: string | undefined;
  isList: boolean;
  /** Public, but the answer depends on the token if there is one. */
  readsToken: boolean;
}

const operations = new WeakMap<object, OperationOptions>();

/** @throws Error for a handler without an @Operation */
export function getOperation(handler: object): OperationOptions {
  const operation = operations.get(handler);
  if (!operation) throw new Error(`${(handler as { name?: string }).name ?? 'A route'} declares no @Operation`);
  return operation;
}

export const hasOperation = (handler: object): boolean => operations.has(handler);

/** Declares a route: permission, status, answer, errors, and its description in the OpenAPI document. */
export function Operation(options: OperationOptions): MethodDecorator {
  const { answer, ...rest } = options;
  const model = Array.isArray(answer) ? answer[0] : answer;
  return (target, key, descriptor: PropertyDescriptor) => {
    operations.set(descriptor.value as object, options);
    const metadata: OperationMetadata = {
      ...rest,
      model: model?.name,
      isList: Array.isArray(answer),
      readsToken: hasMaybeActor(target.constructor, key),
    };
    applyDecorators(
      HttpCode(options.status ?? 200),
      ApiOperation({ summary: options.summary, description: describe(options) }),
      ApiExtension(OPERATION_EXTENSION, metadata),
      ...(model ? [ApiExtraModels(model) as MethodDecorator] : []),
      ...(options.idempotent ? [UseInterceptors(IdempotencyInterceptor)] : []),
    )(target, key, descriptor);
  };
}

/** Marks the factory of a parameter decorator that reads an optional token. */
export const READS_TOKEN = Symbol('reads an optional token');

/** Whether the handler has a parameter with @MaybeActor: the route is public, but its answer depends on the token. */
function hasMaybeActor(controller: object, method: string | symbol): boolean {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Record<
    string,
    { factory?: object }
  >;
  return Object.values(parameters).some(({ factory }) => factory !== undefined && READS_TOKEN in factory);
}

function describe({ description, permission }: OperationOptions): string {
  const roles = permission === 'public' ? 'anyone' : PERMISSIONS[permission].join(', ');
  return `${description ? `${description}\n\n` : ''}Permission: \`${permission}\` (${roles}).`;
}
