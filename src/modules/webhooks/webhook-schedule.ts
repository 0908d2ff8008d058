import type { WebhookOutcome } from './webhook-client.js';

const [MINUTE, HOUR] = [60, 3_600];

/** The pauses between attempts, in seconds: together about a day, like the example of Standard Webhooks. */
const PAUSES = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 8 * HOUR, 8 * HOUR];
/** A pause is up to this part longer, so that deliveries that failed together are not all retried together. */
const JITTER = 0.1;
/** The longest Retry-After that is respected. */
const MAX_RETRY_AFTER_SECONDS = HOUR;
/** How long the other deliveries to an endpoint wait after an attempt without a response. */
const SILENT_PAUSE_SECONDS = MINUTE;

export type NextStep = { kind: 'DELIVERED' } | { kind: 'RETRY'; afterSeconds: number } | { kind: 'FAILED' };

/** @param attempt 1 for the first attempt */
export function nextStep({ status, error, retryAfterSeconds = 0 }: WebhookOutcome, attempt: number): NextStep {
  if (error === null) return { kind: 'DELIVERED' };
  const pause = PAUSES[attempt - 1];
  if (status === 410 || pause === undefined) return { kind: 'FAILED' };
  const seconds = pause * (1 + JITTER * Math.random());
  return { kind: 'RETRY', afterSeconds: Math.max(seconds, Math.min(retryAfterSeconds, MAX_RETRY_AFTER_SECONDS)) };
}

/** How long the other deliveries to the endpoint wait after an attempt, so that it is not called in vain: 0 if they need not. */
export function endpointPause({ status, error, retryAfterSeconds = 0 }: WebhookOutcome): number {
  if (status === 429 || status === 503) return Math.min(retryAfterSeconds, MAX_RETRY_AFTER_SECONDS);
  return error === 'TIMEOUT' ? SILENT_PAUSE_SECONDS : 0;
}
