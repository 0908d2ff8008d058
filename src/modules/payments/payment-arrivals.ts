import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { LOGGER } from '../../core/logging/logger.js';
import type { Recorded } from './payment-log.js';
import { PaymentRecords, type Report } from './payment-records.js';
import type { ProviderPayment } from './provider/payment-provider.js';
import { PaymentEvent } from './payment-event.entity.js';
import { SettlementService } from './settlement.service.js';

/** Records what the provider reports, and settles what was paid. */
@Injectable()
export class PaymentArrivals {
  constructor(
    private readonly db: Database,
    private readonly records: PaymentRecords,
    private readonly settlement: SettlementService,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Applies a webhook once: repeated and concurrent deliveries of its id change nothing. @returns null if it was applied before */
  async receive(report: Report): Promise<Recorded | null> {
    const recorded = await this.db.transaction(async () => {
      if (!(await this.claim(report))) return null;
      const result = await this.records.apply(report);
      const { outcome, reason, paymentId } = result;
      const key = { provider: report.provider, id: report.id };
      await this.db.repository(PaymentEvent).update(key, { outcome, reason, paymentId });
      return result;
    });
    if (recorded?.outcome === 'APPLIED') await this.settle(recorded.paymentId);
    return recorded;
  }

  /** Whether CareSlot has made the order. */
  async isOurs(provider: string, orderId: string): Promise<boolean> {
    const rows = await this.db.rows(
      'SELECT 1 AS one FROM payment WHERE provider = $1 AND provider_order_id = $2 LIMIT 1',
      [provider, orderId],
    );
    return rows.length > 0;
  }

  /** Records a payment that was read from the provider. */
  async record(provider: string, payment: ProviderPayment): Promise<Recorded> {
    const recorded = await this.db.transaction(() => this.records.recordPayment(provider, payment));
    if (recorded.outcome === 'APPLIED') await this.settle(recorded.paymentId);
    return recorded;
  }

  /** The money has arrived, whatever happens now: a failed settlement is repeated by the worker. */
  async settle(id: string | null): Promise<void> {
    if (id === null) return;
    try {
      await this.settlement.settle(id);
    } catch (error) {
      this.logger.error({ err: error, paymentId: id }, 'a payment could not be settled; it is tried again');
    }
  }

  /** Waits for another transaction that has the same id. SQL: TypeORM does not tell whether a row was inserted. */
  private async claim({ provider, id, type }: Report): Promise<boolean> {
    const rows = await this.db.rows(
      `INSERT INTO payment_event (provider, id, type, outcome, received_at) VALUES ($1, $2, $3, 'IGNORED', $4::timestamptz)
       ON CONFLICT DO NOTHING RETURNING id`,
      [provider, id, type, new Date(this.clock.now()).toISOString()],
    );
    return rows.length > 0;
  }
}
