import type { Twilio } from 'twilio';
import type { Clock } from '../../../core/kernel/clock.js';
import type { ProviderClient } from '../../../core/resilience/provider-client.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { DEAD_NUMBER_CODES } from './address-reasons.js';
import { Channel, outcomeOfError, type OutgoingMessage, type SendOutcome } from './channel.js';
import { twilioClient, TwilioRefusal, type TwilioOptions } from './twilio-client.js';

const RECENT_MESSAGES = 50;
/** Twilio's clock may be behind the database's, and it dates by the second. */
const SKEW_MILLISECONDS = 30_000;

/** SMS by Twilio. */
export class SmsChannel extends Channel {
  readonly name = 'SMS';
  private client?: Promise<Twilio>;

  constructor(
    private readonly options: TwilioOptions & { from: string },
    private readonly provider: ProviderClient,
    private readonly clock: Clock,
  ) {
    super();
  }

  send(message: OutgoingMessage): Promise<SendOutcome> {
    return this.provider.call(() => this.create(message)).catch(outcomeOfError);
  }

  /** Twilio takes no idempotency key, but can be asked: the newest messages to this number, with the same words. */
  override findSent(message: OutgoingMessage, since: Date): Promise<string[]> {
    return this.provider.call(async () => {
      const { messages } = await this.twilio();
      const recent = await messages.list({ to: message.to, limit: RECENT_MESSAGES });
      const from = since.getTime() - SKEW_MILLISECONDS;
      return recent
        .filter(({ body, dateCreated }) => sameWords(body, message.text) && dateCreated.getTime() >= from)
        .map(({ sid }) => sid);
    });
  }

  override pausedSeconds(): number {
    return this.provider.pausedSeconds();
  }

  override close(): void {
    this.provider.close();
  }

  private async create({ to, text }: OutgoingMessage): Promise<SendOutcome> {
    const { from } = this.options;
    const sender = from.startsWith('MG') ? { messagingServiceSid: from } : { from };
    try {
      const { messages } = await this.twilio();
      const { sid } = await messages.create({ to, body: text, ...sender });
      return { kind: 'SENT', providerId: sid };
    } catch (error) {
      if (error instanceof TwilioRefusal) return outcomeOf(error);
      throw error;
    }
  }

  private twilio(): Promise<Twilio> {
    return (this.client ??= twilioClient(this.options, this.clock));
  }
}

/** Of the account (401, 403, 404), of the load (429) and of Twilio (5xx): nothing is wrong with the message. */
const IN_TROUBLE = (status: number): boolean => [401, 403, 404, 408, 429].includes(status) || status >= 500;

function outcomeOf({ status, code, retryAfterSeconds }: TwilioRefusal): SendOutcome {
  const reason = `TWILIO_${code ?? status}`;
  if (IN_TROUBLE(status)) throw new ProviderError(reason, { retryAfterSeconds });
  return { kind: 'REJECTED', reason, ...(code !== null && DEAD_NUMBER_CODES.has(code) && { addressIsDead: true }) };
}

const sameWords = (one: string, other: string): boolean => words(one) === words(other);
const words = (text: string): string => text.normalize('NFC').replace(/\s+/g, ' ').trim();
