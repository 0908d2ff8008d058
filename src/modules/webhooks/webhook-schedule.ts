import type { WebhookOutcome } from './webhook-client.js';

/** In seconds. */
const [MINUTE, HOUR] = [60, 3_600];

/** The delays between attempts: together about a day, like the example of Standard Webhooks. */
const RETRY_DELAYS_SECONDS = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 8 * HOUR, 8 * HOUR];
/** A delay is up to this part longer, so that deliveries that failed together are not all retried together. */
const JITTER = 0.1;
/** The longest Retry-After that is respected. */
const MAX_RETRY_AFTER_SECONDS = HOUR;
/** How long the other deliveries to an endpoint wait after an attempt that got no response in time. */
const TIMEOUT_DELAY_SECONDS = MINUTE;

export type NextStep = { kind: 'DELIVERED' } | { kind: 'RETRY'; afterSeconds: number } | { kind: 'FAILED' };

/** @param attempt 1 for the first attempt */
export function nextStep({ status, error, retryAfterSeconds = 0 }: WebhookOutcome, attempt: number): NextStep {
  if (error === null) return { kind: 'DELIVERED' };
  const delay = RETRY_DELAYS_SECONDS[attempt - 1];
  if (status === 410 || delay === undefined) return { kind: 'FAILED' };
  const seconds = delay * (1 + JITTER * Math.random());
  return { kind: 'RETRY', afterSeconds: Math.max(seconds, Math.min(retryAfterSeconds, MAX_RETRY_AFTER_SECONDS)) };
}

/** How many seconds the other deliveries to the endpoint wait after an attempt, so that it is not called in vain: 0 if they need not. */
export function otherDeliveriesDelaySeconds({ status, error, retryAfterSeconds = 0 }: WebhookOutcome): number {
  if (status === 429 || status === 503) return Math.min(retryAfterSeconds, MAX_RETRY_AFTER_SECONDS);
  return error === 'TIMEOUT' ? TIMEOUT_DELAY_SECONDS : 0;
}
