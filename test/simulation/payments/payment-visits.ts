import type { TestPatient } from '../../support/app.js';
import type { FakePayment } from '../../support/fake-razorpay.js';
import type { PaymentWorld } from '../../support/payments.js';
import type { Random } from '../random.js';

export interface VisitContext {
  world: PaymentWorld;
  random: Random;
  patient: TestPatient;
  /** Another patient. */
  other: () => TestPatient;
}

interface VisitKind {
  name: string;
  weight: number;
  run: (context: VisitContext) => Promise<void>;
}

/** What the patient's application and the provider do after a payment, in any order and number; each can be lost. */
async function report({ world, random, patient }: VisitContext, payment: FakePayment): Promise<void> {
  const { order_id: orderId, id: paymentId } = payment;
  const signature = world.razorpay.sign(orderId ?? '', paymentId);
  const verify = () => world.post('payments/verify', patient.token, { orderId, paymentId, signature });
  const captured = world.razorpay.webhook('payment.captured', { payment });
  const reports = Array.from({ length: random.below(4) }, () =>
    random.below(2) ? verify : () => world.send(captured),
  );
  if (random.below(2)) await Promise.all(reports.map((send) => send()));
  else for (const send of reports) await send();
}

const pay = (context: VisitContext, orderId: string): Promise<void> => {
  const status = context.random.below(4) ? 'captured' : 'authorized';
  return report(context, context.world.razorpay.pay(orderId, { status }).payment);
};

async function cancel({ world, random, patient }: VisitContext, holdId: string): Promise<void> {
  const [visit] = await world.rows<{ id: string }>(
    'SELECT appointment_id AS id FROM payment WHERE hold_id = $1',
    holdId,
  );
  if (!visit?.id) return;
  const [token, query] = random.pick([
    [patient.token, ''],
    [world.clinic.staff, ''],
    [world.clinic.staff, '?requestedBy=CLIENT'],
  ]) as [string, string];
  await world.delete(`appointments/${visit.id}${query}`, token);
}

async function refund({ world, random }: VisitContext, paymentId: string): Promise<void> {
  const amounts = Array.from({ length: 1 + random.below(2) }, () => 1 + random.below(40_000));
  await Promise.all(
    amounts.map((amount) => world.post(`payments/${paymentId}/refund`, world.clinic.manager, { amount })),
  );
}

/** The provider answers a few requests with errors, or not at all. */
function breakProvider({ world, random }: VisitContext): void {
  for (let n = random.below(3); n >= 0; n -= 1)
    world.razorpay.faults.push(
      random.pick([{ status: 500 }, { status: 503 }, 'RESET', 'RESET_AFTER_ACCEPT', 'NOT_JSON'] as const) ?? 'RESET',
    );
}

export const VISITS: readonly VisitKind[] = [
  {
    name: 'paid',
    weight: 4,
    run: async (context) => pay(context, (await context.world.order(context.patient)).orderId),
  },
  {
    name: 'abandoned',
    weight: 1,
    run: async ({ world, patient }) => world.expire((await world.order(patient)).holdId),
  },
  {
    name: 'late',
    weight: 2,
    run: async (context) => {
      const { holdId, orderId } = await context.world.order(context.patient);
      await context.world.expire(holdId);
      await pay(context, orderId);
    },
  },
  {
    name: 'late and taken',
    weight: 2,
    run: async (context) => {
      const { world, patient } = context;
      const { holdId, orderId, startDateTime } = await world.order(patient);
      await world.expire(holdId);
      const other = { ...context, patient: context.other() };
      const second = await world.order(other.patient, { startDateTime });
      await Promise.all([pay(context, orderId), pay(other, second.orderId)]);
    },
  },
  {
    name: 'paid twice',
    weight: 2,
    run: async (context) => {
      const { orderId } = await context.world.order(context.patient);
      await Promise.all([pay(context, orderId), pay(context, orderId)]);
    },
  },
  {
    name: 'failed first',
    weight: 1,
    run: async (context) => {
      const { world } = context;
      const { orderId } = await world.order(context.patient);
      await report(context, world.razorpay.pay(orderId, { status: 'failed' }).payment);
      await pay(context, orderId);
    },
  },
  {
    name: 'cancelled',
    weight: 2,
    run: async (context) => {
      const { holdId, orderId } = await context.world.order(context.patient);
      await pay(context, orderId);
      await cancel(context, holdId);
    },
  },
  {
    name: 'refunded',
    weight: 2,
    run: async (context) => {
      const { orderId, paymentId, holdId } = await context.world.order(context.patient);
      await pay(context, orderId);
      await Promise.all([refund(context, paymentId), context.random.below(2) ? cancel(context, holdId) : null]);
    },
  },
  {
    name: 'refunded at the provider',
    weight: 1,
    run: async (context) => {
      const { world, random } = context;
      const { orderId } = await world.order(context.patient);
      const { payment } = world.razorpay.pay(orderId);
      const made = world.razorpay.makeRefund(payment.id, random.below(2) ? payment.amount : 1_000);
      const webhooks = [
        world.razorpay.webhook('refund.processed', { payment, refund: made }),
        world.razorpay.webhook('payment.captured', { payment }),
      ];
      for (const webhook of random.below(2) ? webhooks : webhooks.reverse()) await world.send(webhook);
    },
  },
  {
    name: 'provider down',
    weight: 2,
    run: async (context) => {
      const { orderId } = await context.world.order(context.patient);
      breakProvider(context);
      await pay(context, orderId);
    },
  },
];
