import { applyDecorators, HttpCode, UseInterceptors } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ApiExtension, ApiExtraModels, ApiOperation } from '@nestjs/swagger';
import { isForApiKeys, PERMISSIONS } from '../security/permissions.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import type { OperationOptions } from './operation-options.js';

/** The extension by which @Operation passes its metadata to openapi/operations.ts, which removes it from the document. */
export const OPERATION_EXTENSION = 'x-operation';

/** The security of routes with an access token. */
export const BEARER: Record<string, string[]> = { bearer: [] };

/** The security of routes with the refresh cookie and its CSRF header. */
export const COOKIE_MODE: Record<string, string[]> = { refreshCookie: [], csrfToken: [] };

/** The options of an @Operation, with classes replaced by names. */
export interface OperationMetadata extends Omit<OperationOptions, 'answer' | 'meta'> {
  /** The name of the class of `data`; undefined if `data` is null. */
  model: string | undefined;
  /** The name of the class of `meta` of a plain list. */
  meta: string | undefined;
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
  const { answer, meta, ...rest } = options;
  const model = Array.isArray(answer) ? answer[0] : answer;
  return (target, key, descriptor: PropertyDescriptor) => {
    operations.set(descriptor.value as object, options);
    const metadata: OperationMetadata = {
      ...rest,
      model: model?.name,
      meta: meta?.name,
      isList: Array.isArray(answer),
      readsToken: hasMaybeActor(target.constructor, key),
    };
    applyDecorators(
      HttpCode(options.status ?? 200),
      ApiOperation({ summary: options.summary, description: describe(options) }),
      ApiExtension(OPERATION_EXTENSION, metadata),
      ...[model, meta].flatMap((type) => (type ? [ApiExtraModels(type) as MethodDecorator] : [])),
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
  const machines = isForApiKeys(permission) ? ', API keys' : '';
  const roles = permission === 'public' ? 'anyone' : `${PERMISSIONS[permission].join(', ')}${machines}`;
  return `${description ? `${description}\n\n` : ''}Permission: \`${permission}\` (${roles}).`;
}
