interface ProviderErrorOptions {
  /** The pause that the provider requested. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** A failed call of a provider. The reason is a code for programs and logs, without any text of the provider. */
export class ProviderError extends Error {
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly reason: string,
    { retryAfterSeconds, cause }: ProviderErrorOptions = {},
  ) {
    super(reason, { cause });
    this.name = new.target.name;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** BUSY: the maximum number of calls is running. */
type UnavailableReason = 'CIRCUIT_OPEN' | 'PROVIDER_ASKED_TO_WAIT' | 'BUSY';

/** The call was not made, so it has had no effect at the provider. */
export class ProviderUnavailable extends ProviderError {
  constructor(
    override readonly reason: UnavailableReason,
    override readonly retryAfterSeconds: number,
  ) {
    super(reason, { retryAfterSeconds });
  }
}

/**
 * Converts the error of an attempt. If the attempt was aborted, returns the reason of the signal. An error of the connection gets
 * the reason `NETWORK_<code>`.
 */
export function toProviderError(error: unknown, signal?: AbortSignal): ProviderError {
  if (signal?.aborted && signal.reason instanceof ProviderError) return signal.reason;
  if (error instanceof ProviderError) return error;
  const { name, code, cause } = error as { name?: string; code?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError' || name === 'AbortError') return new ProviderError('TIMEOUT', { cause: error });
  const detail = [code, cause?.code].find((value) => typeof value === 'string');
  return new ProviderError(detail ? `NETWORK_${String(detail)}` : 'NETWORK', { cause: error });
}

const MAX_RETRY_AFTER_SECONDS = 86_400;

/** The seconds of a Retry-After header: a number, or a date relative to `now` (epoch milliseconds). */
export function retryAfterSeconds(header: string | null | undefined, now: number): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1_000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS) : undefined;
}
