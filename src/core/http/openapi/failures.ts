import { ERROR_STATUS, type ErrorCode, type ErrorStatuses } from '../../kernel/domain-error.js';
import { errorDetailsWith } from './error-details.js';
import type { DemoIds } from './examples.js';
import { refTo, type ApiDocument, type Response, type Schema } from './schema.js';

/** Without 405, which no documented operation answers. */
export type Status = Exclude<ErrorStatuses[ErrorCode], 405>;

/** The names of the components for the failures of each status. */
const NAMES: Record<Status, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  402: 'PaymentRequired',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'RequestTimeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  422: 'UnprocessableContent',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

/** The schema of `error.details` for the codes of core, by status. Features add their fields (`registerErrorDetails`). */
const DETAILS: Partial<Record<Status, { name: string; schema: Schema }>> = {
  400: { name: 'ValidationDetails', schema: { type: 'array', items: refTo('FieldError') } },
  403: {
    name: 'ForbiddenDetails',
    schema: { type: 'object', properties: { reason: { type: 'string', description: 'For programs.' } } },
  },
  409: {
    name: 'ConflictDetails',
    schema: {
      type: 'object',
      properties: {
        reason: { type: 'string', description: '`INVALID_TRANSITION`: why, such as `TOO_EARLY`.' },
        from: { type: 'string', description: '`INVALID_TRANSITION`: the present status.' },
        allowedFrom: {
          type: 'array',
          items: { type: 'string' },
          description: '`INVALID_TRANSITION`: the statuses in which this is possible.',
        },
      },
    },
  },
  422: { name: 'UnprocessableDetails', schema: { type: 'object' } },
  429: {
    name: 'RateLimitDetails',
    schema: {
      type: 'object',
      required: ['limit', 'remaining', 'resetSeconds'],
      properties: {
        limit: { type: 'integer' },
        remaining: { type: 'integer' },
        resetSeconds: { type: 'integer' },
      },
    },
  },
};

/** The schema of the details of all other codes. */
const ANY_DETAILS: Schema = { description: 'More on the error, for programs; null where there is nothing to add.' };

const HEADERS: Partial<Record<Status, string[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  503: ['Retry-After'],
};

/** The schema of the details of a status, with the fields of the features first. */
function getDetails(status: Status): { name: string; schema: Schema } | undefined {
  const own = DETAILS[status];
  if (own?.schema.type !== 'object') return own;
  const parts = [...errorDetailsWith(status).map((details) => details.properties), own.schema.properties ?? {}];
  const properties: Record<string, Schema> = {};
  for (const [name, field] of parts.flatMap((part) => Object.entries(part)))
    properties[name] = { ...field, ...joinDescriptions(properties[name], field) };
  return { name: own.name, schema: { ...own.schema, properties } };
}

/** Joins them in alphabetical order, so that the document does not depend on the order in which features are loaded. */
function joinDescriptions(one: Schema | undefined, other: Schema): Pick<Schema, 'description'> {
  const descriptions = [one?.description, other.description].filter((text) => text !== undefined).sort();
  return descriptions.length > 0 ? { description: descriptions.join(' ') } : {};
}

type Example = [code: ErrorCode, message: string, details: unknown];

const EXAMPLES: Partial<Record<Status, Example>> = {
  400: ['VALIDATION_ERROR', 'Some fields are not valid.', [{ field: 'email', error: 'must be an email' }]],
  429: ['RATE_LIMITED', 'Too many requests; wait a while.', { limit: 600, remaining: 0, resetSeconds: 12 }],
};

function toExample(status: Status, demoIds: DemoIds): object | undefined {
  const example = EXAMPLES[status] ?? featureExample(status, demoIds);
  if (!example) return undefined;
  const [code, message, details] = example;
  return {
    success: false,
    error: { code, message, details },
    message,
    timestamp: '2030-01-07T08:00:00.000Z',
    requestId: 'b8f5c1d2-request',
  };
}

function featureExample(status: Status, demoIds: DemoIds): Example | undefined {
  for (const { code, example } of errorDetailsWith(status)) {
    if (!example) continue;
    const { message, details } = example(demoIds);
    return [code, message, details];
  }
  return undefined;
}

