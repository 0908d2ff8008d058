import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import { DomainError } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import type { CareSlotRequest } from './careslot-request.js';
import { readHead } from './body-head.js';

/** The content of a request that will be refused. */
export interface RefusedRequest {
  /** The parsed body; undefined if it could not be parsed. */
  body: unknown;
  /** The first part of the body as text; empty if it was parsed. */
  text: string;
  headers: IncomingHttpHeaders;
  /** Null if the caller is not signed in. */
  userId: string | null;
}

/** Implemented by a feature whose requests may describe an emergency. */
export interface EmergencyTextProvider {
  handles(method: string, path: string): boolean;
  /** The instructions for the caller; null if the request does not describe an emergency. */
  textFor(request: RefusedRequest): Promise<string | null>;
}

/** The maximum time to wait for the emergency text. After that, the error is sent without it. */
const MAX_WAIT_MILLISECONDS = 2_000;

/**
 * If a refused request describes an emergency, the error message starts with instructions what to do. Features register
 * providers. The body is also examined if the caller is not signed in, exceeds a rate limit, or sent a body that cannot be parsed.
 */
@Injectable()
export class EmergencyTexts {
  private readonly providers: EmergencyTextProvider[] = [];

  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  register(provider: EmergencyTextProvider): void {
    this.providers.push(provider);
  }

  /** Whether a provider examines requests of this route. */
  concerns(request: CareSlotRequest): boolean {
    return this.providerFor(request) !== undefined;
  }

  /** The error with the emergency text before its message; the same error if there is no emergency. Never throws. */
  async addText(error: DomainError, request: CareSlotRequest): Promise<DomainError> {
    const provider = this.providerFor(request);
    if (!provider || error.hasEmergencyText) return error;
    const text = await Promise.race([this.find(provider, request), sleep(MAX_WAIT_MILLISECONDS, null, { ref: false })]);
    if (!text || error.message.startsWith(text)) return error;
    return new DomainError(error.code, `${text} ${error.message}`, error.details, error.retryAfterSeconds);
  }

  private async find(provider: EmergencyTextProvider, request: CareSlotRequest): Promise<string | null> {
    try {
      const body: unknown = request.body;
      const isParsed = typeof body === 'object' && body !== null && Object.keys(body).length > 0;
      return await provider.textFor({
        body: isParsed ? body : undefined,
        text: isParsed ? '' : await readHead(request),
        headers: request.headers,
        userId: request.actor?.userId ?? null,
      });
    } catch (error) {
      this.logger.error({ err: error }, 'an error was sent without looking for an emergency');
      return null;
    }
  }

  private providerFor(request: CareSlotRequest): EmergencyTextProvider | undefined {
    const path = `${request.baseUrl}${request.path}`;
    return this.providers.find((provider) => provider.handles(request.method, path));
  }
}
