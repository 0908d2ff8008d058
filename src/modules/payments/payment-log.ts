import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { ChangeLog } from '../../core/changes/change-log.js';
import { LOGGER } from '../../core/logging/logger.js';
import type { EventOutcome } from './payment-event.entity.js';
import { paymentsQuarantined } from './payment-metrics.js';
import type { PaymentRow } from './payments.repository.js';

/** What a report of the provider has changed. */
export interface Recorded {
  outcome: EventOutcome;
  /** Why nothing was changed. */
  reason: string | null;
  /** The payment that it is about; null if it is unknown. */
  paymentId: string | null;
}

export const ignored = (reason: string, paymentId: string | null = null): Recorded => ({
  outcome: 'IGNORED',
  reason,
  paymentId,
});

/** The audit rows of payments, and the alert about what does not fit. */
@Injectable()
export class PaymentLog {
  constructor(
    private readonly changes: ChangeLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async recordPaid({ id, clinicId, amountMinor, currency }: PaymentRow, receiptNumber: number): Promise<void> {
    await this.changes.record({
      action: 'payment.paid',
      objectType: 'payment',
      objectId: id,
      clinicId,
      changes: { amount: amountMinor, currency, receiptNumber },
    });
  }

  /** Nothing is changed, and somebody must look at it. */
  quarantine(reason: string, payment: Pick<PaymentRow, 'id'> | null): Recorded {
    const paymentId = payment?.id ?? null;
    paymentsQuarantined.inc({ reason });
    this.logger.error({ paymentId, reason }, 'a payment does not fit its order; nothing was changed');
    return { outcome: 'QUARANTINED', reason, paymentId };
  }
}
