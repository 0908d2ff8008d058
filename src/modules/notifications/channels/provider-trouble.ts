/** The provider (not this one message) is in trouble: it counts for the circuit, and the message comes again. */
export class ProviderTrouble extends Error {
  constructor(
    readonly reason: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(reason);
  }
}

/** The provider was not asked: nothing can have been sent. */
export class NotAsked extends ProviderTrouble {}

const MOST_SECONDS = 86_400;

/** Seconds of a Retry-After header: a number, or a date that `now` (epoch milliseconds) is taken from. */
export function retryAfterSeconds(header: string | null | undefined, now: number): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1_000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), MOST_SECONDS) : undefined;
}
