import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import Razorpay from 'razorpay';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { Config } from '../../../core/config/config.js';
import { DomainError, invalid } from '../../../core/kernel/domain-error.js';
import { LOGGER } from '../../../core/logging/logger.js';
import { ProviderClient } from '../../../core/resilience/provider-client.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { isRefusedByProvider, paymentsUnavailable, providerUnavailable } from '../payment.errors.js';
import {
  PaymentProvider,
  type CheckoutResult,
  type ProviderEvent,
  type ProviderMoney,
  type ProviderPayment,
  type ProviderRefund,
} from './payment-provider.js';
import { listOf, RazorpayEvent, RazorpayOrder, RazorpayPayment, RazorpayRefund } from './razorpay-shapes.js';

const TIMEOUT_MILLISECONDS = 10_000;
/** A webhook is refused if it was created longer ago, or so far in the future. */
const REPLAY_WINDOW_MILLISECONDS = 5 * 60_000;
const PAGE_SIZE = 100;

const PROVIDER = {
  name: 'razorpay',
  timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  maxConcurrent: 10,
  maxWaitMilliseconds: 2_000,
  circuit: { volume: 10, windowMilliseconds: 30_000, resetMilliseconds: 10_000 },
  maxPauseMilliseconds: 60_000,
  // A request that Razorpay refuses shows that it works.
  isProviderFailure: ({ reason }: ProviderError): boolean => !/^HTTP_4(?!29)/.test(reason),
};

/** Razorpay (https://razorpay.com/docs/api) by its SDK. */
@Injectable()
export class RazorpayProvider extends PaymentProvider implements OnModuleDestroy {
  readonly name = 'RAZORPAY';
  readonly publicKey: string | null;
  readonly unavailableReason: string | null;
  private readonly sdk: Razorpay | null;
  private readonly provider: ProviderClient;

  constructor(
    private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
  ) {
    super();
    const { RAZORPAY_KEY_ID: key_id, RAZORPAY_KEY_SECRET: key_secret, RAZORPAY_API_URL } = config;
    this.provider = new ProviderClient({ ...PROVIDER, url: RAZORPAY_API_URL, logger });
    this.publicKey = key_id ?? null;
    this.unavailableReason = key_id && key_secret ? null : 'RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET are not set.';
    this.sdk = key_id && key_secret ? newSdk({ key_id, key_secret }, RAZORPAY_API_URL) : null;
  }

  onModuleDestroy(): void {
    this.provider.close();
  }

  async createOrder({ amountMinor, currency }: ProviderMoney, reference: string): Promise<string> {
    const order = { amount: amountMinor, currency, receipt: reference, payment: CAPTURE_AT_ONCE };
    return (await this.call(RazorpayOrder, (sdk) => sdk.orders.create(order as never))).id;
  }

  isSigned({ orderId, paymentId, signature }: CheckoutResult): boolean {
    const { RAZORPAY_KEY_SECRET: secret } = this.config;
    if (!secret) throw paymentsUnavailable(this.unavailableReason);
    return isHmac(`${orderId}|${paymentId}`, signature, secret);
  }

  readEvent(body: Buffer, headers: Readonly<Record<string, unknown>>, now: number): ProviderEvent {
    const { RAZORPAY_WEBHOOK_SECRET: secret, RAZORPAY_ACCOUNT_ID: accountId } = this.config;
    if (!secret) throw paymentsUnavailable('RAZORPAY_WEBHOOK_SECRET is not set.');
    const signature = headers['x-razorpay-signature'];
    if (typeof signature !== 'string' || !isHmac(body, signature, secret)) {
      throw new DomainError('UNAUTHENTICATED', 'The signature of the webhook is wrong.');
    }
    const { event, account_id, created_at, payload } = parseEvent(body);
    if (Math.abs(now - created_at * 1_000) > REPLAY_WINDOW_MILLISECONDS) {
      throw invalid({ field: 'created_at', error: 'is more than five minutes from now' });
    }
    const id = headers['x-razorpay-event-id'];
    if (typeof id !== 'string' || id === '' || id.length > 200)
      throw invalid({ field: 'X-Razorpay-Event-Id', error: 'is missing or too long' });
    return {
      id,
      type: event,
      isOwnAccount: !accountId || account_id === accountId,
      payment: payload.payment?.entity ?? null,
      refund: payload.refund?.entity ?? null,
    };
  }

  async capture(paymentId: string): Promise<ProviderPayment> {
    return this.captureIfAuthorized(await this.call(RazorpayPayment, (sdk) => sdk.payments.fetch(paymentId)));
  }

