import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FakeProvider, type Reply } from './fake-provider.js';

export interface FakePayment {
  id: string;
  entity: 'payment';
  amount: number;
  currency: string;
  status: 'created' | 'authorized' | 'captured' | 'refunded' | 'failed';
  order_id: string | null;
  amount_refunded: number;
  captured: boolean;
  email: string;
  contact: string;
  created_at: number;
}

interface FakeOrder {
  id: string;
  entity: 'order';
  amount: number;
  amount_paid: number;
  currency: string;
  receipt: string | null;
  status: 'created' | 'attempted' | 'paid';
  created_at: number;
}

export interface FakeRefund {
  id: string;
  entity: 'refund';
  amount: number;
  currency: string;
  payment_id: string;
  receipt: string | null;
  notes: Record<string, string> | [];
  status: 'pending' | 'processed' | 'failed';
  created_at: number;
}

/** A webhook as Razorpay sends it. */
export interface FakeWebhook {
  body: string;
  headers: Record<string, string>;
}

/** The part of Razorpay's HTTP API that CareSlot uses, with real signatures of checkouts and webhooks. */
export class FakeRazorpay extends FakeProvider {
  readonly keyId = 'rzp_test_CareSlotKey01';
  readonly keySecret = 'key-secret-of-the-tests';
  readonly webhookSecret = 'webhook-secret-of-the-tests';
  readonly accountId = 'acc_CareSlotTest01';
  readonly orders = new Map<string, FakeOrder>();
  readonly payments = new Map<string, FakePayment>();
  readonly refunds = new Map<string, FakeRefund>();
  /** The status of refunds when they are made. */
  refundStatus: FakeRefund['status'] = 'processed';
  /** Only these requests fail, such as /^POST .*refund$/. Null: all. */
  failing: RegExp | null = null;
  /** When orders and payments are made, in epoch milliseconds. */
  now: () => number = Date.now;

  private static readonly running = new Map<string, FakeRazorpay>();

  /** The server that a test has started at this address. */
  static at(url: string): FakeRazorpay {
    const found = FakeRazorpay.running.get(url);
    if (!found) throw new Error(`no fake provider runs at ${url}`);
    return found;
  }

  override async start(): Promise<this> {
    await super.start();
    FakeRazorpay.running.set(this.url, this);
    return this;
  }

  /** The environment of an application that uses this provider. */
  get environment(): Record<string, string> {
    return {
      RAZORPAY_API_URL: this.url,
      RAZORPAY_KEY_ID: this.keyId,
      RAZORPAY_KEY_SECRET: this.keySecret,
      RAZORPAY_WEBHOOK_SECRET: this.webhookSecret,
      RAZORPAY_ACCOUNT_ID: this.accountId,
    };
  }

  /** The patient pays an order in the checkout. @returns what the checkout gives to the application */
  pay(
    orderId: string,
    { status = 'captured', amount }: { status?: FakePayment['status']; amount?: number } = {},
  ): {
    payment: FakePayment;
    result: { orderId: string; paymentId: string; signature: string };
  } {
    const order = this.orders.get(orderId);
    if (!order) throw new Error(`no order ${orderId}`);
    const payment: FakePayment = {
      ...{ id: newId('pay'), entity: 'payment', amount: amount ?? order.amount, currency: order.currency, status },
      ...{ order_id: orderId, amount_refunded: 0, captured: status === 'captured' },
      ...{ email: 'mona@example.org', contact: '+919999999999', created_at: this.seconds() },
    };
    this.payments.set(payment.id, payment);
    if (status === 'captured') Object.assign(order, { status: 'paid', amount_paid: payment.amount });
    return { payment, result: { orderId, paymentId: payment.id, signature: this.sign(orderId, payment.id) } };
  }

  sign(orderId: string, paymentId: string): string {
    return createHmac('sha256', this.keySecret).update(`${orderId}|${paymentId}`).digest('hex');
  }

  /** A signed webhook about a payment, and a refund of it. */
  webhook(
    event: string,
    { payment, refund }: { payment?: FakePayment; refund?: FakeRefund },
    { id = newId('evt'), at = Date.now(), accountId = this.accountId, secret = this.webhookSecret } = {},
  ): FakeWebhook {
    const body = JSON.stringify({
      entity: 'event',
      account_id: accountId,
      event,
      contains: [...(payment ? ['payment'] : []), ...(refund ? ['refund'] : [])],
      payload: { ...(payment && { payment: { entity: payment } }), ...(refund && { refund: { entity: refund } }) },
      created_at: Math.floor(at / 1_000),
    });
    return { body, headers: this.signedHeaders(body, id, secret) };
  }

  signedHeaders(body: string, id = newId('evt'), secret = this.webhookSecret): Record<string, string> {
    return {
      'content-type': 'application/json',
      'x-razorpay-signature': createHmac('sha256', secret).update(body).digest('hex'),
      'x-razorpay-event-id': id,
    };
  }