/** The schemas of a failure envelope and of its error. */
function toFailureSchemas(prefix: string, details: Schema): Record<string, Schema> {
  return {
    [`${prefix}Error`]: {
      type: 'object',
      required: ['code', 'message', 'details'],
      properties: { code: refTo('ErrorCode'), message: { type: 'string' }, details },
    },
    [`${prefix}Failure`]: {
      type: 'object',
      required: ['success', 'error', 'message', 'timestamp', 'requestId'],
      properties: {
        success: { type: 'boolean', const: false },
        error: refTo(`${prefix}Error`),
        message: { type: 'string', description: 'The message of the error again.' },
        timestamp: { type: 'string', format: 'date-time' },
        requestId: { type: ['string', 'null'], description: 'Also in `X-Request-Id`, and in every line of the log.' },
      },
    },
  };
}

const COMMON_SCHEMAS: Record<string, Schema> = {
  FieldError: {
    type: 'object',
    required: ['field', 'error'],
    properties: {
      field: { type: 'string', description: 'Its path, such as `address.city` or `items[2].price`.' },
      error: { type: 'string' },
    },
  },
  BareFailure: {
    type: 'object',
    required: ['error', 'message'],
    properties: { error: { type: 'string' }, message: { type: 'string', description: 'The same sentence.' } },
  },
};

const BARE_FAILURE_RESPONSE: Response = {
  description:
    'What went wrong, in a sentence. 400: the request, or a conflict. 401: not signed in. 403: not allowed, or too ' +
    'many requests. 404: not found, or no access. 500: try again later.',
  content: { 'application/json': { schema: refTo('BareFailure') } },
};

/** Adds the failures of every status to the document. @param demoIds for the examples */
export function addFailures({ components }: ApiDocument, demoIds: DemoIds): void {
  const { schemas, responses } = components;
  Object.assign(schemas, toFailureSchemas('Api', ANY_DETAILS), COMMON_SCHEMAS, {
    // Not a constant: features register codes at their start.
    ErrorCode: { type: 'string', enum: Object.keys(ERROR_STATUS).sort() },
  });
  for (const [key, name] of Object.entries(NAMES)) {
    const status = Number(key) as Status;
    const details = getDetails(status);
    for (const { schemas: named } of errorDetailsWith(status)) Object.assign(schemas, named);
    if (details) {
      schemas[details.name] = { ...details.schema, ...(details.schema.properties && { additionalProperties: true }) };
      Object.assign(schemas, toFailureSchemas(name, { anyOf: [refTo(details.name), { type: 'null' }] }));
    }
    responses[name] = failureResponse(status, refTo(`${details ? name : 'Api'}Failure`), demoIds);
  }
  responses.BareFailure = BARE_FAILURE_RESPONSE;
}

/** The codes that most operations with this status have. Other operations list their own. */
const USUAL: Partial<Record<Status, ErrorCode[]>> = {
  400: ['VALIDATION_ERROR', 'MALFORMED_JSON'],
  401: ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'],
  403: ['FORBIDDEN'],
};

const usualCodes = (status: Status): string[] =>
  USUAL[status] ??
  Object.entries(ERROR_STATUS)
    .flatMap(([code, statusOfCode]) => (statusOfCode === status ? [code] : []))
    .sort();

function failureResponse(status: Status, schema: Schema, demoIds: DemoIds): Response {
  const example = toExample(status, demoIds);
  const headers = HEADERS[status];
  return {
    description: formatCodes(usualCodes(status)),
    ...(headers && { headers: toHeaderRefs(headers) }),
    content: { 'application/json': { schema, ...(example && { example }) } },
  };
}

export const toHeaderRefs = (names: string[]): Record<string, { $ref: string }> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const formatCodes = (codes: string[]): string =>
  [...codes]
    .sort()
    .map((code) => `\`${code}\``)
    .join(', ');

/** A reference to the failures of a status. @param codes the codes that the operation can return */
export const refToFailure = (status: Status, codes: ErrorCode[]): Response => ({
  $ref: `#/components/responses/${NAMES[status]}`,
  ...(formatCodes(codes) !== formatCodes(usualCodes(status)) && { description: formatCodes(codes) }),
});

export const refToFailureSchema = (status: Status): Schema => refTo(`${NAMES[status]}Failure`);

export const BARE_FAILURE: Response = { $ref: '#/components/responses/BareFailure' };
