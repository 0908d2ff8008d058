import { applyDecorators, HttpCode, UseInterceptors, type Type } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ERROR_STATUS, type ErrorCode } from '../kernel/domain-error.js';
import { bareStatusOf } from './bare.js';
import { PERMISSIONS, type Permission } from '../security/permissions.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

export interface OperationOptions {
  /** One line for the OpenAPI document. */
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
  /** A POST that creates: takes an Idempotency-Key. READS_FIRST saves a round trip where a hot one may (Attempt.readsFirst). */
  idempotent?: boolean | 'READS_FIRST';
  /** A PUT or POST that takes If-Match. */
  versioned?: boolean;
  /** Answers the thing itself, and errors as `{ error, message }`: every route of /api without a version. */
  bare?: boolean;
  /** Answers something other than the envelope. */
  rawContentType?: string;
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
  const decorators: (MethodDecorator | ClassDecorator)[] = [
    HttpCode(options.status ?? 200),
    ApiOperation({ summary: options.summary, description: describe(options) }),
    ...answers(options),
    ...failures(options),
  ];
  if (options.permission !== 'public') decorators.push(ApiBearerAuth());
  if (options.idempotent) {
    decorators.push(UseInterceptors(IdempotencyInterceptor));
    decorators.push(
      ApiHeader({
        name: 'Idempotency-Key',
        required: false,
        description: 'Same key and body: the first answer again.',
      }),
    );
  }
  if (options.versioned) {
    decorators.push(
      ApiHeader({ name: 'If-Match', required: false, description: 'The ETag that was read, such as "3".' }),
    );
  }
  const decorate = applyDecorators(...decorators);
  return (target, key, descriptor: PropertyDescriptor) => {
    operations.set(descriptor.value as object, options);
    decorate(target, key, descriptor);
  };
}

function describe({ description, permission }: OperationOptions): string {
  const roles = permission === 'public' ? 'anyone' : PERMISSIONS[permission].join(', ');
  return `${description ? `${description}\n\n` : ''}Permission: \`${permission}\` (${roles}).`;
}

const EXAMPLE_INSTANT = '2026-11-23T09:00:00.000Z';

function answers({
  answer,
  plainList,
  status = 200,
  message,
  rawContentType,
  bare,
}: OperationOptions): MethodDecorator[] {
  if (rawContentType) {
    return [
      ApiResponse({
        status,
        description: 'The content.',
        content: { [rawContentType]: { schema: { type: 'string' } } },
      }),
    ];
  }
  const list = Array.isArray(answer);
  const paged = list && !plainList;
  const model = list ? answer[0] : answer;
  const item = model ? { $ref: getSchemaPath(model) } : { type: 'object' as const, nullable: true, example: null };
  const thing = list ? { type: 'array' as const, items: item } : item;
  const envelope = {
    type: 'object' as const,
    required: ['success', 'data', 'message', 'timestamp', ...(paged ? ['meta'] : [])],
    properties: {
      success: { type: 'boolean' as const, example: true },
      data: thing,
      message: { type: 'string' as const, example: message ?? 'OK' },
      timestamp: { type: 'string' as const, format: 'date-time', example: EXAMPLE_INSTANT },
      ...(paged && { meta: { $ref: '#/components/schemas/ListMeta' } }),
    },
  };
  const response = ApiResponse({ status, description: message ?? 'OK', schema: bare ? thing : envelope });
  return model ? [ApiExtraModels(model) as MethodDecorator, response] : [response];
}

function failures({ errors = [], permission, idempotent, versioned, bare }: OperationOptions): MethodDecorator[] {
  const codes = new Set<ErrorCode>([
    ...errors,
    'VALIDATION_ERROR',
    'RATE_LIMITED',
    'INTERNAL_ERROR',
    'SERVICE_UNAVAILABLE',
  ]);
  if (permission !== 'public') {
    for (const code of ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'] as const) codes.add(code);
    if (PERMISSIONS[permission].length < 5) codes.add('FORBIDDEN');
  }
  if (idempotent) for (const code of ['IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_PROGRESS'] as const) codes.add(code);
  if (versioned) codes.add('VERSION_MISMATCH');
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = bare ? bareStatusOf(code) : ERROR_STATUS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return [...byStatus].map(([status, names]) =>
    ApiResponse({
      status,
      description: names.map((name) => `\`${name}\``).join(', '),
      schema: bare ? BARE_FAILURE : failureSchema(names[0]),
    }),
  );
}

const BARE_FAILURE = {
  allOf: [{ $ref: '#/components/schemas/BareFailure' }],
  example: { error: 'What went wrong, in a sentence.', message: 'What went wrong, in a sentence.' },
};

const failureSchema = (code?: ErrorCode) => ({
  allOf: [{ $ref: '#/components/schemas/Failure' }],
  example: {
    success: false,
    error: { code, message: 'What went wrong, in a sentence.', details: null },
    timestamp: EXAMPLE_INSTANT,
    requestId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10',
  },
});
