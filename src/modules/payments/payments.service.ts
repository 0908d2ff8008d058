import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { getAccountId, type Actor } from '../../core/kernel/actor.js';
import { PaymentAccess } from './payment-access.js';
import { notRefundable } from './payment.errors.js';
import { PaymentViews } from './payment-views.js';
import type { PaymentsQuery, PaymentView, RefundPayment } from './payments.dto.js';
import { PaymentsRepository, type PaymentRow } from './payments.repository.js';
import { RefundMaker } from './refund-maker.js';

/** Reads payments, and refunds them for managers. */
@Injectable()
export class PaymentsService {
  constructor(
    private readonly db: Database,
    private readonly payments: PaymentsRepository,
    private readonly access: PaymentAccess,
    private readonly views: PaymentViews,
    private readonly refunds: RefundMaker,
  ) {}

  /** Audits the read. */
  async list(reader: Actor, query: PaymentsQuery): Promise<Page<PaymentView>> {
    const page = await this.payments.list(await this.access.actFor(reader, query.clientId), query);
    await this.access.recordList(reader, page.items);
    const views = await this.views.toViews(page.items);
    return page.map(({ id }) => views.get(id) as PaymentView);
  }

  /** Audits the read. @throws DomainError NOT_FOUND */
  async get(reader: Actor, id: string): Promise<PaymentView> {
    const payment = await this.access.assertMaySee(reader, await this.payments.find(id));
    await this.access.recordRead(reader, payment);
    return this.views.toView(payment);
  }

  /**
   * Refunds a part of a payment, or what is left of it.
   * @throws DomainError NOT_FOUND, INVALID_TRANSITION if it is not paid, or less is left
   */
  refund(actor: Actor, id: string, { amount }: RefundPayment): Promise<PaymentView> {
    return this.db.transaction(async () => {
      const payment = await this.access.assertMayRefund(actor, await this.payments.lock(id));
      const refundable = payment.status === 'PAID' ? payment.amountMinor - payment.refundedMinor : 0;
      const amountMinor = amount ?? refundable;
      if (amountMinor > refundable || refundable === 0) throw notRefundable(refundable);
      await this.refunds.refund(payment, { amountMinor, reason: 'MANAGER', createdBy: getAccountId(actor) });
      return this.views.toView((await this.payments.find(id)) as PaymentRow);
    });
  }
}
