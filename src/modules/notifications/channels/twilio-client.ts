import type { Twilio, RequestClient } from 'twilio';
import type { Clock } from '../../../core/kernel/clock.js';
import { retryAfterSeconds } from '../../../core/resilience/provider-error.js';

export interface TwilioOptions {
  accountSid: string;
  authToken: string;
  apiUrl: string;
}

/** Twilio's answer of 4xx or 5xx, with the header that the SDK's own exception leaves out. */
export class TwilioRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number | null,
    readonly retryAfterSeconds: number | undefined,
  ) {
    super(`Twilio answered ${status}`);
  }
}

const TIMEOUT_MILLISECONDS = 8_000;
const SDK_ORIGIN = 'https://api.twilio.com';

/** The SDK, loaded when the first SMS is sent: it takes 11 MB. */
export async function twilioClient(options: TwilioOptions, clock: Clock): Promise<Twilio> {
  const { default: sdk } = await import('twilio');
  const inner = new sdk.RequestClient({ timeout: TIMEOUT_MILLISECONDS, autoRetry: false });
  const httpClient = { request: requestBy(inner, options.apiUrl, clock) } as unknown as RequestClient;
  return sdk(options.accountSid, options.authToken, { accountSid: options.accountSid, httpClient, autoRetry: false });
}

/** The SDK's own HTTP client, at another address, and with its refusals told in full. */
function requestBy(inner: RequestClient, apiUrl: string, clock: Clock): RequestClient['request'] {
  const origin = new URL(apiUrl).origin;
  return async (request) => {
    const answer = await inner.request({ ...request, uri: request.uri.replace(SDK_ORIGIN, origin) });
    const { statusCode, body, headers } = answer as unknown as RawAnswer;
    if (statusCode < 400) return answer;
    const code = typeof body === 'object' && typeof body?.code === 'number' ? body.code : null;
    throw new TwilioRefusal(statusCode, code, retryAfterSeconds(headers?.['retry-after'], clock.now()));
  };
}

interface RawAnswer {
  statusCode: number;
  body: { code?: unknown } | string | null;
  headers?: Record<string, string>;
}
