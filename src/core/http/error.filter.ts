import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { DenialLog } from '../changes/denial-log.js';
import { translateDatabaseError } from '../database/database-errors.js';
import { DomainError, ERROR_STATUS } from '../kernel/domain-error.js';
import { reportError } from '../observability/error-reporter.js';
import { LOGGER } from '../logging/logger.js';
import { translateDiskError } from '../storage/storage-unavailable.js';
import type { RateLimitDetails } from '../security/local-rate-limiter.js';
import { toBareFailure, toBareStatus, expectsBareAnswer } from './bare.js';
import { sendJson } from './careslot-adapter.js';
import { discardBody } from './discard-body.js';
import { failureEnvelope } from './failure-envelope.js';
import { EmergencyTexts } from './emergency-texts.js';
import { countHttpError } from './http-metrics.js';

/** Converts errors of body-parser, the router and Nest to error codes of the API. */
function fromHttpError(status: number, type: string | undefined): DomainError | null {
  if (type === 'entity.parse.failed') return new DomainError('MALFORMED_JSON', 'The body is not valid JSON.');
  if (type === 'request.aborted') return new DomainError('REQUEST_TIMEOUT', 'The body did not arrive in full.');
  switch (status) {
    case 404:
      return new DomainError('NOT_FOUND', 'There is no such route.');
    case 413:
      return new DomainError('PAYLOAD_TOO_LARGE', 'The body is too large.');
    case 415:
      return new DomainError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json in UTF-8.');
    case 400:
      return new DomainError('MALFORMED_JSON', 'The request could not be read.');
    default:
      return null;
  }
}

export function toDomainError(thrown: unknown): DomainError | null {
  const error = translateDatabaseError(translateDiskError(thrown));
  if (error instanceof DomainError) return error;
  if (error instanceof HttpException) return fromHttpError(error.getStatus(), undefined);
  if (error instanceof URIError) return new DomainError('MALFORMED_JSON', 'The address could not be read.');
  const { status, type } = (error ?? {}) as { status?: unknown; type?: string };
  return typeof status === 'number' && status < 500 ? fromHttpError(status, type) : null;
}

/** Sends every error in the failure envelope, or bare for the unversioned API; never with a stack, a query or a file path. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly emergencies: EmergencyTexts,
    private readonly denials: DenialLog,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const code = toDomainError(thrown)?.code;
    if (code) {
      const { method, params } = request;
      const route = (request.route as { path?: string } | undefined)?.path;
      await this.denials.record({ method, route, params }, code);
    }
    this.send(thrown, request, http.getResponse<Response>());
  }

  send(thrown: unknown, request: Request, response: Response): void {
    const known = toDomainError(thrown);
    if (!known || known.cause) reportError(known?.cause ?? thrown);
    if (!known) this.logger.error({ err: thrown, method: request.method }, 'unexpected error');
    else if (known.cause) this.logger.error({ err: known.cause, method: request.method }, known.message);
    else if (known.connectionError) this.logNoConnection(known.connectionError, request);
    const error = known ?? new DomainError('INTERNAL_ERROR', 'Something went wrong on our side.');
    countHttpError(request.method, (request.route as { path?: string } | undefined)?.path ?? 'none', error.code);
    if (!this.emergencies.concerns(request)) return this.write(error, request, response);
    void this.emergencies.addText(error, request).then((withText) => this.write(withText, request, response));
  }

  private logNoConnection(error: unknown, { method }: Request): void {
    // The message of such an error contains no data of rows. An exhausted pool has no code, only a message.
    const reason = error instanceof Error ? error.message : undefined;
    this.logger.error({ err: error, reason, method }, 'no connection to the database');
  }

  private write(error: DomainError, request: Request, response: Response): void {
    if (response.headersSent) {
      if (!response.writableEnded) response.destroy();
      return;
    }
    const bare = expectsBareAnswer(request);
    response.statusCode = bare ? toBareStatus(error.code) : ERROR_STATUS[error.code];
    if (error.retryAfterSeconds) response.setHeader('Retry-After', String(error.retryAfterSeconds));
    if (error.code === 'RATE_LIMITED') setRateLimitHeaders(response, error.details as RateLimitDetails);
    if (response.statusCode === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    response.setHeader('Cache-Control', 'no-store');
    // The rest of the body is discarded.
    if (!request.complete) response.setHeader('Connection', 'close');
    sendJson(response, bare ? toBareFailure(error) : failureEnvelope(error));
    discardBody(request);
  }
}

function setRateLimitHeaders(response: Response, { limit, remaining, resetSeconds }: RateLimitDetails): void {
  response.setHeader('RateLimit-Limit', String(limit));
  response.setHeader('RateLimit-Remaining', String(remaining));
  response.setHeader('RateLimit-Reset', String(resetSeconds));
}
