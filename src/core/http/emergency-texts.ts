import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import { DomainError } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import type { CareSlotRequest } from './access.guard.js';
import { headText } from './body-head.js';

/** A request that is about to be refused, as far as it is known. */
export interface RefusedRequest {
  /** The parsed body; undefined where it could not be read. */
  body: unknown;
  /** The first part of the body as text; empty where it was parsed. */
  text: string;
  headers: IncomingHttpHeaders;
  /** Null where the caller is not signed in. */
  userId: string | null;
}

/** A feature whose requests may tell of an emergency. */
export interface EmergencyTextProvider {
  handles(method: string, path: string): boolean;
  /** What to tell the caller before anything else; null where nothing in the request tells of an emergency. */
  textFor(request: RefusedRequest): Promise<string | null>;
}

/** An error waits this long for the emergency text; after that it is sent without it. */
const WITHIN_MILLISECONDS = 2_000;

/**
 * Where a refused request tells of an emergency, the message of the error begins with what to do. Features register
 * themselves; this knows none of them. The body is looked at also where the caller is not signed in, is over a limit, or
 * sent something that can't be read.
 */
@Injectable()
export class EmergencyTexts {
  private readonly providers: EmergencyTextProvider[] = [];

  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  register(provider: EmergencyTextProvider): void {
    this.providers.push(provider);
  }

  concerns(request: CareSlotRequest): boolean {
    return this.providerFor(request) !== undefined;
  }

  /** The error with the text in front of its message, or the error as it is. Never throws. */
  async prefixed(error: DomainError, request: CareSlotRequest): Promise<DomainError> {
    const provider = this.providerFor(request);
    if (!provider) return error;
    const text = await Promise.race([this.find(provider, request), sleep(WITHIN_MILLISECONDS, null, { ref: false })]);
    if (!text || error.message.startsWith(text)) return error;
    return new DomainError(error.code, `${text} ${error.message}`, error.details, error.retryAfterSeconds);
  }

  private async find(provider: EmergencyTextProvider, request: CareSlotRequest): Promise<string | null> {
    try {
      const body: unknown = request.body;
      const isParsed = typeof body === 'object' && body !== null && Object.keys(body).length > 0;
      return await provider.textFor({
        body: isParsed ? body : undefined,
        text: isParsed ? '' : await headText(request),
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
