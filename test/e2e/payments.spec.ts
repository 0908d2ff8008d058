import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countByStatus } from '../support/answers.js';
import type { TestPatient } from '../support/app.js';
import { at } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { linkGuardian } from '../support/guardians.js';
import { PaymentWorld } from '../support/payments.js';
import { secondApp } from '../support/second-app.js';
import { readPdf } from '../support/pdf.js';
import { acceptOffer, getEntry, offerTime } from '../support/waitlist.js';

/** Payments of patients at a server that speaks Razorpay's HTTP API, called by Razorpay's SDK. No worker runs by itself. */

let world: PaymentWorld;

beforeAll(async () => {
  world = await PaymentWorld.open(80);
});

afterAll(() => world.close());

const readStatus = async (appointmentId: string): Promise<unknown> =>
  (await world.rows('SELECT status FROM appointment WHERE id = $1', appointmentId))[0]?.status;

const countVisits = async ({ clientId }: TestPatient): Promise<unknown> =>
  (
    await world.rows(
      `SELECT count(*)::int AS n FROM appointment WHERE client_id = $1 AND status <> 'CANCELLED'`,
      clientId,
    )
  )[0]?.n;

describe('a visit that must be paid for', () => {
  it('is not booked by the patient before the payment, with or without a hold or in a series, but by the desk', async () => {
    const patient = world.nextPatient();
    const { serviceId } = world;
    const startDateTime = world.nextFreeTime();
    const visit = { serviceId, startDateTime };
    const refused = await world.post('appointments', patient.token, visit);
    expect([refused.status, refused.code, refused.body.error.details]).toEqual([
      ...[402, 'PAYMENT_REQUIRED', { amount: 50_000, currency: 'INR', kind: 'FULL' }],
    ]);
    const series = { ...visit, rrule: 'FREQ=DAILY;COUNT=2' };
    expect((await world.post('appointments/series', patient.token, series)).status).toBe(402);
    const held = await world.post('holds', patient.token, visit);
    expect((await world.post('appointments', patient.token, { ...visit, holdId: held.data.id })).status).toBe(402);
    expect(await countVisits(patient)).toBe(0);
    const byDesk = { serviceId, startDateTime: world.nextFreeTime(), clientId: patient.clientId };
    expect((await world.post('appointments', world.clinic.staff, byDesk)).status).toBe(201);
  });

  it('is booked by the verified payment of its hold, with receipt and ledger, once however often it is verified', async () => {
    const patient = world.nextPatient();
    const { holdId, paymentId, order, result, verified } = await world.orderAndPay(patient);
    expect(order.data).toMatchObject({
      ...{ status: 'CREATED', holdId, appointmentId: null, kind: 'FULL', amount: { amount: 50_000, currency: 'INR' } },
      checkout: { provider: 'RAZORPAY', publicKey: world.razorpay.keyId },
    });
    expect(verified.data).toMatchObject({ id: paymentId, status: 'PAID', appointmentId: holdId, checkout: null });
    const { data: visit } = await world.get(`appointments/${holdId}`, patient.token);
    expect(visit).toMatchObject({ status: 'CONFIRMED', price: { amount: 50_000, currency: 'INR', taxBasisPoints: 0 } });
    const again = await Promise.all([1, 2, 3].map(() => world.post('payments/verify', patient.token, result)));
    expect(again.map(({ data }) => data)).toEqual([verified.data, verified.data, verified.data]);
    expect(await world.ledger(paymentId)).toEqual({ PROVIDER: 50_000, REVENUE: -50_000 });
    expect(await countVisits(patient)).toBe(1);
    const { data: history } = await world.get(`appointments/${holdId}/history`, world.clinic.staff);
    expect(history[0]).toMatchObject({ action: 'appointment.booked', actorUserId: patient.userId });
  });

  it('asks for a deposit of the price where the policy says so, and for the rest afterwards', async () => {
    const policy = { requiresDeposit: true, depositPercent: 30, taxBasisPoints: 1800 };
    const { serviceId } = await world.openOther({ policy }, { price: { amount: 33_333, currency: 'INR' } });
    const patient = world.nextPatient();
    const { verified, holdId, order } = await world.orderAndPay(patient, { serviceId });
    expect(order.data).toMatchObject({ kind: 'DEPOSIT', amount: { amount: 10_000 }, taxAmount: 1_525 });
    expect(verified.data.appointmentId).toBe(holdId);
    const rest = await world.post('payments/orders', patient.token, { appointmentId: holdId });
    expect(rest.data).toMatchObject({ kind: 'FULL', amount: { amount: 23_333 }, appointmentId: holdId });
    const { result } = world.razorpay.pay(rest.data.checkout.orderId);
    expect((await world.post('payments/verify', patient.token, result)).data.status).toBe('PAID');
    const done = await world.post('payments/orders', patient.token, { appointmentId: holdId });
    expect([done.code, done.body.error.details.reason]).toEqual(['INVALID_TRANSITION', 'NOTHING_DUE']);
    const { data: list } = await world.get(`payments?appointmentId=${holdId}`, patient.token);
    expect(list.map(({ receiptNumber }: { receiptNumber: number }) => receiptNumber)).toEqual([2, 1]);
    expect(await world.ledger(order.data.id)).toEqual({ PROVIDER: 10_000, REVENUE: -8_475, TAX: -1_525 });
  });

  it('keeps the price for which it was paid', async () => {
    const { clinic, serviceId } = await world.openOther({ policy: { requiresDeposit: true } });
    const patient = world.nextPatient();
    const { holdId, orderId } = await world.order(patient, { serviceId });
    const body = { firstVisitPer: 'DOCTOR', prices: [{ visit: 'ANY', price: { amount: 90_000, currency: 'INR' } }] };
    await world.app.call('PUT', `/api/v1/services/${serviceId}/prices`, { token: clinic.manager, body });
    await world.post('payments/verify', patient.token, world.razorpay.pay(orderId).result);
    expect((await world.get(`appointments/${holdId}`, patient.token)).data.price.amount).toBe(50_000);
  });
});

