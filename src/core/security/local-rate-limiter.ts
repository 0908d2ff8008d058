import type { Clock } from '../kernel/clock.js';
import { DomainError } from '../kernel/domain-error.js';

const MINUTE = 60_000;

export interface RateLimitDetails {
  limit: number;
  remaining: number;
  resetSeconds: number;
}

export function tooMany(millisecondsBeforeNext: number, limit: number): DomainError {
  const seconds = Math.max(1, Math.ceil(millisecondsBeforeNext / 1000));
  const details: RateLimitDetails = { limit, remaining: 0, resetSeconds: seconds };
  return new DomainError('RATE_LIMITED', 'Too many requests; wait a while.', details, seconds);
}

/** Counts uses of a key in fixed windows (default: a minute), in the memory of this process: a round trip to Redis would cost too much. */
export class LocalRateLimiter {
  private counts = new Map<string, number>();
  private endsAt = 0;

  constructor(
    private readonly limit: number,
    private readonly clock: Clock,
    private readonly windowMilliseconds = MINUTE,
  ) {}

  /** Counts a use. @throws DomainError RATE_LIMITED if it exceeds the limit */
  consume(key: string): void {
    if (this.count(key) > this.limit) throw tooMany(this.endsAt - this.clock.now(), this.limit);
  }

  /** Does not count a use. @throws DomainError RATE_LIMITED if the next use would exceed the limit */
  assertFree(key: string): void {
    this.startWindow();
    if ((this.counts.get(key) ?? 0) >= this.limit) throw tooMany(this.endsAt - this.clock.now(), this.limit);
  }

  /** Counts a use, also above the limit. @returns the number of uses in this window */
  count(key: string): number {
    this.startWindow();
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return count;
  }

  /** Subtracts a use that was counted. */
  takeBack(key: string): void {
    this.startWindow();
    const count = this.counts.get(key) ?? 0;
    if (count > 0) this.counts.set(key, count - 1);
  }

  /** Starts a new window if the last one has ended. */
  private startWindow(): void {
    const now = this.clock.now();
    if (now < this.endsAt) return;
    this.counts = new Map();
    this.endsAt = now + this.windowMilliseconds;
  }
}
