import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registry } from '../../src/core/metrics/registry.js';
import { ReconciliationTask } from '../../src/modules/payments/reconciliation.task.js';
import { countByStatus } from '../support/answers.js';
import { eventually } from '../support/eventually.js';
import type { FakeWebhook } from '../support/fake-razorpay.js';
import { withoutTable } from '../support/locks.js';
import { PaymentWorld } from '../support/payments.js';

/** Webhooks of the provider (docs/security.md, H-01 to H-06), the daily reconciliation, and what patients are told. */

const MINUTE = 60_000;

let world: PaymentWorld;

beforeAll(async () => {
  world = await PaymentWorld.open(60, { JOBS_IN_PROCESS: 'true' });
});

afterAll(() => world.close());

/** A held time, and the signed webhook of its payment. */
async function anEvent(options: Parameters<PaymentWorld['razorpay']['webhook']>[2] = {}) {
  const patient = world.nextPatient();
  const ordered = await world.order(patient);
  const { payment, result } = world.razorpay.pay(ordered.orderId);
  const captured = world.razorpay.webhook('payment.captured', { payment }, options);
  return { patient, ...ordered, payment, result, captured };
}

const visitOf = async (holdId: string): Promise<unknown> =>
  (await world.rows('SELECT status FROM appointment WHERE id = $1', holdId))[0]?.status;
const statusOf = async (paymentId: string): Promise<unknown> =>
  (await world.rows('SELECT status FROM payment WHERE id = $1', paymentId))[0]?.status;
const eventOf = async ({ headers }: FakeWebhook): Promise<unknown> =>
  (await world.rows('SELECT outcome, reason FROM payment_event WHERE id = $1', headers['x-razorpay-event-id']))[0];

