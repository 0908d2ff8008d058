import { Injectable } from '@nestjs/common';
import { IsNull, Not } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { byCreation, readPage, type Page, type BindValue } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Payment, type PaymentKind } from './payment.entity.js';
import type { PaymentsQuery } from './payments.dto.js';

/** A payment as the services read it. */
export type PaymentRow = Pick<
  Payment,
  | 'id'
  | 'clinicId'
  | 'clientId'
  | 'kind'
  | 'holdId'
  | 'appointmentId'
  | 'serviceId'
  | 'doctorId'
  | 'startAt'
  | 'priceMinor'
  | 'amountMinor'
  | 'currency'
  | 'taxBasisPoints'
  | 'status'
  | 'refundedMinor'
  | 'provider'
  | 'providerOrderId'
  | 'providerPaymentId'
  | 'receiptNumber'
  | 'createdBy'
  | 'createdAt'
  | 'paidAt'
  | 'isSettled'
  | 'attempts'
>;

export type NewPayment = Omit<
  PaymentRow,
  'status' | 'refundedMinor' | 'providerPaymentId' | 'receiptNumber' | 'paidAt' | 'isSettled' | 'attempts'
> & { nextAttemptAt: Date };

const COLUMNS = `
  p.id, p.clinic_id AS "clinicId", p.client_id AS "clientId", p.kind, p.hold_id AS "holdId", p.appointment_id AS "appointmentId",
  p.service_id AS "serviceId", p.doctor_id AS "doctorId", p.start_at AS "startAt", p.price_minor::float8 AS "priceMinor",
  p.amount_minor::float8 AS "amountMinor", p.currency, p.tax_basis_points AS "taxBasisPoints", p.status,
  p.refunded_minor::float8 AS "refundedMinor", p.provider, p.provider_order_id AS "providerOrderId",
  p.provider_payment_id AS "providerPaymentId", p.receipt_number AS "receiptNumber", p.created_by AS "createdBy",
  p.created_at AS "createdAt", p.paid_at AS "paidAt", p.is_settled AS "isSettled", p.attempts`;

const SORTS = { newest: byCreation('p.id') } as const;

const FOR_UPDATE = { mode: 'pessimistic_write' } as const;

