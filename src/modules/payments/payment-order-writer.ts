import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { storeAnswer } from '../../core/http/idempotency-keys.js';
import { PaymentViews } from './payment-views.js';
import type { PaymentView } from './payments.dto.js';
import { PaymentsRepository, type NewPayment, type PaymentRow } from './payments.repository.js';

/** Writes orders, with the answer of the request's Idempotency-Key. */
@Injectable()
export class PaymentOrderWriter {
  constructor(
    private readonly db: Database,
    private readonly payments: PaymentsRepository,
    private readonly changes: ChangeLog,
    private readonly views: PaymentViews,
  ) {}

  /** @param subjectId the hold or the appointment, whose open order of the same kind is replaced */
  insert(subjectId: string, payment: NewPayment): Promise<PaymentView> {
    return this.db.transaction(async () => {
      await this.payments.replaceOpen(subjectId, payment.kind);
      await this.payments.insert(payment);
      const { id, clinicId, amountMinor: amount, currency, kind } = payment;
      await this.changes.record({
        action: 'payment.created',
        objectType: 'payment',
        objectId: id,
        clinicId,
        changes: { amount, currency, kind },
      });
      const row = await this.payments.find(id);
      return this.store(row as PaymentRow);
    });
  }

  /** Answers with an order that exists. */
  answer(open: PaymentRow): Promise<PaymentView> {
    return this.db.transaction(() => this.store(open));
  }

  private async store(row: PaymentRow): Promise<PaymentView> {
    const view = this.views.compose(row, []);
    await storeAnswer(this.db, view);
    return view;
  }
}
