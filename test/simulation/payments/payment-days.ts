import type { TestPatient } from '../../support/app.js';
import type { PaymentWorld } from '../../support/payments.js';
import { Random } from '../random.js';
import { findViolations } from './payment-rules.js';
import { VISITS, type VisitContext } from './payment-visits.js';

const DAY = 86_400_000;
/** The days of the provider's payments, which are reconciled one after the other. */
const FIRST_DAY = Date.UTC(2020, 0, 1);

export interface PaymentDaysOptions {
  seed: number;
  days: number;
  /** Visits of each day, all at the same time. */
  visits: number;
  /** Ends the process, or its connections, in the middle of the day. Called at a random moment of some days. */
  interrupt: (random: Random) => Promise<void>;
  /** On how many of a hundred days. */
  interruptPercent: number;
  log?: (line: string) => unknown;
}

export interface PaymentDaysResult {
  /** How often each kind of visit was simulated. */
  tally: Record<string, number>;
  violations: string[];
}

/**
 * Random days of payments: paid once, twice, late or never, refunded, with webhooks that are lost, repeated and in the wrong order, a
 * provider that fails, and a process that dies. After each day, when everything due was done, the rules of payments are checked.
 */
export async function simulatePaymentDays(
  world: PaymentWorld,
  { seed, days, visits, interrupt, interruptPercent, log = () => undefined }: PaymentDaysOptions,
): Promise<PaymentDaysResult> {
  const random = new Random(seed);
  const tally: Record<string, number> = {};
  const violations: string[] = [];
  for (let day = 1; day <= days && violations.length < 10; day += 1) {
    const today = FIRST_DAY + day * DAY;
    world.razorpay.now = () => today + DAY / 2;
    const isInterrupted = random.below(100) < interruptPercent;
    const running = Array.from({ length: visits }, () => {
      const kind = random.weighted(VISITS);
      tally[kind.name] = (tally[kind.name] ?? 0) + 1;
      return kind.run(createContext(world, new Random(random.below(2 ** 31))));
    });
    if (isInterrupted) running.push(interrupt(random));
    const results = await Promise.allSettled(running);
    for (const result of results) {
      if (result.status === 'fulfilled') continue;
      const reason = String(result.reason);
      // Requests to a process that dies, or to a provider that is down, fail; what they began is checked below.
      if (!isInterrupted && !reason.includes('UPSTREAM_UNAVAILABLE')) violations.push(`day ${day}: ${reason}`);
    }
    await world.workUntilDone();
    // The provider works again.
    world.razorpay.faults.splice(0);
    // Of an order that is paid, another payment may have been reported by nobody.
    await world.reconcile(new Date(today).toISOString().slice(0, 10));
    await world.workUntilDone();
    const found = await findViolations(world);
    if ((await world.app.overlaps()) > 0) found.push('reservations overlap');
    violations.push(...found.map((violation) => `day ${day}: ${violation}`));
    if (day % 50 === 0) log(`${day} days, ${violations.length} violations`);
  }
  return { tally, violations };
}

const createContext = (world: PaymentWorld, random: Random): VisitContext => ({
  world,
  random,
  patient: world.nextPatient(),
  other: (): TestPatient => world.nextPatient(),
});