/** Orders and payments. Locks end with the transaction. */
@Injectable()
export class PaymentsRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<PaymentRow | null> {
    return this.payments.findOneBy({ id });
  }

  findByOrder(provider: string, orderId: string): Promise<PaymentRow | null> {
    return this.payments.findOneBy({ provider, providerOrderId: orderId, duplicateOf: IsNull() });
  }

  lock(id: string): Promise<PaymentRow | null> {
    return this.payments.findOne({ where: { id }, lock: FOR_UPDATE });
  }

  lockByOrder(provider: string, orderId: string): Promise<PaymentRow | null> {
    return this.payments.findOne({
      where: { provider, providerOrderId: orderId, duplicateOf: IsNull() },
      lock: FOR_UPDATE,
    });
  }

  lockByProviderPayment(provider: string, paymentId: string): Promise<PaymentRow | null> {
    return this.payments.findOne({ where: { provider, providerPaymentId: paymentId }, lock: FOR_UPDATE });
  }

  /** The payments of an appointment that have arrived, locked in the order of their ids. */
  lockPaid(appointmentId: string): Promise<PaymentRow[]> {
    return this.payments.find({ where: { appointmentId, status: 'PAID' }, order: { id: 'ASC' }, lock: FOR_UPDATE });
  }

  /**
   * The status of an appointment, which cannot change until the transaction ends. Lock it before its payments, as a cancellation does. A
   * table of another feature: its service would need to know payments.
   */
  async lockVisitStatus(appointmentId: string): Promise<string | null> {
    const row = await this.db.row<{ status: string }>(
      `SELECT status FROM appointment WHERE id = $1 FOR NO KEY UPDATE`,
      [appointmentId],
    );
    return row?.status ?? null;
  }

  /** Locks all payments of a hold, so that only one of them books it. */
  async lockPaymentsOfHold(holdId: string): Promise<void> {
    await this.payments.find({ select: { id: true }, where: { holdId }, order: { id: 'ASC' }, lock: FOR_UPDATE });
  }

  /** Whether a payment of the hold has booked its visit. */
  hasBooked(holdId: string): Promise<boolean> {
    return this.payments.existsBy({
      holdId,
      isSettled: true,
      status: 'PAID',
      appointmentId: Not(IsNull()),
      duplicateOf: IsNull(),
    });
  }

  /** What was paid for a hold or an appointment, minus refunds, in minor units. SQL: TypeORM cannot sum an expression. */
  async sumPaid(subjectId: string): Promise<number> {
    const row = await this.db.row<{ sum: number }>(SUM_PAID, [subjectId]);
    return row?.sum ?? 0;
  }

  /** What was paid for an appointment by payments that are settled, minus refunds, in minor units. */
  async sumSettled(appointmentId: string): Promise<number> {
    const row = await this.db.row<{ sum: number }>(`${SUM_PAID} AND is_settled`, [appointmentId]);
    return row?.sum ?? 0;
  }

  /** SQL here and in `replaceOpen`: the condition is the expression of the unique index payment_open. */
  findOpen(subjectId: string, kind: PaymentKind): Promise<PaymentRow | null> {
    return this.db.row(
      `SELECT ${COLUMNS} FROM payment p
       WHERE coalesce(p.hold_id, p.appointment_id) = $1 AND p.kind = $2 AND p.status = 'CREATED'`,
      [subjectId, kind],
    );
  }

  /** Marks the open order as replaced. A payment of it still counts. */
  async replaceOpen(subjectId: string, kind: PaymentKind): Promise<void> {
    await this.db.rows(
      `UPDATE payment SET status = 'REPLACED'
       WHERE coalesce(hold_id, appointment_id) = $1 AND kind = $2 AND status = 'CREATED'`,
      [subjectId, kind],
    );
  }

  async insert(payment: NewPayment): Promise<void> {
    await this.payments.insert(payment);
  }

  /**
   * The next receipt number of the clinic. Until the transaction ends, other receipts of the clinic wait. SQL: one statement makes or
   * increments the counter and returns it.
   */
  async nextReceiptNumber(clinicId: string): Promise<number> {
    const row = await this.db.row<{ number: number }>(
      `INSERT INTO receipt_counter (clinic_id, last_number) VALUES ($1, 1)
       ON CONFLICT (clinic_id) DO UPDATE SET last_number = receipt_counter.last_number + 1 RETURNING last_number AS number`,
      [clinicId],
    );
    return row?.number ?? 1;
  }

  async markPaid(id: string, paid: { providerPaymentId: string; receiptNumber: number; paidAt: Date }): Promise<void> {
    await this.payments.update(id, { ...paid, status: 'PAID', attempts: 0, nextAttemptAt: paid.paidAt });
  }

  /** Another payment of an order that was paid before. It needs no settlement. */
  async insertDuplicate(
    original: PaymentRow,
    paid: { id: string; providerPaymentId: string; receiptNumber: number; paidAt: Date },
  ): Promise<void> {
    await this.payments.insert({
      ...original,
      ...paid,
      duplicateOf: original.id,
      status: 'PAID',
      refundedMinor: 0,
      createdAt: paid.paidAt,
      isSettled: true,
      attempts: 0,
      nextAttemptAt: null,
    });
  }

  /** @param appointmentId of the booked visit; null if there is none */
  async settle(id: string, appointmentId: string | null): Promise<void> {
    await this.payments.update(id, { isSettled: true, nextAttemptAt: null, ...(appointmentId && { appointmentId }) });
  }

  async addRefunded(id: string, amountMinor: number): Promise<void> {
    await this.payments.increment({ id }, 'refundedMinor', amountMinor);
  }

  /** SQL: `rows` translates the error of an unavailable database, which the sweep must recognise. */
  async findDue(now: Date, limit: number): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM payment WHERE next_attempt_at <= $1::timestamptz ORDER BY next_attempt_at LIMIT $2::int`,
      [now.toISOString(), limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Claims a payment that is due. No other process gets it before `until`. SQL: one statement checks, changes and returns the row. */
  claim(id: string, now: Date, until: Date): Promise<PaymentRow | null> {
    return this.db.row(
      `UPDATE payment p SET attempts = p.attempts + 1, next_attempt_at = $3::timestamptz
       WHERE p.id = $1 AND p.next_attempt_at <= $2::timestamptz RETURNING ${COLUMNS}`,
      [id, now.toISOString(), until.toISOString()],
    );
  }

  /** Changes nothing if the payment was settled in the meantime. @param at null: never */
  async scheduleCheck(id: string, attempts: number, at: Date | null): Promise<void> {
    await this.payments.update({ id, attempts, isSettled: false }, { nextAttemptAt: at });
  }

  /** SQL: pages continue after a cursor. */
  list(actor: Actor, query: PaymentsQuery): Promise<Page<PaymentRow>> {
    return readPage<PaymentRow>(
      this.db,
      { ...query, sort: '-newest' },
      {
        ...{ select: COLUMNS, from: 'payment p', columns: SORTS, idColumn: 'p.id' },
        where: (bind) => [visibleTo(actor, bind), ...toConditions(query, bind)],
      },
    );
  }

  private get payments() {
    return this.db.repository(Payment);
  }
}

const SUM_PAID = `
  SELECT coalesce(sum(amount_minor - refunded_minor), 0)::float8 AS sum FROM payment
  WHERE status = 'PAID' AND (hold_id = $1 OR appointment_id = $1)`;

/** Patients see their own payments, the front desk those of its clinics. */
function visibleTo({ role, clientId, clinicIds }: Actor, bind: BindValue): string {
  if (role === 'ADMIN') return 'true';
  if (role === 'CLIENT') return `p.client_id = ${bind(clientId)}::uuid`;
  return `p.clinic_id = ANY (${bind(clinicIds)}::uuid[])`;
}

const STATUS_CONDITIONS: Record<NonNullable<PaymentsQuery['status']>, string> = {
  CREATED: `p.status <> 'PAID'`,
  PAID: `p.status = 'PAID' AND p.refunded_minor = 0`,
  PARTIALLY_REFUNDED: `p.refunded_minor > 0 AND p.refunded_minor < p.amount_minor`,
  REFUNDED: `p.refunded_minor = p.amount_minor`,
};

function toConditions({ clinicId, clientId, appointmentId, status }: PaymentsQuery, bind: BindValue): string[] {
  return [
    ...(clinicId ? [`p.clinic_id = ${bind(clinicId)}::uuid`] : []),
    ...(clientId ? [`p.client_id = ${bind(clientId)}::uuid`] : []),
    ...(appointmentId ? [`p.appointment_id = ${bind(appointmentId)}::uuid`] : []),
    ...(status ? [STATUS_CONDITIONS[status]] : []),
  ];
}
