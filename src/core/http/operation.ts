import { applyDecorators, HttpCode, UseInterceptors, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ApiExtension, ApiExtraModels, ApiOperation } from '@nestjs/swagger';
import type { ErrorCode } from '../kernel/domain-error.js';
import { PERMISSIONS, type Permission } from '../security/permissions.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { OPERATION_EXTENSION, type OperationFacts } from './openapi/facts.js';

export { BEARER, COOKIE_MODE } from './openapi/facts.js';

/** STREAMED: the handler reads a multipart form as it arrives. DISCARDED: a form is accepted and has no meaning. */
export type FormHandling = 'STREAMED' | 'DISCARDED';

export interface OperationOptions {
  /** One line for the OpenAPI document: a verb phrase, such as "Book an appointment". */
  summary: string;
  description?: string;
  permission: Permission;
  /** The class of `data`, or a list of one: `[View]`. Nothing: `data` is null. */
  answer?: Type | [Type];
  /** A list that comes whole, without `meta`. */
  plainList?: boolean;
  /** 200 unless said. */
  status?: number;
  message?: string;
  /** Codes beside those that every route can give. */
  errors?: ErrorCode[];
  /**
   * A POST that creates: takes an Idempotency-Key. The answer is stored in a transaction around the work, or with
   * STORED_BY_USE_CASE by the work itself (IdempotencyKeys.onceStoredByUseCase).
   */
  idempotent?: boolean | 'STORED_BY_USE_CASE';
  /** Accepts a form as its body. */
  form?: FormHandling;
  /** A PUT or POST that takes If-Match. */
  versioned?: boolean;
  /** Answers the thing itself, and errors as `{ error, message }`: every route of /api without a version. */
  bare?: boolean;
  /** Answers something other than the envelope. Several: any of them, by the request or by what is there. */
  rawContentType?: string | string[];
  /** Comes as `text/event-stream` too. */
  streams?: boolean;
  /** Further statuses with their descriptions; with a body of the raw content type, except 304 and 416. */
  otherAnswers?: Record<number, string>;
  /** How callers identify themselves, where the permission and the parameters do not say it all. */
  security?: Record<string, string[]>[];
}

const operations = new WeakMap<object, OperationOptions>();

/** @throws Error for a handler that declares none */
export function operationOf(handler: object): OperationOptions {
  const operation = operations.get(handler);
  if (!operation) throw new Error(`${(handler as { name?: string }).name ?? 'A route'} declares no @Operation`);
  return operation;
}

export const hasOperation = (handler: object): boolean => operations.has(handler);

/** Everything that a route is: permission, status, answer, errors, and what the OpenAPI document says of it. */
export function Operation(options: OperationOptions): MethodDecorator {
  const { answer, ...rest } = options;
  const model = Array.isArray(answer) ? answer[0] : answer;
  return (target, key, descriptor: PropertyDescriptor) => {
    operations.set(descriptor.value as object, options);
    const facts: OperationFacts = {
      ...rest,
      model: model?.name,
      isList: Array.isArray(answer),
      readsToken: takesMaybeActor(target.constructor, key),
    };
    applyDecorators(
      HttpCode(options.status ?? 200),
      ApiOperation({ summary: options.summary, description: describe(options) }),
      ApiExtension(OPERATION_EXTENSION, facts),
      ...(model ? [ApiExtraModels(model) as MethodDecorator] : []),
      ...(options.idempotent ? [UseInterceptors(IdempotencyInterceptor)] : []),
    )(target, key, descriptor);
  };
}

/** Marks the factory of a parameter decorator that reads the token where there is one. */
export const READS_TOKEN = Symbol('reads the token where there is one');

/** Whether the handler takes @MaybeActor: such a route is open, and answers more with a token. */
function takesMaybeActor(controller: object, method: string | symbol): boolean {
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