describe('an order', () => {
  it('is made once for a hold, also at the same time, and its key returns the first answer', async () => {
    const patient = world.nextPatient();
    const { holdId, order } = await world.order(patient);
    const again = await world.post('payments/orders', patient.token, { holdId });
    expect(again.data).toEqual(order.data);
    const other = world.nextPatient();
    const held = await world.post('holds', other.token, {
      serviceId: world.serviceId,
      startDateTime: world.nextFreeTime(),
    });
    const key = { 'idempotency-key': 'order-1' };
    const first = await world.post('payments/orders', other.token, { holdId: held.data.id }, key);
    const replay = await world.post('payments/orders', other.token, { holdId: held.data.id }, key);
    expect([replay.data, replay.headers.get('idempotency-replayed')]).toEqual([first.data, 'true']);
  });

  it('is refused for holds and visits of others, ended holds and cancelled visits (Z-09)', async () => {
    const [patient, other] = [world.nextPatient(), world.nextPatient()];
    const { holdId } = await world.order(patient);
    expect((await world.post('payments/orders', other.token, { holdId })).status).toBe(404);
    expect((await world.post('payments/orders', world.clinic.staff, { holdId })).status).toBe(403);
    expect((await world.post('payments/orders', patient.token, {})).code).toBe('VALIDATION_ERROR');
    expect((await world.post('payments/orders', patient.token, { holdId, kind: 'FULL' })).code).toBe(
      'VALIDATION_ERROR',
    );
    await world.expire(holdId);
    expect((await world.post('payments/orders', patient.token, { holdId })).code).toBe('HOLD_EXPIRED');
    const body = { serviceId: world.serviceId, startDateTime: world.nextFreeTime(), clientId: patient.clientId };
    const { data: visit } = await world.post('appointments', world.clinic.staff, body);
    expect((await world.post('payments/orders', other.token, { appointmentId: visit.id })).status).toBe(404);
    await world.app.call('DELETE', `/api/v1/appointments/${visit.id}`, { token: world.clinic.staff });
    expect((await world.post('payments/orders', patient.token, { appointmentId: visit.id })).code).toBe(
      'INVALID_TRANSITION',
    );
  });

  it('for an offered time accepts the offer when it is paid', async () => {
    const { clinic, serviceId } = await world.openOther({
      policy: { requiresDeposit: true, waitlistOffersToAll: true },
    });
    const [doctorId = ''] = clinic.doctorIds;
    const offered = await offerTime(world.app, { serviceId, doctorId, startDateTime: at(3) });
    const { entryId, token } = offered;
    expect((await acceptOffer(world.app, { id: entryId, token })).code).toBe('PAYMENT_REQUIRED');
    const { offer } = await getEntry(world.app, { id: entryId, token });
    const order = await world.post('payments/orders', token, { holdId: offer.holdId });
    const { result } = world.razorpay.pay(order.data.checkout.orderId);
    expect((await world.post('payments/verify', token, result)).data.appointmentId).toBe(offer.holdId);
    await eventually(async () => {
      const { rows } = await world.app.db.query(`SELECT status FROM waitlist_entry WHERE id = $1`, [entryId]);
      expect(rows).toEqual([{ status: 'BOOKED' }]);
    });
  });

  it('is refused with 503 while the provider fails, and the hold stays', async () => {
    const patient = world.nextPatient();
    const body = { serviceId: world.serviceId, startDateTime: world.nextFreeTime() };
    const held = await world.post('holds', patient.token, body);
    for (const fault of [{ status: 500 }, 'RESET', 'NOT_JSON'] as const) {
      world.razorpay.faults.push(fault);
      const answer = await world.post('payments/orders', patient.token, { holdId: held.data.id });
      expect([answer.status, answer.code]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await world.post('payments/orders', patient.token, { holdId: held.data.id })).status).toBe(201);
  });
});

