import { describe, expect, it } from '@jest/globals';
import { bookingRules } from '../../../test/support/booking-rules.js';
import { getError } from '../../../test/support/domain-errors.js';
import { assertNothingDue, getDeposit } from './payment-due.js';

const price = { amount: 50_001, currency: 'INR', taxBasisPoints: 1_800 };
const paidFirst = (depositPercent: number) => bookingRules({ requiresDeposit: true, depositPercent });

describe('a deposit', () => {
  it.each([
    [0, 0],
    [1, 501],
    [20, 10_001],
    [100, 50_001],
  ])('of %d percent is rounded up: %d', (percent, deposit) => {
    expect(getDeposit(paidFirst(percent), price)).toBe(deposit);
  });

  it('is nothing if the policy does not ask for it, or the visit is free', () => {
    expect(getDeposit(bookingRules({ depositPercent: 20 }), price)).toBe(0);
    expect(getDeposit(paidFirst(20), { amount: 0 })).toBe(0);
  });

  it.each([
    [20, { amount: 10_001, currency: 'INR', kind: 'DEPOSIT' }],
    [99, { amount: 49_501, currency: 'INR', kind: 'DEPOSIT' }],
    [100, { amount: 50_001, currency: 'INR', kind: 'FULL' }],
  ])('of %d percent is due before a patient books', (percent, details) => {
    const error = getError(() => assertNothingDue({ role: 'CLIENT' }, paidFirst(percent), price));
    expect(error).toMatchObject({ code: 'PAYMENT_REQUIRED', details });
  });

  it('is not due for the front desk, without the policy, or for a free visit', () => {
    expect(getError(() => assertNothingDue({ role: 'STAFF' }, paidFirst(20), price))).toBeUndefined();
    expect(getError(() => assertNothingDue({ role: 'CLIENT' }, bookingRules(), price))).toBeUndefined();
    expect(
      getError(() => assertNothingDue({ role: 'CLIENT' }, paidFirst(20), { ...price, amount: 0 })),
    ).toBeUndefined();
  });
});
