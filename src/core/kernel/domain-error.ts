const CORE_STATUS = {
  VALIDATION_ERROR: 400,
  /** Also of requests, headers and addresses that cannot be read. */
  MALFORMED_JSON: 400,
  BAD_CURSOR: 400,
  UNAUTHENTICATED: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_REVOKED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  INVALID_TRANSITION: 409,
  ALREADY_EXISTS: 409,
  IDEMPOTENCY_IN_PROGRESS: 409,
  IN_USE: 409,
  VERSION_MISMATCH: 412,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const;

type CoreStatuses = typeof CORE_STATUS;

/**
 * The error codes of the API with their HTTP statuses. A feature declares its own codes in this interface
 * (`declare module`) and registers them with `registerErrorCodes`.
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- features add members by declaration merging
export interface ErrorStatuses extends CoreStatuses {}

/** The codes of core, and those that the features have registered. */
export const ERROR_STATUS = { ...CORE_STATUS } as ErrorStatuses;

export const registerErrorCodes = (codes: Partial<ErrorStatuses>): void => void Object.assign(ERROR_STATUS, codes);

export type ErrorCode = keyof ErrorStatuses;

export interface FieldError {
  field: string;
  error: string;
}

/** Thrown if a use case cannot fulfil a request. The HTTP filter turns it into the failure envelope. */
export class DomainError extends Error {
  /** Runs after the rollback of the transaction, to add details from the database without holding locks. */
  afterRollback?: () => Promise<void>;
  /** Whether the message already begins with instructions for an emergency. */
  hasEmergencyText = false;
  /** Why there was no connection to PostgreSQL, for the log. Not the `cause`: that means that a statement was sent. */
  connectionError?: unknown;

  constructor(
    readonly code: ErrorCode,
    message: string,
    public details?: unknown,
    /** When to try again, in seconds; sent as Retry-After. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = code;
  }
}

/** Whether the error means that a dependency, such as the database, is unavailable. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'SERVICE_UNAVAILABLE';

/** 404, with the same message for objects that do not exist and objects that the caller may not access. */
export const notFound = (): DomainError => new DomainError('NOT_FOUND', 'Not found, or no access.');

export const forbidden = (message = 'Your role may not do this.', details?: unknown): DomainError =>
  new DomainError('FORBIDDEN', message, details);

export const invalid = (...errors: FieldError[]): DomainError =>
  new DomainError('VALIDATION_ERROR', 'Some fields are not valid.', errors);

export const versionMismatch = (): DomainError =>
  new DomainError('VERSION_MISMATCH', 'The object was changed since you read it. Read it again.');