describe('a verification', () => {
  it('is refused for a wrong signature, another order’s payment, and an order of somebody else', async () => {
    const [patient, other] = [world.nextPatient(), world.nextPatient()];
    const first = await world.order(patient);
    const second = await world.order(patient);
    const { result } = world.razorpay.pay(first.orderId);
    const verify = (token: string, fields: object = {}) =>
      world.post('payments/verify', token, { ...result, ...fields });
    const forged = await verify(patient.token, { signature: 'f'.repeat(64) });
    expect([forged.code, forged.body.error.details[0].field]).toEqual(['VALIDATION_ERROR', 'signature']);
    const moved = { orderId: second.orderId, signature: world.razorpay.sign(second.orderId, result.paymentId) };
    expect((await verify(patient.token, moved)).status).toBe(404);
    expect((await verify(other.token)).status).toBe(404);
    expect((await verify(patient.token, { orderId: 'order_unknown' })).status).toBe(404);
    expect(await countVisits(patient)).toBe(0);
  });

  it('captures a payment that is only authorized', async () => {
    const patient = world.nextPatient();
    const { orderId, holdId } = await world.order(patient);
    const { payment, result } = world.razorpay.pay(orderId, { status: 'authorized' });
    expect((await world.post('payments/verify', patient.token, result)).data.appointmentId).toBe(holdId);
    expect(payment.status).toBe('captured');
  });

  it('books nothing for a failed payment, which can be repeated', async () => {
    const patient = world.nextPatient();
    const { orderId, holdId } = await world.order(patient);
    const failed = world.razorpay.pay(orderId, { status: 'failed' });
    expect((await world.post('payments/verify', patient.token, failed.result)).data.status).toBe('CREATED');
    const { result } = world.razorpay.pay(orderId);
    expect((await world.post('payments/verify', patient.token, result)).data.appointmentId).toBe(holdId);
  });

  it('fails with 503 while the provider is down; the worker finds the payment and books the time', async () => {
    const patient = world.nextPatient();
    const { orderId, holdId } = await world.order(patient);
    const { result } = world.razorpay.pay(orderId);
    world.razorpay.faults.push({ status: 502 });
    expect((await world.post('payments/verify', patient.token, result)).status).toBe(503);
    await world.runDueWork();
    expect(await readStatus(holdId)).toBe('CONFIRMED');
  });
});

