import type { RequestClient, Twilio } from 'twilio';
import type { Clock } from '../../../core/kernel/clock.js';
import type { ProviderClient } from '../../../core/resilience/provider-client.js';
import { ProviderError, retryAfterSeconds } from '../../../core/resilience/provider-error.js';
import { DEAD_NUMBER_CODES } from './address-reasons.js';
import { ProviderChannel, type OutgoingMessage, type SendOutcome } from './channel.js';

interface TwilioOptions {
  accountSid: string;
  authToken: string;
  apiUrl: string;
  /** A number, a sender's name, or the id of a Messaging Service (MG…). */
  from: string;
}

const MAX_RECENT_MESSAGES = 50;
/** Twilio's clock may be behind the database's, and Twilio's dates have no fractions of a second. */
const MAX_CLOCK_SKEW_MILLISECONDS = 30_000;

/** SMS by Twilio. */
export class SmsChannel extends ProviderChannel {
  readonly name = 'SMS';
  private client?: Promise<Twilio>;

  constructor(
    private readonly options: TwilioOptions,
    provider: ProviderClient,
    private readonly clock: Clock,
  ) {
    super(provider);
  }

  /** Twilio accepts no idempotency key, but lists the newest messages to a number. */
  override findSent(message: OutgoingMessage, since: Date): Promise<string[]> {
    return this.provider.call(async () => {
      const { messages } = await this.twilio();
      const recent = await messages.list({ to: message.to, limit: MAX_RECENT_MESSAGES });
      const from = since.getTime() - MAX_CLOCK_SKEW_MILLISECONDS;
      return recent
        .filter(({ body, dateCreated }) => isSameText(body, message.text) && dateCreated.getTime() >= from)
        .map(({ sid }) => sid);
    });
  }

  protected async deliver({ to, text }: OutgoingMessage): Promise<SendOutcome> {
    const { from } = this.options;
    const sender = from.startsWith('MG') ? { messagingServiceSid: from } : { from };
    try {
      const { messages } = await this.twilio();
      const { sid } = await messages.create({ to, body: text, ...sender });
      return { kind: 'SENT', providerId: sid };
    } catch (error) {
      if (error instanceof TwilioError) return toTwilioOutcome(error);
      throw error;
    }
  }

  private twilio(): Promise<Twilio> {
    return (this.client ??= createTwilioClient(this.options, this.clock));
  }
}

const isSameText = (one: string, other: string): boolean => normalize(one) === normalize(other);
const normalize = (text: string): string => text.normalize('NFC').replace(/\s+/g, ' ').trim();

/** @throws ProviderError if the account (401, 403, 404), the load (429) or Twilio (408, 5xx) is the cause */
function toTwilioOutcome({ status, code, retryAfterSeconds }: TwilioError): SendOutcome {
  const reason = `TWILIO_${code ?? status}`;
  const isProviderFailure = [401, 403, 404, 408, 429].includes(status) || status >= 500;
  if (isProviderFailure) throw new ProviderError(reason, { retryAfterSeconds });
  return { kind: 'REJECTED', reason, ...(code !== null && DEAD_NUMBER_CODES.has(code) && { addressIsDead: true }) };
}

/** A response of Twilio with 4xx or 5xx. The SDK's own exception has no Retry-After. */
class TwilioError extends Error {
  constructor(
    readonly status: number,
    readonly code: number | null,
    readonly retryAfterSeconds: number | undefined,
  ) {
    super(`Twilio responded with ${status}`);
  }
}

const TIMEOUT_MILLISECONDS = 8_000;
const SDK_ORIGIN = 'https://api.twilio.com';

/** Loads the SDK when the first SMS is sent, because it takes 11 MB of memory. */
async function createTwilioClient(options: TwilioOptions, clock: Clock): Promise<Twilio> {
  const { accountSid, authToken, apiUrl } = options;
  const { default: sdk } = await import('twilio');
  const inner = new sdk.RequestClient({ timeout: TIMEOUT_MILLISECONDS, autoRetry: false });
  const httpClient = { request: createRequest(inner, apiUrl, clock) } as unknown as RequestClient;
  return sdk(accountSid, authToken, { accountSid, httpClient, autoRetry: false });
}

interface TwilioResponse {
  statusCode: number;
  body: { code?: unknown } | string | null;
  headers?: Record<string, string>;
}

/** The request function of the SDK's HTTP client, but to `apiUrl`, and with TwilioError for error responses. */
function createRequest(inner: RequestClient, apiUrl: string, clock: Clock): RequestClient['request'] {
  const origin = new URL(apiUrl).origin;
  return async (request) => {
    const response = await inner.request({ ...request, uri: request.uri.replace(SDK_ORIGIN, origin) });
    const { statusCode, body, headers } = response as unknown as TwilioResponse;
    if (statusCode < 400) return response;
    const code = typeof body === 'object' && typeof body?.code === 'number' ? body.code : null;
    throw new TwilioError(statusCode, code, retryAfterSeconds(headers?.['retry-after'], clock.now()));
  };
}
