import { Clock } from '../../src/core/kernel/clock.js';

/** A clock that a test sets. */
export class SettableClock extends Clock {
  private instant = Date.now();

  now(): number {
    return this.instant;
  }

  /** @param instant ISO 8601 */
  set(instant: string): void {
    this.instant = Date.parse(instant);
  }
}