describe('a payment after the hold has expired', () => {
  it('books the same time if it is still free', async () => {
    const patient = world.nextPatient();
    const { orderId, holdId, startDateTime } = await world.order(patient);
    await world.expire(holdId);
    const { data } = await world.post('payments/verify', patient.token, world.razorpay.pay(orderId).result);
    expect(data).toMatchObject({ status: 'PAID', refundedAmount: 0 });
    const { data: visit } = await world.get(`appointments/${data.appointmentId}`, patient.token);
    expect(visit).toMatchObject({ status: 'CONFIRMED', startDateTime, price: { amount: 50_000 } });
  });

  it('is refunded in full if the time is taken', async () => {
    const [patient, other] = [world.nextPatient(), world.nextPatient()];
    const { orderId, holdId, startDateTime, paymentId } = await world.order(patient);
    await world.expire(holdId);
    await world.orderAndPay(other, { startDateTime });
    const { payment, result } = world.razorpay.pay(orderId);
    const { data } = await world.post('payments/verify', patient.token, result);
    expect(data).toMatchObject({ status: 'REFUNDED', appointmentId: null, refundedAmount: 50_000 });
    expect(data.refunds).toMatchObject([{ reason: 'TOO_LATE', amount: 50_000, status: 'DUE' }]);
    await world.runDueWork();
    expect(world.razorpay.listRefunds(payment.id)).toMatchObject([{ amount: 50_000 }]);
    expect((await world.get(`payments/${paymentId}`, patient.token)).data.refunds[0].status).toBe('PROCESSED');
    expect(await world.ledger(paymentId)).toEqual({ PROVIDER: 0, REFUNDS: 0, REVENUE: 0 });
    expect(await countVisits(patient)).toBe(0);
  });

  it('keeps the visit that the desk has booked from the hold', async () => {
    const patient = world.nextPatient();
    const { orderId, holdId, startDateTime } = await world.order(patient);
    const body = { serviceId: world.serviceId, startDateTime, holdId, clientId: patient.clientId };
    expect((await world.post('appointments', world.clinic.staff, body)).status).toBe(201);
    const { data } = await world.post('payments/verify', patient.token, world.razorpay.pay(orderId).result);
    expect(data).toMatchObject({ status: 'PAID', appointmentId: holdId });
  });
});

describe('a hold that is paid twice', () => {
  it('by one order is booked once, and the second payment is refunded', async () => {
    const patient = world.nextPatient();
    const { orderId, result } = await world.orderAndPay(patient);
    const second = world.razorpay.pay(orderId);
    const { data } = await world.post('payments/verify', patient.token, second.result);
    expect(data).toMatchObject({ status: 'REFUNDED', refunds: [{ reason: 'PAID_TWICE' }] });
    await world.runDueWork();
    expect(world.razorpay.listRefunds(second.payment.id)).toMatchObject([{ amount: 50_000 }]);
    expect(world.razorpay.listRefunds(result.paymentId)).toEqual([]);
    expect(await countVisits(patient)).toBe(1);
  });

  it('by two orders is booked once, and the second payment is refunded', async () => {
    const patient = world.nextPatient();
    const first = await world.order(patient);
    await world.rows(`UPDATE payment SET status = 'REPLACED' WHERE id = $1`, first.paymentId);
    const { data: order } = await world.post('payments/orders', patient.token, { holdId: first.holdId });
    expect(order.id).not.toBe(first.paymentId);
    const answers = await Promise.all(
      [first.orderId, order.checkout.orderId as string].map((orderId) =>
        world.post('payments/verify', patient.token, world.razorpay.pay(orderId).result),
      ),
    );
    expect(answers.map(({ data }) => data.status).sort()).toEqual(['PAID', 'REFUNDED']);
    expect(await countVisits(patient)).toBe(1);
  });
});

it('the deposit and the price of a visit, paid at the same time, are refunded down to the price', async () => {
  const patient = world.nextPatient();
  const { serviceId } = await world.openOther({ policy: { depositPercent: 30 } });
  const booked = await world.post('appointments', patient.token, { serviceId, startDateTime: world.nextFreeTime() });
  const appointmentId = booked.data.id as string;
  const full = await world.post('payments/orders', patient.token, { appointmentId });
  const deposit = await world.post('payments/orders', patient.token, { appointmentId, kind: 'DEPOSIT' });
  await Promise.all(
    [deposit, full].map(({ data }) =>
      world.post('payments/verify', patient.token, world.razorpay.pay(data.checkout.orderId).result),
    ),
  );
  await world.workUntilDone();
  const kept = await world.rows(
    `SELECT sum(amount_minor - refunded_minor)::int AS kept FROM payment WHERE appointment_id = $1`,
    appointmentId,
  );
  expect(kept).toEqual([{ kept: 50_000 }]);
});

