import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { getAccountId, type Actor } from '../../core/kernel/actor.js';
import { percentOf } from './ledger.js';
import { Payables, type Payable, type PayableRequest } from './payables.js';
import type { PaymentKind } from './payment.entity.js';
import { nothingDue, paymentsUnavailable } from './payment.errors.js';
import { PaymentOrderWriter } from './payment-order-writer.js';
import type { CreateOrder, PaymentView } from './payments.dto.js';
import { PaymentsRepository, type PaymentRow } from './payments.repository.js';
import { PaymentProvider } from './provider/payment-provider.js';

/** How long after an order the provider is asked whether it was paid, if nobody has told us. */
const FIRST_CHECK_MILLISECONDS = 2 * 60_000;

/** Makes orders at the provider for held times, deposits and visits. */
@Injectable()
export class PaymentOrdersService {
  constructor(
    private readonly clock: Clock,
    private readonly payments: PaymentsRepository,
    private readonly payables: Payables,
    private readonly provider: PaymentProvider,
    private readonly writer: PaymentOrderWriter,
  ) {}

  /**
   * An unpaid order of the same visit and amount is returned again.
   * @throws DomainError SERVICE_UNAVAILABLE without a configured provider, UPSTREAM_UNAVAILABLE, INVALID_TRANSITION if nothing is due
   */
  async create(actor: Actor, request: CreateOrder): Promise<PaymentView> {
    const { provider } = this;
    const payable = await this.payables.get().find(actor, toPayableRequest(request));
    if (provider.unavailableReason) throw paymentsUnavailable(provider.unavailableReason);
    const [kind, amountMinor] = await this.getAmount(payable, request.kind);
    const open = await this.findOpen(payable, kind, amountMinor);
    if (open) return this.writer.answer(open);
    const id = newId();
    const money = { amountMinor, currency: payable.price.currency };
    const providerOrderId = await provider.createOrder(money, id);
    const now = this.clock.now();
    return this.writer.insert(getSubjectId(payable), {
      ...{ id, kind, amountMinor, providerOrderId, provider: provider.name },
      ...{ clinicId: payable.clinicId, clientId: payable.clientId, holdId: payable.holdId },
      ...{ appointmentId: payable.appointmentId, serviceId: payable.serviceId, doctorId: payable.doctorId },
      ...{ startAt: payable.startAt, priceMinor: payable.price.amount, currency: payable.price.currency },
      taxBasisPoints: payable.price.taxBasisPoints,
      createdBy: getAccountId(actor),
      createdAt: new Date(now),
      nextAttemptAt: new Date(now + FIRST_CHECK_MILLISECONDS),
    });
  }

  /** What is still to be paid of a deposit or of the price. */
  private async getAmount(payable: Payable, requested: PaymentKind | undefined): Promise<[PaymentKind, number]> {
    const { price, depositPercent, holdId } = payable;
    const deposit = percentOf(price.amount, depositPercent);
    const kind = holdId && deposit < price.amount ? 'DEPOSIT' : (requested ?? 'FULL');
    const paid = await this.payments.sumPaid(getSubjectId(payable));
    const due = (kind === 'DEPOSIT' ? deposit : price.amount) - paid;
    if (due <= 0) throw nothingDue();
    return [kind, due];
  }

  private async findOpen(payable: Payable, kind: PaymentKind, amountMinor: number): Promise<PaymentRow | null> {
    const open = await this.payments.findOpen(getSubjectId(payable), kind);
    const { amount, currency, taxBasisPoints } = payable.price;
    const isSame =
      open?.amountMinor === amountMinor &&
      open.priceMinor === amount &&
      open.currency === currency &&
      open.taxBasisPoints === taxBasisPoints &&
      open.clientId === payable.clientId &&
      open.provider === this.provider.name;
    return isSame ? open : null;
  }
}

const getSubjectId = ({ holdId, appointmentId }: Payable): string => holdId ?? (appointmentId as string);

/** @throws DomainError VALIDATION_ERROR unless there is exactly one of both */
function toPayableRequest({ holdId, appointmentId, kind }: CreateOrder): PayableRequest {
  if (holdId !== undefined && appointmentId !== undefined)
    throw invalid({ field: 'appointmentId', error: 'must not be given together with holdId' });
  if (appointmentId !== undefined) return { appointmentId: appointmentId.toLowerCase() };
  if (kind !== undefined) throw invalid({ field: 'kind', error: 'is only for an appointment' });
  return { holdId: (holdId as string).toLowerCase() };
}
