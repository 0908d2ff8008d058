import { ProviderClient, type Attempt } from '../../../core/resilience/provider-client.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import type { ModelSettings } from './model.js';

/** Reasons that are kept with a failed analysis under another name than in core/resilience. */
const STORED_REASONS: Readonly<Record<string, string>> = {
  BUSY: 'UPSTREAM_ERROR',
  FAILED: 'UPSTREAM_ERROR',
  DECLINED: 'REFUSED',
  REDIRECTED: 'UNREACHABLE',
  GARBAGE: 'BAD_ANSWER',
  TOO_LARGE: 'ANSWER_TOO_LARGE',
};
const TRANSIENT: ReadonlySet<string> = new Set(['UNREACHABLE', 'UPSTREAM_ERROR']);
/** Analyses of one process at the same time; the job runs fewer. */
const MAX_CONCURRENT = 10;

/**
 * A model server: one time limit over two attempts (inference changes nothing there, so a second one is safe) and a circuit
 * breaker. A request that it refuses is our fault and says nothing about its health.
 */
export class ModelClient {
  private readonly provider: ProviderClient;

  constructor({ timeoutMilliseconds, logger }: ModelSettings) {
    this.provider = new ProviderClient({
      name: 'scan model',
      logger,
      timeoutMilliseconds,
      maxConcurrent: MAX_CONCURRENT,
      maxWaitMilliseconds: timeoutMilliseconds,
      maxPauseMilliseconds: 0,
      circuit: { volume: 5, windowMilliseconds: 10_000, resetMilliseconds: 30_000 },
      isProviderFailure: ({ reason }) => reason !== 'REFUSED',
      retry: {
        retries: 1,
        isTransient: ({ reason }) => TRANSIENT.has(reason),
        backoffMilliseconds: 0,
        maxRetryAfterMilliseconds: Infinity,
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
  throw new ProviderError(STORED_REASONS[error.reason] ?? error.reason, { cause: error });
}
