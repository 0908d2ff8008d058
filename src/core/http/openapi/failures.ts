import { ERROR_STATUS, type ErrorCode, type ErrorStatuses } from '../../kernel/domain-error.js';
import { refTo, type ApiDocument, type Response, type Schema } from './schema.js';

/** Without 405, which no documented operation answers. */
export type Status = Exclude<ErrorStatuses[ErrorCode], 405>;

/** A component of the document for each status of a failure. */
const NAMES: Record<Status, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'RequestTimeout',
  409: 'Conflict',
  412: 'PreconditionFailed',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  422: 'UnprocessableContent',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

const SLOT: Schema = {
  type: 'object',
  required: ['startDateTime', 'endDateTime', 'doctorId'],
  properties: {
    startDateTime: { type: 'string', format: 'date-time' },
    endDateTime: { type: 'string', format: 'date-time' },
    doctorId: { type: 'string', format: 'uuid' },
  },
};

/** What `error.details` holds, by status. Which fields are there depends on the code. */
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
        conflictingWith: {
          ...refTo('ConflictingWith'),
          description: '`APPOINTMENT_CONFLICT`: what is taken at this time.',
        },
        alternatives: {
          type: 'array',
          items: refTo('AlternativeSlot'),
          description: '`APPOINTMENT_CONFLICT`: up to three of the nearest free times.',
        },
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
  422: {
    name: 'UnprocessableDetails',
    schema: {
      type: 'object',
      properties: {
        reason: {
          type: 'string',
          description:
            '`SLOT_NOT_OFFERED`: `INSIDE_NOTICE`, `PAST_HORIZON`, `TIME_OFF`, `OUTSIDE_WORKING_HOURS`, `OFF_GRID` or ' +
            '`TOO_MANY_UPCOMING`. `UNPROCESSABLE_FILE`: what is wrong with the file.',
        },
        maxUpcomingPerClient: { type: 'integer', description: '`TOO_MANY_UPCOMING`: the limit of the clinic.' },
        cancellationCutoffMinutes: { type: 'integer', description: '`CANCELLATION_TOO_LATE`: the cut-off.' },
      },
    },
  },
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

const ANY_DETAILS: Schema = { description: 'More on the error, for programs; null where there is nothing to add.' };

const HEADERS: Partial<Record<Status, string[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  503: ['Retry-After'],
};

/** One example of each failure whose details are typed. */
function exampleOf(status: Status, doctorId: string): object | undefined {
  const details: Partial<Record<Status, [code: ErrorCode, message: string, details: unknown]>> = {
    400: ['VALIDATION_ERROR', 'Some fields are not valid.', [{ field: 'email', error: 'must be an email' }]],
    409: [
      'APPOINTMENT_CONFLICT',
      'The doctor is taken at this time.',
      {
        conflictingWith: 'DOCTOR',
        alternatives: [
          { startDateTime: '2030-01-07T09:30:00.000Z', endDateTime: '2030-01-07T10:00:00.000Z', doctorId },
          { startDateTime: '2030-01-07T10:00:00.000Z', endDateTime: '2030-01-07T10:30:00.000Z', doctorId },
        ],
      },
    ],
    422: ['SLOT_NOT_OFFERED', 'This time is outside of the working hours.', { reason: 'OUTSIDE_WORKING_HOURS' }],
    429: ['RATE_LIMITED', 'Too many requests; wait a while.', { limit: 600, remaining: 0, resetSeconds: 12 }],
  };
  const [code, message, more] = details[status] ?? [];
  if (!code) return undefined;
  return {
    success: false,
    error: { code, message, details: more },
    message,
    timestamp: '2030-01-07T08:00:00.000Z',
    requestId: 'b8f5c1d2-request',
  };
}

/** The schema of the envelope of a failure, and of the error in it. */
function failure(prefix: string, details: Schema): Record<string, Schema> {
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

/** Adds the failures of every status to the document. @param doctorId stands in the example of a conflict */
export function addFailures({ components }: ApiDocument, doctorId: string): void {
  const { schemas, responses } = components;
  Object.assign(schemas, failure('Api', ANY_DETAILS), {
    ErrorCode: { type: 'string', enum: Object.keys(ERROR_STATUS).sort() },
    FieldError: {
      type: 'object',
      required: ['field', 'error'],
      properties: {
        field: { type: 'string', description: 'Its path, such as `address.city` or `items[2].price`.' },
        error: { type: 'string' },
      },
    },
    AlternativeSlot: SLOT,
    ConflictingWith: { type: 'string', enum: ['CLIENT', 'DOCTOR', 'RESOURCE'] },
    BareFailure: {
      type: 'object',
      required: ['error', 'message'],
      properties: { error: { type: 'string' }, message: { type: 'string', description: 'The same sentence.' } },
    },
  });
  for (const [key, name] of Object.entries(NAMES)) {
    const status = Number(key) as Status;
    const details = DETAILS[status];
    if (details) {
      schemas[details.name] = { ...details.schema, ...(details.schema.properties && { additionalProperties: true }) };
      Object.assign(schemas, failure(name, { anyOf: [refTo(details.name), { type: 'null' }] }));
    }
    responses[name] = failureResponse(status, refTo(`${details ? name : 'Api'}Failure`), doctorId);
  }
  responses.BareFailure = {
    description:
      'What went wrong, in a sentence. 400: the request, or a conflict. 401: not signed in. 403: not allowed, or too ' +
      'many requests. 404: not found, or no access. 500: try again later.',
    content: { 'application/json': { schema: refTo('BareFailure') } },
  };
}

/** The codes that most operations with this status have; the others list theirs. */
const USUAL: Partial<Record<Status, ErrorCode[]>> = {
  400: ['VALIDATION_ERROR', 'MALFORMED_JSON'],
  401: ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'],
  403: ['FORBIDDEN'],
};

const usualCodes = (status: Status): string[] =>
  USUAL[status] ??
  Object.entries(ERROR_STATUS)
    .flatMap(([code, itsStatus]) => (itsStatus === status ? [code] : []))
    .sort();

function failureResponse(status: Status, schema: Schema, doctorId: string): Response {
  const example = exampleOf(status, doctorId);
  const headers = HEADERS[status];
  return {
    description: listOfCodes(usualCodes(status)),
    ...(headers && { headers: headersOf(headers) }),
    content: { 'application/json': { schema, ...(example && { example }) } },
  };
}

export const headersOf = (names: string[]): Record<string, { $ref: string }> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const listOfCodes = (codes: string[]): string =>
  [...codes]
    .sort()
    .map((code) => `\`${code}\``)
    .join(', ');

/** A reference to the failures of a status. @param codes those that the operation can give */
export const failureOf = (status: Status, codes: ErrorCode[]): Response => ({
  $ref: `#/components/responses/${NAMES[status]}`,
  ...(listOfCodes(codes) !== listOfCodes(usualCodes(status)) && { description: listOfCodes(codes) }),
});

export const BARE_FAILURE: Response = { $ref: '#/components/responses/BareFailure' };