  /** Refunds in the provider's dashboard, or by a request. */
  makeRefund(paymentId: string, amount: number, fields: Partial<FakeRefund> = {}): FakeRefund {
    const payment = this.payments.get(paymentId) as FakePayment;
    const refund: FakeRefund = {
      ...{ id: newId('rfnd'), entity: 'refund', amount, currency: payment.currency, payment_id: paymentId },
      ...{ receipt: null, notes: [], status: this.refundStatus, created_at: this.seconds(), ...fields },
    };
    this.refunds.set(refund.id, refund);
    payment.amount_refunded += amount;
    if (payment.amount_refunded === payment.amount) payment.status = 'refunded';
    return refund;
  }

  listRefunds(paymentId: string): FakeRefund[] {
    return [...this.refunds.values()].filter(({ payment_id }) => payment_id === paymentId);
  }

  protected override mayFail({ method }: IncomingMessage, url: URL): boolean {
    return this.failing?.test(`${method} ${url.pathname}`) ?? true;
  }

  protected answer(request: IncomingMessage, url: URL, body: string): Reply {
    const basic = Buffer.from(`${this.keyId}:${this.keySecret}`).toString('base64');
    if (request.headers.authorization !== `Basic ${basic}`) return refusal(401, 'Authentication failed');
    const path = url.pathname.replace(/^\/v1\//, '').split('/');
    const json = body ? (JSON.parse(body) as Record<string, unknown>) : {};
    const [collection, id = '', action] = path;
    const route = `${request.method} ${collection}${id ? '/:id' : ''}${action ? `/${action}` : ''}`;
    switch (route) {
      case 'POST orders':
        return this.createOrder(json);
      case 'GET orders/:id/payments':
        return list([...this.payments.values()].filter(({ order_id }) => order_id === id));
      case 'GET payments':
        return this.listPayments(url.searchParams);
      case 'GET payments/:id':
        return found(this.payments.get(id));
      case 'POST payments/:id/capture':
        return this.capture(id, json);
      case 'GET payments/:id/refunds':
        return list(this.listRefunds(id));
      case 'POST payments/:id/refund':
        return this.refund(id, json);
      default:
        return refusal(404, `The requested URL was not found: ${route}`);
    }
  }

  private createOrder({ amount, currency, receipt }: Record<string, unknown>): Reply {
    if (typeof amount !== 'number' || amount < 100)
      return refusal(400, 'Order amount less than minimum amount allowed');
    const order: FakeOrder = {
      ...{ id: newId('order'), entity: 'order', amount, amount_paid: 0, currency: currency as string },
      ...{ receipt: (receipt as string | undefined) ?? null, status: 'created', created_at: this.seconds() },
    };
    if ((order.receipt?.length ?? 0) > 40) return refusal(400, 'receipt: the length must be no more than 40.');
    this.orders.set(order.id, order);
    return { status: 200, body: order };
  }

  private listPayments(query: URLSearchParams): Reply {
    const [from, to] = [Number(query.get('from')), Number(query.get('to'))];
    const [skip, count] = [Number(query.get('skip')), Number(query.get('count'))];
    const inWindow = [...this.payments.values()].filter(({ created_at: at }) => at >= from && at <= to).reverse();
    return list(inWindow.slice(skip, skip + count));
  }

  private capture(id: string, { amount, currency }: Record<string, unknown>): Reply {
    const payment = this.payments.get(id);
    if (!payment) return found(payment);
    if (payment.status !== 'authorized') return refusal(400, 'This payment has already been captured');
    if (payment.amount !== amount || payment.currency !== currency) return refusal(400, 'Capture amount must be equal');
    Object.assign(payment, { status: 'captured', captured: true });
    return { status: 200, body: payment };
  }

  private refund(id: string, { amount, notes, receipt }: Record<string, unknown>): Reply {
    const payment = this.payments.get(id);
    if (!payment) return found(payment);
    if (!payment.captured) return refusal(400, 'The payment status should be captured for action to be taken');
    if (typeof amount !== 'number' || amount + payment.amount_refunded > payment.amount)
      return refusal(400, 'The refund amount provided is greater than amount captured');
    const fields = { notes: notes as Record<string, string>, receipt: (receipt as string | undefined) ?? null };
    return { status: 200, body: this.makeRefund(id, amount, fields) };
  }

  private seconds(): number {
    return Math.floor(this.now() / 1_000);
  }
}

/** Fourteen letters and digits, as those of Razorpay. */
const newId = (kind: string): string => `${kind}_${randomBytes(7).toString('hex')}`;

const list = (items: object[]): Reply => ({
  status: 200,
  body: { entity: 'collection', count: items.length, items },
});

const found = (entity: object | undefined): Reply =>
  entity ? { status: 200, body: entity } : refusal(400, 'The id provided does not exist');

const refusal = (status: number, description: string): Reply => ({
  status,
  body: { error: { code: 'BAD_REQUEST_ERROR', description, source: 'NA', step: 'NA', reason: 'NA', metadata: {} } },
});
