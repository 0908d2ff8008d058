import type { Actor } from '../../core/kernel/actor.js';
import { paymentRequired, percentOf } from '../payments/index.js';
import type { BookingRules, VisitPrice } from '../scheduling/index.js';

/** What must be paid before a booking; 0 for nothing. */
export function getDeposit({ row }: BookingRules, { amount }: Pick<VisitPrice, 'amount'>): number {
  return row.requiresDeposit ? percentOf(amount, row.depositPercent) : 0;
}

/**
 * Patients pay first where the policy asks for it; the front desk books without.
 * @throws DomainError PAYMENT_REQUIRED with the amount
 */
export function assertNothingDue({ role }: Pick<Actor, 'role'>, rules: BookingRules, price: VisitPrice): void {
  const deposit = role === 'CLIENT' ? getDeposit(rules, price) : 0;
  if (deposit === 0) return;
  const kind = deposit < price.amount ? 'DEPOSIT' : 'FULL';
  throw paymentRequired({ amount: deposit, currency: price.currency, kind });
}