  async findPayments(orderId: string): Promise<ProviderPayment[]> {
    const { items } = await this.call(listOf(RazorpayPayment), (sdk) => sdk.orders.fetchPayments(orderId));
    const payments: ProviderPayment[] = [];
    // Those that were captured are recorded even if another one of the order cannot be captured any more.
    for (const payment of items)
      payments.push(await this.captureIfAuthorized(payment).catch((error: unknown) => keepRefused(error, payment)));
    return payments;
  }

  /** Razorpay's SDK cannot send an idempotency header, so the refunds that exist are read first. Callers send each refund one at a time. */
  async refund(paymentId: string, refundId: string, { amountMinor, currency }: ProviderMoney): Promise<ProviderRefund> {
    const sent = (await this.findRefunds(paymentId)).find((refund) => refund.refundId === refundId);
    if (sent) return sent;
    const request = { amount: amountMinor, notes: { refundId }, receipt: refundId };
    const refund = await this.call(RazorpayRefund, (sdk) => sdk.payments.refund(paymentId, request as never));
    return { ...refund, refundId, currency };
  }

  async findRefunds(paymentId: string): Promise<ProviderRefund[]> {
    const page = { count: PAGE_SIZE } as never;
    const list = listOf(RazorpayRefund);
    return (await this.call(list, (sdk) => sdk.payments.fetchMultipleRefund(paymentId, page))).items;
  }

  async *listPayments(from: number, to: number): AsyncGenerator<ProviderPayment, void> {
    const window = { from: Math.floor(from / 1_000), to: Math.ceil(to / 1_000) - 1, count: PAGE_SIZE };
    for (let skip = 0; ; skip += PAGE_SIZE) {
      const page = { ...window, skip } as never;
      const { items } = await this.call(listOf(RazorpayPayment), (sdk) => sdk.payments.all(page));
      yield* items;
      if (items.length < PAGE_SIZE) return;
    }
  }

  private async captureIfAuthorized(payment: ProviderPayment): Promise<ProviderPayment> {
    if (payment.status !== 'AUTHORIZED') return payment;
    const { id, amountMinor, currency } = payment;
    return this.call(RazorpayPayment, (sdk) => sdk.payments.capture(id, amountMinor, currency));
  }

  private async call<Shape extends z.ZodType>(
    shape: Shape,
    request: (sdk: Razorpay) => Promise<unknown>,
  ): Promise<z.output<Shape>> {
    const { sdk } = this;
    if (!sdk) throw paymentsUnavailable(this.unavailableReason);
    try {
      return await this.provider.call(async () => {
        const answer = shape.safeParse(await request(sdk).catch(throwProviderError));
        if (!answer.success) throw new ProviderError('UNREADABLE_RESPONSE');
        return answer.data;
      });
    } catch (error) {
      throw providerUnavailable(error);
    }
  }
}

function keepRefused(error: unknown, payment: ProviderPayment): ProviderPayment {
  if (isRefusedByProvider(error)) return payment;
  throw error;
}

const CAPTURE_AT_ONCE = {
  capture: 'automatic',
  capture_options: { automatic_expiry_period: 12, refund_speed: 'normal' },
};

/** The SDK has no option for the address and the timeout: its types show its HTTP client (axios), whose defaults are set. */
function newSdk(keys: { key_id: string; key_secret: string }, url: string): Razorpay {
  const sdk = new Razorpay(keys);
  const client = sdk.api as unknown as { rq: { defaults: { baseURL: string; timeout: number } } };
  Object.assign(client.rq.defaults, { baseURL: url, timeout: TIMEOUT_MILLISECONDS, maxRedirects: 0 });
  return sdk;
}

/** The SDK throws `{ statusCode, error }`; without an answer, a TypeError. Its texts can name persons and are not kept. */
function throwProviderError(error: unknown): never {
  const { statusCode } = error as { statusCode?: number };
  throw new ProviderError(typeof statusCode === 'number' ? `HTTP_${statusCode}` : 'UNREACHABLE');
}

/** Not the SDK's functions: they compare in a time that depends on the content. */
function isHmac(content: string | Buffer, signature: string, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(content).digest();
  const given = Buffer.from(/^[0-9a-f]{64}$/i.test(signature) ? signature : '', 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function parseEvent(body: Buffer): z.output<typeof RazorpayEvent> {
  try {
    return RazorpayEvent.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw invalid({ field: 'body', error: 'is not an event of Razorpay' });
  }
}