it('a payment that cannot be captured any more does not hide the one that was', async () => {
  const { orderId, holdId } = await world.order(world.nextPatient());
  world.razorpay.pay(orderId);
  const late = world.razorpay.pay(orderId, { status: 'authorized' });
  world.razorpay.failing = new RegExp(`POST .*${late.payment.id}/capture`);
  try {
    world.razorpay.faults.push({ status: 400 });
    await world.runDueWork();
  } finally {
    world.razorpay.faults.length = 0;
    world.razorpay.failing = null;
  }
  expect(await readStatus(holdId)).toBe('CONFIRMED');
});

it('a refund in the dashboard of the provider while ours is due is recorded once', async () => {
  const { paymentId, payment, holdId } = await world.orderAndPay(world.nextPatient());
  await world.delete(`appointments/${holdId}`, world.clinic.staff);
  const refund = world.razorpay.makeRefund(payment.id, 50_000);
  await world.send(world.razorpay.webhook('refund.processed', { payment, refund }));
  await world.runDueWork();
  expect(await world.ledger(paymentId)).toEqual({ PROVIDER: 0, REFUNDS: 0, REVENUE: 0 });
});

describe('a cancellation', () => {
  const cancel = async (token: string, id: string, query = ''): Promise<void> => {
    const answer = await world.app.call('DELETE', `/api/v1/appointments/${id}${query}`, { token });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  };
  const SHARES = { refundPercentBeforeCutoff: 80, refundPercentAfterCutoff: 25 };
  const BEFORE = { requiresDeposit: true, ...SHARES };
  const AFTER = { ...BEFORE, cancellationCutoffMinutes: 40_000 };

  it.each([
    ['by the patient before the cut-off', BEFORE, 'patient', '', 40_000],
    ['for the patient after the cut-off', AFTER, 'staff', '?requestedBy=CLIENT', 12_500],
    ['by the clinic after the cut-off', AFTER, 'staff', '', 50_000],
    ['by the patient, by default', { requiresDeposit: true }, 'patient', '', 50_000],
    [
      'for the patient after the cut-off, by default',
      { ...AFTER, refundPercentAfterCutoff: 0 },
      'staff',
      '?requestedBy=CLIENT',
      0,
    ],
  ])('%s refunds what the policy says', async (_, policy, by, query, refunded) => {
    const { clinic, serviceId } = await world.openOther({ policy });
    const patient = world.nextPatient();
    const { holdId, paymentId, payment } = await world.orderAndPay(patient, { serviceId });
    await cancel(by === 'staff' ? clinic.staff : patient.token, holdId, query);
    await world.runDueWork();
    expect(world.razorpay.listRefunds(payment.id).map(({ amount }) => amount)).toEqual(refunded > 0 ? [refunded] : []);
    const { data } = await world.get(`payments/${paymentId}`, patient.token);
    expect(data.refundedAmount).toBe(refunded);
  });

  it('counts what a manager has refunded before', async () => {
    const { clinic, serviceId } = await world.openOther({ policy: BEFORE });
    const patient = world.nextPatient();
    const { holdId, paymentId } = await world.orderAndPay(patient, { serviceId });
    await world.post(`payments/${paymentId}/refund`, clinic.manager, { amount: 30_000 });
    await cancel(patient.token, holdId);
    const { data } = await world.get(`payments/${paymentId}`, patient.token);
    expect(data.refunds.map(({ amount, reason }: any) => [amount, reason])).toEqual([
      [30_000, 'MANAGER'],
      [10_000, 'CANCELLED'],
    ]);
  });
});

