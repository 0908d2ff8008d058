export interface ProviderErrorOptions {
  /** As the provider asked for. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** A call to a provider failed. The reason is a code for programs and logs, without any words of the provider. */
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

export type UnavailableReason =
  'CIRCUIT_OPEN' | 'PROVIDER_ASKED_TO_WAIT' /** As many calls are running as are allowed. */ | 'BUSY';

/** The call was not made, so nothing can have happened at the provider. */
export class ProviderUnavailable extends ProviderError {
  constructor(
    override readonly reason: UnavailableReason,
    override readonly retryAfterSeconds: number,
  ) {
    super(reason, { retryAfterSeconds });
  }
}

/**
 * The error of a failed attempt. If the attempt was aborted, that is the signal's reason; an error of the connection becomes
 * `NETWORK_<code>`.
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

/** Seconds of a Retry-After header: a number, or a date after `now` (epoch milliseconds). */
export function retryAfterSeconds(header: string | null | undefined, now: number): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1_000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS) : undefined;
}
