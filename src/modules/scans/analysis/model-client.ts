import { ProviderClient, type Attempt } from '../../../core/resilience/provider-client.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import type { ModelSettings } from './model.js';

/** The reasons of core/resilience that are stored under another name. */
const STORED_REASONS: Readonly<Record<string, string>> = {
  BUSY: 'UPSTREAM_ERROR',
  FAILED: 'UPSTREAM_ERROR',
  DECLINED: 'REFUSED',
  REDIRECTED: 'UNREACHABLE',
  UNREADABLE_RESPONSE: 'BAD_ANSWER',
  TOO_LARGE: 'ANSWER_TOO_LARGE',
};
const TRANSIENT: ReadonlySet<string> = new Set(['UNREACHABLE', 'UPSTREAM_ERROR']);
/** Concurrent requests of one process; the queue runs fewer. */
const MAX_CONCURRENT = 10;

/**
 * Calls a model server with one time limit for both attempts and a circuit breaker. Inference changes nothing on the server, so a
 * second attempt is safe. A refused request does not count as a failure of the server: the request is wrong.
 */
export class ModelClient {
  private readonly provider: ProviderClient;

  constructor({ url, timeoutMilliseconds, logger }: ModelSettings) {
    this.provider = new ProviderClient({
      name: 'scan model',
      url,
      logger,
      timeoutMilliseconds,
      maxConcurrent: MAX_CONCURRENT,
      maxWaitMilliseconds: timeoutMilliseconds,
      maxPauseMilliseconds: 0,
      circuit: { volume: 5, windowMilliseconds: 10_000, resetMilliseconds: 30_000 },
      isProviderFailure: ({ reason }) => reason !== 'REFUSED' && reason !== 'UNSUPPORTED_MODEL',
      retry: {
        retries: 1,
        isTransient: ({ reason }) => TRANSIENT.has(reason),
        backoffMilliseconds: 0,
        // After a longer pause, no time would be left for the second attempt.
        maxRetryAfterMilliseconds: timeoutMilliseconds,
      },
    });
  }

  close(): void {
    this.provider.close();
  }

  /** @throws ProviderError */
  call<T>(attempt: Attempt<Promise<T>>): Promise<T> {
    return this.provider.call((signal) => attempt(signal).catch(rethrowWithStoredReason));
  }
}

function rethrowWithStoredReason(error: unknown): never {
  if (!(error instanceof ProviderError)) throw error;
  const { reason, retryAfterSeconds } = error;
  throw new ProviderError(STORED_REASONS[reason] ?? reason, { retryAfterSeconds, cause: error });
}
