/** The source of the current time for all domain code, in epoch milliseconds. */
export abstract class Clock {
  abstract now(): number;
}

/** An instant in epoch milliseconds as ISO 8601 text. */
export const toIso = (instant: number): string => new Date(instant).toISOString();

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}
