import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PaymentWorld } from '../support/payments.js';
import { simulatePaymentDays } from '../simulation/payments/payment-days.js';

/** A small part of what `npm run simulate-payments` does. */

let world: PaymentWorld;

beforeAll(async () => {
  world = await PaymentWorld.open(120);
});

afterAll(() => world.close());

it('random days of payments break no rule, also when all connections to the database are lost', async () => {
  const { violations, tally } = await simulatePaymentDays(world, {
    ...{ seed: 7, days: 10, visits: 6, interruptPercent: 40 },
    interrupt: async () => {
      await world.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')`,
      );
    },
  });
  expect(violations).toEqual([]);
  expect(Object.keys(tally).length).toBeGreaterThan(5);
});
