import type { PaymentWorld } from '../../support/payments.js';

/** What the rules compare: the database, and what the provider has. */
export type ComparedPayments = Pick<PaymentWorld, 'razorpay' | 'rows'>;

interface PaymentState {
  id: string;
  providerPaymentId: string | null;
  orderId: string;
  amount: number;
  refunded: number;
  isSettled: boolean;
  appointment: string | null;
  balance: number;
  pending: number;
}

const STATES = `
  SELECT p.id, p.provider_payment_id AS "providerPaymentId", p.provider_order_id AS "orderId", p.amount_minor::int AS amount,
         p.refunded_minor::int AS refunded, p.is_settled AS "isSettled", a.status AS appointment,
         (SELECT coalesce(sum(e.amount_minor), 0)::int FROM ledger_entry e WHERE e.payment_id = p.id AND e.account = 'PROVIDER') AS balance,
         (SELECT count(*)::int FROM payment_refund r WHERE r.payment_id = p.id AND r.state IN ('DUE', 'SENT')) AS pending
  FROM payment p LEFT JOIN appointment a ON a.id = p.appointment_id WHERE p.status = 'PAID'`;

/** What must be none when everything due was done. Each query returns a row for each violation. */
const RULES: Record<string, string> = {
  'a booking of the ledger does not sum to zero': `
    SELECT source_id AS id FROM ledger_entry GROUP BY source_id, event, currency HAVING sum(amount_minor) <> 0`,
  'receipt numbers have gaps': `
    SELECT clinic_id AS id FROM payment WHERE status = 'PAID' GROUP BY clinic_id
    HAVING count(*) <> max(receipt_number) OR count(DISTINCT receipt_number) <> count(*)`,
  'a hold was booked by two payments': `
    SELECT hold_id AS id FROM payment WHERE status = 'PAID' AND appointment_id IS NOT NULL AND duplicate_of IS NULL
    GROUP BY hold_id HAVING count(DISTINCT appointment_id) > 1`,
  'a visit is paid for more than its price': `
    SELECT a.id FROM appointment a JOIN payment p ON p.appointment_id = a.id AND p.status = 'PAID'
    GROUP BY a.id, a.price_minor HAVING sum(p.amount_minor - p.refunded_minor) > a.price_minor`,
  'refunds differ from what the payment says': `
    SELECT p.id FROM payment p LEFT JOIN payment_refund r ON r.payment_id = p.id AND r.state <> 'FAILED'
    GROUP BY p.id HAVING p.refunded_minor <> coalesce(sum(r.amount_minor), 0)`,
  'a patient has a visit that must be paid for, and is not': `
    SELECT a.id FROM appointment a JOIN clinic k ON k.id = a.clinic_id AND k.requires_deposit WHERE a.status <> 'CANCELLED' AND a.price_minor > 0
      AND NOT EXISTS (SELECT FROM payment p WHERE p.appointment_id = a.id AND p.status = 'PAID')`,
};

/** Compares the provider's payments with those of CareSlot, and checks RULES. */
export async function findViolations(world: ComparedPayments): Promise<string[]> {
  const violations: string[] = [];
  for (const [rule, sql] of Object.entries(RULES))
    for (const { id } of await world.rows<{ id: string }>(sql)) violations.push(`${rule}: ${id}`);
  const states = await world.rows<PaymentState>(STATES);
  const byProviderId = new Map(states.map((state) => [state.providerPaymentId, state]));
  const orders = new Set(
    (await world.rows<{ id: string }>('SELECT provider_order_id AS id FROM payment')).map(({ id }) => id),
  );
  for (const { id, status, order_id: order, amount, amount_refunded: refunded } of world.razorpay.payments.values()) {
    if (!['captured', 'refunded'].includes(status) || !order || !orders.has(order)) continue;
    const state = byProviderId.get(id);
    if (!state) violations.push(`the provider has a payment that is not recorded: ${id}`);
    else if (state.balance !== amount - refunded)
      violations.push(`the ledger has ${state.balance} at the provider, who has ${amount - refunded}: ${state.id}`);
  }
  return [...violations, ...states.flatMap(toViolations)];
}

/** A paid hold is never lost: it is a visit, or the money goes back. */
function toViolations(state: PaymentState): string[] {
  const { id, isSettled, appointment, amount, refunded, pending, balance } = state;
  const found: string[] = [];
  if (!isSettled) found.push(`a payment was not settled: ${id}`);
  if (appointment === null && refunded < amount) found.push(`a paid hold has neither a visit nor a refund: ${id}`);
  if (pending > 0) found.push(`a refund was not sent: ${id}`);
  if (balance !== amount - refunded) found.push(`the refunds of a payment differ from the ledger: ${id}`);
  return found;
}
