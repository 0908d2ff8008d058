/** The only source of "now" for domain code. Instants are epoch milliseconds. */
export abstract class Clock {
  abstract now(): number;
}

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}