describe('a webhook', () => {
  it('books the held time before the patient verifies, and both together once', async () => {
    const { patient, captured, holdId, paymentId, result } = await anEvent();
    expect((await world.send(captured)).status).toBe(200);
    expect([await visitOf(holdId), await statusOf(paymentId)]).toEqual(['CONFIRMED', 'PAID']);
    const { data } = await world.post('payments/verify', patient.token, result);
    expect(data).toMatchObject({ status: 'PAID', appointmentId: holdId });
    const both = await anEvent();
    const answers = await Promise.all([
      world.send(both.captured),
      world.post('payments/verify', both.patient.token, both.result),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await visitOf(both.holdId)).toBe('CONFIRMED');
    expect(await world.ledger(both.paymentId)).toEqual({ PROVIDER: 50_000, REVENUE: -50_000 });
  });

  it('without a signature, with a wrong one, that of another secret, or that of other bytes is refused (H-01)', async () => {
    const { captured, holdId } = await anEvent();
    const { 'x-razorpay-signature': signature, ...unsigned } = captured.headers;
    const spaced = JSON.stringify(JSON.parse(captured.body), null, 1);
    const other = world.razorpay.signedHeaders(captured.body, 'evt_other', 'the-secret-of-yesterday');
    for (const forged of [
      { body: captured.body, headers: unsigned },
      { body: captured.body, headers: { ...captured.headers, 'x-razorpay-signature': 'f'.repeat(64) } },
      { body: captured.body, headers: { ...captured.headers, 'x-razorpay-signature': `${signature}0` } },
      { body: captured.body, headers: other },
      { body: spaced, headers: captured.headers },
    ]) {
      const { status, code } = await world.send(forged);
      expect([status, code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(await eventOf(forged)).toBeUndefined();
    }
    expect(await visitOf(holdId)).toBeUndefined();
  });

  it.each([-6, 6])('from %i minutes from now is refused (H-02)', async (minutes) => {
    const { captured, holdId } = await anEvent({ at: Date.now() + minutes * MINUTE });
    expect((await world.send(captured)).code).toBe('VALIDATION_ERROR');
    expect([await visitOf(holdId), await eventOf(captured)]).toEqual([undefined, undefined]);
  });

  it('that is delivered a hundred times at once has one effect (H-03)', async () => {
    const { captured, holdId, paymentId } = await anEvent();
    const answers = await Promise.all(Array.from({ length: 100 }, () => world.send(captured)));
    expect(countByStatus(answers)).toEqual({ 200: 100 });
    expect(await visitOf(holdId)).toBe('CONFIRMED');
    expect(await world.ledger(paymentId)).toEqual({ PROVIDER: 50_000, REVENUE: -50_000 });
    expect(await eventOf(captured)).toEqual({ outcome: 'APPLIED', reason: null });
    const [row] = await world.rows(
      `SELECT count(*)::int AS n FROM audit_log WHERE object_id = $1 AND action = 'payment.paid'`,
      paymentId,
    );
    expect(row?.n).toBe(1);
  });

  it('about a refund before the payment, and the payment after it, leaves the refunded state (H-04)', async () => {
    const { captured, payment, paymentId, holdId } = await anEvent();
    const refund = world.razorpay.makeRefund(payment.id, payment.amount);
    expect((await world.send(world.razorpay.webhook('refund.processed', { payment, refund }))).status).toBe(200);
    expect((await world.send(captured)).status).toBe(200);
    const { data } = await world.get(`payments/${paymentId}`, world.clinic.staff);
    expect(data).toMatchObject({ status: 'REFUNDED', refunds: [{ reason: 'PROVIDER', status: 'PROCESSED' }] });
    expect(await world.ledger(paymentId)).toEqual({ PROVIDER: 0, REFUNDS: 0, REVENUE: 0 });
    // Nothing is left that could have paid for the visit.
    expect(await visitOf(holdId)).toBeUndefined();
  });

  it('the end of a refund before its beginning leaves it processed (H-04)', async () => {
    const { captured, payment, paymentId } = await anEvent();
    await world.send(captured);
    const refund = world.razorpay.makeRefund(payment.id, 10_000);
    await world.send(world.razorpay.webhook('refund.processed', { payment, refund }));
    await world.send(world.razorpay.webhook('refund.created', { payment, refund: { ...refund, status: 'pending' } }));
    const { data } = await world.get(`payments/${paymentId}`, world.clinic.staff);
    expect(data).toMatchObject({ refundedAmount: 10_000, refunds: [{ status: 'PROCESSED' }] });
    expect(await world.ledger(paymentId)).toEqual({ PROVIDER: 40_000, REFUNDS: 0, REVENUE: -40_000 });
  });

  it.each([
    ['amount', 'AMOUNT', { amount: 49_999 }, {}],
    ['currency', 'CURRENCY', { currency: 'USD' }, {}],
    ['account', 'ACCOUNT', {}, { accountId: 'acc_SomebodyElse' }],
  ])('with another %s than ours is quarantined, and pays nothing (H-05)', async (_, reason, fields, options) => {
    const { payment, paymentId, holdId } = await anEvent();
    const event = world.razorpay.webhook('payment.captured', { payment: { ...payment, ...fields } }, options);
    expect((await world.send(event)).status).toBe(200);
    expect(await eventOf(event)).toEqual({ outcome: 'QUARANTINED', reason });
    expect([await statusOf(paymentId), await visitOf(holdId)]).toEqual(['CREATED', undefined]);
    const metric = await registry.getSingleMetric('careslot_payments_quarantined_total')?.get();
    expect(metric?.values.find(({ labels }) => labels.reason === reason)?.value).toBeGreaterThan(0);
  });

  it('that fails in the database is answered with 5xx, leaves no row, and succeeds when it is sent again (H-06)', async () => {
    const { captured, holdId, paymentId } = await anEvent();
    const failed = await withoutTable(world.app.db, 'ledger_entry', () => world.send(captured));
    expect(failed.status).toBeGreaterThanOrEqual(500);
    expect([await eventOf(captured), await statusOf(paymentId)]).toEqual([undefined, 'CREATED']);
    expect((await world.send(captured)).status).toBe(200);
    expect(await visitOf(holdId)).toBe('CONFIRMED');
  });

  it('about an order of somebody else, or of another kind, is ignored', async () => {
    const { payment } = await anEvent();
    const unknown = world.razorpay.webhook('payment.captured', { payment: { ...payment, order_id: 'order_x' } });
    const other = world.razorpay.webhook('invoice.paid', {});
    for (const [event, reason] of [
      [unknown, 'UNKNOWN_ORDER'],
      [other, 'OTHER_EVENT'],
    ] as const) {
      expect((await world.send(event)).status).toBe(200);
      expect(await eventOf(event)).toEqual({ outcome: 'IGNORED', reason });
    }
  });
});

describe('an abandoned checkout', () => {
  it('frees the time when the hold expires, for everybody', async () => {
    const [patient, other] = [world.nextPatient(), world.nextPatient()];
    const { holdId, startDateTime } = await world.order(patient);
    await world.expire(holdId);
    const { verified } = await world.orderAndPay(other, { startDateTime });
    expect(verified.data.status).toBe('PAID');
    expect(await visitOf(holdId)).toBeUndefined();
  });

  it('that was paid all the same is found by the worker, without webhook and verification', async () => {
    const { holdId } = await anEvent();
    // Its job in this process may do it at the same time.
    await world.runDueWork();
    await eventually(async () => expect(await visitOf(holdId)).toBe('CONFIRMED'));
  });
});

describe('the daily reconciliation', () => {
  const DAY = 86_400_000;

  it('records what was lost, quarantines what does not fit, and compares each day once, also days that were missed', async () => {
    const lost = await anEvent();
    const wrong = await anEvent();
    wrong.payment.amount -= 1;
    const refunded = await anEvent();
    await world.send(refunded.captured);
    world.razorpay.makeRefund(refunded.payment.id, 700);
    const yesterday = Date.now() - DAY - 2 * 3_600_000;
    for (const { payment } of [lost, wrong, refunded]) payment.created_at = Math.floor(yesterday / 1_000);
    // The first order was three days ago, and nothing ran since.
    await world.rows(`UPDATE payment SET created_at = now() - interval '3 days' WHERE id = $1`, lost.paymentId);
    await world.rows('UPDATE payment SET next_attempt_at = NULL');
    const task = world.app.app.get(ReconciliationTask);
    await task.run();
    expect([await visitOf(lost.holdId), await statusOf(wrong.paymentId)]).toEqual(['CONFIRMED', 'CREATED']);
    const { data } = await world.get(`payments/${refunded.paymentId}`, world.clinic.staff);
    expect(data.refundedAmount).toBe(700);
    const rows = await world.rows(
      `SELECT count(*) >= 2 AS days, sum(checked)::int AS checked, sum(repaired)::int AS repaired,
              sum(quarantined)::int AS quarantined FROM payment_reconciliation`,
    );
    expect(rows).toEqual([{ days: true, checked: 3, repaired: 2, quarantined: 1 }]);
    expect(await task.run()).toEqual([]);
  });

  it('captures no payment of a shop that uses the same account', async () => {
    const { orderId } = await world.order(world.nextPatient());
    const { payment } = world.razorpay.pay(orderId, { status: 'authorized' });
    await world.rows(`UPDATE payment SET provider_order_id = 'order_renamed' WHERE provider_order_id = $1`, orderId);
    await world.reconcile(new Date(payment.created_at * 1_000).toISOString().slice(0, 10));
    expect(payment.status).toBe('authorized');
  });
});

it.each([
  ['en', 'No appointment was booked', '₹500.00'],
  ['ar', 'لم يُحجز موعد', '500.00'],
  ['hi', 'अपॉइंटमेंट बुक नहीं हुआ', '₹500.00'],
])('a patient whose payment came too late is told so in %s', async (locale, title, amount) => {
  const [patient, other] = [world.nextPatient(), world.nextPatient()];
  await world.rows('UPDATE user_account SET locale = $2 WHERE id = $1', patient.userId, locale);
  const { holdId, orderId, startDateTime } = await world.order(patient);
  await world.expire(holdId);
  await world.orderAndPay(other, { startDateTime });
  await world.send(world.razorpay.webhook('payment.captured', { payment: world.razorpay.pay(orderId).payment }));
  const { data } = await eventually(async () => {
    const inbox = await world.get('notifications', patient.token);
    expect(inbox.data).toHaveLength(1);
    return inbox;
  });
  expect(data).toMatchObject([{ kind: 'PAYMENT_REFUNDED', title }]);
  expect(data[0].body).toContain(amount);
  const mail = await eventually(async () => {
    const rows = await world.rows(
      `SELECT m.body FROM notification n JOIN dev_mailbox m ON m.delivery_id = n.id::text WHERE n.user_id = $1 AND n.channel = 'EMAIL'`,
      patient.userId,
    );
    expect(rows).toHaveLength(1);
    return rows[0]?.body as string;
  });
  expect(mail).toContain(amount);
  expect(await visitOf(holdId)).toBeUndefined();
});