describe('a refund by a manager', () => {
  it('is a part or what is left, never more than the payment, also at the same time', async () => {
    const patient = world.nextPatient();
    const { paymentId, payment } = await world.orderAndPay(patient);
    const refund = (body: object, headers = {}) =>
      world.post(`payments/${paymentId}/refund`, world.clinic.manager, body, headers);
    expect((await world.post(`payments/${paymentId}/refund`, world.clinic.staff, {})).status).toBe(403);
    const key = { 'idempotency-key': 'refund-1' };
    const first = await refund({ amount: 20_000 }, key);
    expect(first.data).toMatchObject({ status: 'PARTIALLY_REFUNDED', refundedAmount: 20_000 });
    expect((await refund({ amount: 20_000 }, key)).data).toEqual(first.data);
    const more = await refund({ amount: 30_001 });
    expect([more.code, more.body.error.details]).toEqual([
      ...['INVALID_TRANSITION', { reason: 'NOT_REFUNDABLE', refundable: 30_000 }],
    ]);
    expect(countByStatus(await Promise.all([1, 2, 3].map(() => refund({ amount: 20_000 }))))).toEqual({
      ...{ 201: 1, '409 INVALID_TRANSITION': 2 },
    });
    expect((await refund({})).data).toMatchObject({ status: 'REFUNDED', refundedAmount: 50_000 });
    await world.runDueWork();
    expect(world.razorpay.listRefunds(payment.id).map(({ amount }) => amount)).toEqual([20_000, 20_000, 10_000]);
    expect(await world.ledger(paymentId)).toEqual({ PROVIDER: 0, REFUNDS: 0, REVENUE: 0 });
  });

  it('is sent once, though the answer of the provider was lost', async () => {
    const patient = world.nextPatient();
    const { paymentId, payment } = await world.orderAndPay(patient);
    await world.post(`payments/${paymentId}/refund`, world.clinic.manager, { amount: 100 });
    world.razorpay.failing = /^POST .*refund$/;
    world.razorpay.faults.push('RESET_AFTER_ACCEPT');
    await world.runDueWork();
    world.razorpay.failing = null;
    expect(world.razorpay.faults).toEqual([]);
    const before = await world.get(`payments/${paymentId}`, patient.token);
    expect(before.data.refunds[0].status).toBe('DUE');
    await world.runDueWork();
    await world.runDueWork();
    expect(world.razorpay.listRefunds(payment.id)).toHaveLength(1);
    expect((await world.get(`payments/${paymentId}`, patient.token)).data.refunds[0].status).toBe('PROCESSED');
  });

  it('that the provider refuses is marked, and its amount can be refunded again', async () => {
    const patient = world.nextPatient();
    const { paymentId, payment } = await world.orderAndPay(patient);
    payment.captured = false;
    await world.post(`payments/${paymentId}/refund`, world.clinic.manager, {});
    await world.runDueWork();
    const { data } = await world.get(`payments/${paymentId}`, patient.token);
    expect(data).toMatchObject({ status: 'PAID', refundedAmount: 0, refunds: [{ status: 'FAILED' }] });
    expect(await world.ledger(paymentId)).toEqual({ PROVIDER: 50_000, REFUNDS: 0, REVENUE: -50_000 });
  });
});

