import { ProviderError } from './provider-error.js';

/**
 * Aborts a call at its deadline, or when its caller disconnects. AbortSignal.timeout() cannot be cleared: the timers of all recent
 * calls would remain and fire.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly total: NodeJS.Timeout | undefined;
  private readonly firstItem: NodeJS.Timeout | undefined;

  constructor(
    totalMilliseconds: number,
    firstItemMilliseconds = Infinity,
    private readonly caller?: AbortSignal,
  ) {
    this.total = this.expireAfter(totalMilliseconds);
    this.firstItem = this.expireAfter(firstItemMilliseconds);
    caller?.addEventListener('abort', this.abortForCaller);
    if (caller?.aborted) this.abortForCaller();
  }

  /** The reason of the signal is a ProviderError: `TIMEOUT`, `CLIENT_DISCONNECTED`, or the reason of the caller's signal. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Rejects when the signal aborts. */
  rejectOnAbort(): Promise<never> {
    return new Promise((_, reject) => {
      const fail = (): void => reject(this.signal.reason as ProviderError);
      this.signal.addEventListener('abort', fail, { once: true });
      if (this.signal.aborted) fail();
    });
  }

  firstItemArrived(): void {
    clearTimeout(this.firstItem);
  }

  clear(): void {
    clearTimeout(this.total);
    clearTimeout(this.firstItem);
    this.caller?.removeEventListener('abort', this.abortForCaller);
  }

  private readonly abortForCaller = (): void => {
    const reason: unknown = this.caller?.reason;
    this.controller.abort(reason instanceof ProviderError ? reason : new ProviderError('CLIENT_DISCONNECTED'));
  };

  private expireAfter(milliseconds: number): NodeJS.Timeout | undefined {
    if (milliseconds === Infinity) return undefined;
    return setTimeout(() => this.controller.abort(new ProviderError('TIMEOUT')), milliseconds);
  }
}
