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

/** Counts per key in windows of time (a minute by default), in the memory of this process: it runs before every request. */
export class LocalRateLimiter {
  private counts = new Map<string, number>();
  private endsAt = 0;

  constructor(
    private readonly most: number,
    private readonly clock: Clock,
    private readonly milliseconds = MINUTE,
  ) {}

  /** @throws DomainError RATE_LIMITED */
  consume(key: string): void {
    if (this.count(key) > this.most) throw tooMany(this.endsAt - this.clock.now(), this.most);
  }

  /** Counts nothing. @throws DomainError RATE_LIMITED where the next one would be too many */
  assertFree(key: string): void {
    this.turn();
    if ((this.counts.get(key) ?? 0) >= this.most) throw tooMany(this.endsAt - this.clock.now(), this.most);
  }

  /** Refuses nothing. @returns how many there were in this window */
  count(key: string): number {
    this.turn();
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return count;
  }

  /** Takes one back that was counted. */
  giveBack(key: string): void {
    this.turn();
    const count = this.counts.get(key) ?? 0;
    if (count > 0) this.counts.set(key, count - 1);
  }

  private turn(): void {
    const now = this.clock.now();
    if (now < this.endsAt) return;
    this.counts = new Map();
    this.endsAt = now + this.milliseconds;
  }
}