describe('receipts', () => {
  it('are numbered without gaps in each clinic, also when payments arrive at the same time', async () => {
    const { serviceId, clinic } = await world.openOther({ policy: { requiresDeposit: true }, doctors: 4 });
    const startDateTime = world.nextFreeTime();
    const visits = await Promise.all(
      [1, 2, 3, 4].map(() => world.orderAndPay(world.nextPatient(), { serviceId, startDateTime })),
    );
    expect(visits.map(({ verified }) => verified.data.receiptNumber).sort()).toEqual([1, 2, 3, 4]);
    const { data } = await world.get('payments?limit=50', clinic.staff);
    expect(data).toHaveLength(4);
  });

  it.each([
    ['en', 'Receipt', '₹423.73', '₹76.27'],
    ['ar', 'إيصال', '₹423.73', '₹76.27'],
    ['hi', 'रसीद', '₹423.73', '₹76.27'],
  ])('are printed in %s, with the tax', async (locale, ...texts) => {
    const policy = { requiresDeposit: true, taxBasisPoints: 1800 };
    const { serviceId } = await world.openOther({ policy });
    const patient = world.nextPatient();
    await world.rows('UPDATE user_account SET locale = $2 WHERE id = $1', patient.userId, locale);
    const { paymentId } = await world.orderAndPay(patient, { serviceId });
    const response = await fetch(`${world.app.url}/api/v1/payments/${paymentId}/receipt.pdf`, {
      headers: { authorization: `Bearer ${patient.token}` },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const { pages, title } = await readPdf(new Uint8Array(await response.arrayBuffer()));
    const text = [title, ...pages.flatMap((page) => page.texts.map((piece) => piece.text))]
      .join(' ')
      .replace(/\s/g, '');
    for (const part of texts) expect(text).toContain(part);
  });

  it('exist only for payments that have arrived, and only for their patient and the desk', async () => {
    const [patient, other] = [world.nextPatient(), world.nextPatient()];
    const { paymentId } = await world.order(patient);
    const path = `payments/${paymentId}`;
    expect((await world.get(`${path}/receipt.pdf`, patient.token)).status).toBe(404);
    expect((await world.get(path, other.token)).status).toBe(404);
    expect((await world.get(path, (await world.openOther({})).clinic.staff)).status).toBe(404);
    expect((await world.get(path, world.clinic.staff)).status).toBe(200);
    const listed = (await world.get('payments', other.token)).data as { id: string }[];
    expect(listed.some(({ id }) => id === paymentId)).toBe(false);
  });
});

describe('the ledger', () => {
  const insert = (amounts: number[]): Promise<unknown> =>
    world.rows(
      `INSERT INTO ledger_entry (source_id, event, clinic_id, payment_id, account, amount_minor, currency, created_at)
       SELECT p.id, 'REFUNDED', p.clinic_id, p.id, e.account, e.amount, 'INR', now()
       FROM (SELECT id, clinic_id FROM payment LIMIT 1) p,
            unnest(ARRAY['PROVIDER', 'REFUNDS'], $1::bigint[]) AS e (account, amount)`,
      amounts,
    );

  it('refuses entries that do not sum to zero, updates and deletes', async () => {
    await expect(insert([5, -4])).rejects.toThrow(/do not sum to zero/);
    await expect(world.rows('UPDATE ledger_entry SET amount_minor = 1')).rejects.toThrow(/append-only/);
    await expect(world.rows('DELETE FROM ledger_entry')).rejects.toThrow(/append-only/);
    const [row] = await world.rows('SELECT sum(amount_minor)::int AS sum FROM ledger_entry');
    expect(row?.sum).toBe(0);
  });
});

it('a guardian pays for a child, and sees the payment', async () => {
  const [guardian, stranger, child] = [world.nextPatient(), world.nextPatient(), world.nextPatient()];
  await linkGuardian(world.app, world.clinic, child, guardian);
  const hold = { serviceId: world.serviceId, startDateTime: world.nextFreeTime(), clientId: child.clientId };
  const { data: held } = await world.post('holds', guardian.token, hold);
  expect((await world.post('payments/orders', stranger.token, { holdId: held.id })).status).toBe(404);
  const { data: order } = await world.post('payments/orders', guardian.token, { holdId: held.id });
  const { result } = world.razorpay.pay(order.checkout.orderId);
  const { data } = await world.post('payments/verify', guardian.token, result);
  expect(data).toMatchObject({ status: 'PAID', clientId: child.clientId, appointmentId: held.id });
  expect((await world.get(`payments?clientId=${child.clientId}`, guardian.token)).data).toHaveLength(1);
  expect((await world.get(`payments/${order.id}`, guardian.token)).status).toBe(200);
  expect((await world.get('payments', guardian.token)).data).toEqual([]);
});

it('without keys, the routes answer 503 with the reason, and the methods say what is missing', async () => {
  const patient = world.nextPatient();
  const { holdId, orderId, paymentId } = await world.order(patient);
  const { result } = world.razorpay.pay(orderId);
  const unconfigured = await secondApp(world.app, { JOBS_IN_PROCESS: 'false' });
  try {
    const call = (method: string, path: string, token?: string, body?: object) =>
      world.app.call(method, `${unconfigured.url}/api/v1/payments/${path}`, { token, ...(body && { body }) });
    const { body, headers } = world.razorpay.webhook('payment.captured', {});
    const answers = [
      await call('POST', 'orders', patient.token, { holdId }),
      await call('POST', 'verify', patient.token, result),
      await call('POST', `${paymentId}/refund`, world.clinic.manager, {}),
      await world.app.call('POST', `${unconfigured.url}/api/v1/payments/webhook`, { body, headers }),
    ];
    expect(countByStatus(answers)).toEqual({ '503 SERVICE_UNAVAILABLE': 4 });
    expect(answers.map(({ body: { error } }) => error.details.reason)).toEqual(
      Array(4).fill('PAYMENTS_NOT_CONFIGURED'),
    );
    expect((await call('GET', 'methods', patient.token)).data).toEqual([
      {
        ...{ provider: 'RAZORPAY', isAvailable: false, publicKey: null },
        reason: 'RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET are not set.',
      },
    ]);
    const available = { provider: 'RAZORPAY', isAvailable: true, publicKey: world.razorpay.keyId, reason: null };
    expect((await world.get('payments/methods', patient.token)).data).toEqual([available]);
  } finally {
    await unconfigured.close();
  }
});
