import { ProviderError } from './provider-error.js';

/**
 * Ends a call in time, or when its caller leaves. Not AbortSignal.timeout(): that cannot be cleared, and would keep and fire
 * a timer for every call of the last seconds.
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
    caller?.addEventListener('abort', this.callerLeft);
    if (caller?.aborted) this.callerLeft();
  }

  /** Its reason is a ProviderError: `TIMEOUT`, `CLIENT_GONE` or the caller's own. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Rejects when the signal aborts. */
  passed(): Promise<never> {
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
    this.caller?.removeEventListener('abort', this.callerLeft);
  }

  private readonly callerLeft = (): void => {
    const reason: unknown = this.caller?.reason;
    this.controller.abort(reason instanceof ProviderError ? reason : new ProviderError('CLIENT_GONE'));
  };

  private expireAfter(milliseconds: number): NodeJS.Timeout | undefined {
    if (milliseconds === Infinity) return undefined;
    return setTimeout(() => this.controller.abort(new ProviderError('TIMEOUT')), milliseconds);
  }
}
