import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { Clock } from '../../core/kernel/clock.js';
import { PaymentArrivals } from './payment-arrivals.js';
import { isRefusedByProvider } from './payment.errors.js';
import { PaymentReconciliation } from './payment-reconciliation.entity.js';
import { PaymentProvider, type ProviderPayment } from './provider/payment-provider.js';

const EVERY_SECONDS = 3_600;
const DAY_MILLISECONDS = 86_400_000;
/** Days that were missed, for example in an outage, are compared later, up to this age. */
const MAX_DAYS = 30;
/** A day is compared this long after its end, when its last payments have been captured. */
const COMPARED_AFTER_MILLISECONDS = 3_600_000;

/**
 * Compares the payments of each day (UTC) with the provider's list, once a day: a payment that was not recorded is recorded, with its refunds;
 * one that does not fit its order is quarantined. A day with a row in payment_reconciliation is done; a day without one is compared by a
 * later run.
 */
@Injectable()
export class ReconciliationTask implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly maintenance: MaintenanceScheduler,
    private readonly provider: PaymentProvider,
    private readonly arrivals: PaymentArrivals,
  ) {}

  onModuleInit(): void {
    this.maintenance.register({ name: 'reconcile-payments', everySeconds: EVERY_SECONDS, run: () => this.run() });
  }

  /** @returns the days that were compared */
  async run(): Promise<string[]> {
    if (this.provider.unavailableReason) return [];
    const done: string[] = [];
    const failures: unknown[] = [];
    for (const day of await this.findDueDays()) {
      await this.reconcile(day).then(
        () => done.push(day),
        (error: unknown) => failures.push(error),
      );
    }
    // After the other days: the next run tries again.
    if (failures.length > 0) throw failures[0];
    return done;
  }

  /** Returns the days to compare: from the first order on, without the days that are done. Hand-written SQL: the days are generated. */
  private async findDueDays(): Promise<string[]> {
    const last = this.clock.now() - COMPARED_AFTER_MILLISECONDS - DAY_MILLISECONDS;
    const rows = await this.db.rows<{ day: string }>(
      `SELECT d::date::text AS day
       FROM generate_series(greatest($2::date, (SELECT (min(created_at) AT TIME ZONE 'UTC')::date FROM payment WHERE provider = $1)),
                            $3::date, interval '1 day') d
       WHERE EXISTS (SELECT FROM payment WHERE provider = $1)
         AND NOT EXISTS (SELECT FROM payment_reconciliation r WHERE r.provider = $1 AND r.day = d::date) ORDER BY d`,
      [this.provider.name, toDay(last - MAX_DAYS * DAY_MILLISECONDS), toDay(last)],
    );
    return rows.map(({ day }) => day);
  }

  /** @param day in UTC, YYYY-MM-DD */
  async reconcile(day: string): Promise<void> {
    const { name } = this.provider;
    const start = Date.parse(day);
    const counts = { checked: 0, repaired: 0, quarantined: 0 };
    for await (const payment of this.provider.listPayments(start, start + DAY_MILLISECONDS)) {
      counts.checked += 1;
      const outcomes = await this.compare(payment);
      if (outcomes.includes('QUARANTINED')) counts.quarantined += 1;
      else if (outcomes.includes('APPLIED')) counts.repaired += 1;
    }
    const row = { provider: name, day, ...counts, finishedAt: new Date(this.clock.now()) };
    await this.db.manager.createQueryBuilder().insert().into(PaymentReconciliation).values(row).orIgnore().execute();
  }

  /** Only payments of our orders are captured: others may use the same account. One that cannot be captured any more is no payment. */
  private async compareAuthorized({ id, orderId }: ProviderPayment): Promise<string[]> {
    if (!orderId || !(await this.arrivals.isOurs(this.provider.name, orderId))) return [];
    try {
      return await this.compare(await this.provider.capture(id));
    } catch (error) {
      if (isRefusedByProvider(error)) return [];
      throw error;
    }
  }

  /** Applies a payment and its refunds as reports with ids of their own, so that one that does not fit is quarantined once. */
  private async compare(payment: ProviderPayment): Promise<string[]> {
    if (payment.status === 'AUTHORIZED') return this.compareAuthorized(payment);
    if (payment.status !== 'CAPTURED') return [];
    const report = { provider: this.provider.name, isOwnAccount: true };
    const type = 'reconciliation';
    const paid = await this.arrivals.receive({
      ...report,
      type,
      id: `reconciliation ${payment.id}`,
      payment,
      refund: null,
    });
    const outcomes = [paid?.outcome ?? 'IGNORED'];
    for (const refund of await this.provider.findRefunds(payment.id)) {
      const id = `reconciliation ${refund.id} ${refund.status}`;
      const found = await this.arrivals.receive({ ...report, type, id, payment, refund });
      outcomes.push(found?.outcome ?? 'IGNORED');
    }
    return outcomes;
  }
}

const toDay = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
