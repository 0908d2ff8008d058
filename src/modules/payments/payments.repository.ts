import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { byCreation, readPage, type Page, type BindValue } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { Payment, PaymentKind } from './payment.entity.js';
import type { PaymentsQuery } from './payments.dto.js';

/** A payment as the services read it. Amounts are numbers: the checks keep them below 2^53. */
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

/** Hand-written SQL: amounts are read as numbers, lists continue after a cursor, and most updates have a condition. */
@Injectable()
export class PaymentsRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<PaymentRow | null> {
    return this.db.row(`SELECT ${COLUMNS} FROM payment p WHERE p.id = $1`, [id]);
  }

  findByOrder(provider: string, orderId: string): Promise<PaymentRow | null> {
    return this.db.row(
      `SELECT ${COLUMNS} FROM payment p WHERE p.provider = $1 AND p.provider_order_id = $2 AND p.duplicate_of IS NULL`,
      [provider, orderId],
    );
  }

  /** Locks the payment until the transaction ends. */
  lock(id: string): Promise<PaymentRow | null> {
    return this.db.row(`SELECT ${COLUMNS} FROM payment p WHERE p.id = $1 FOR UPDATE`, [id]);
  }

  lockByOrder(provider: string, orderId: string): Promise<PaymentRow | null> {
    return this.db.row(
      `SELECT ${COLUMNS} FROM payment p
       WHERE p.provider = $1 AND p.provider_order_id = $2 AND p.duplicate_of IS NULL FOR UPDATE`,
      [provider, orderId],
    );
  }

  lockByProviderPayment(provider: string, paymentId: string): Promise<PaymentRow | null> {
    return this.db.row(
      `SELECT ${COLUMNS} FROM payment p WHERE p.provider = $1 AND p.provider_payment_id = $2 FOR UPDATE`,
      [provider, paymentId],
    );
  }

  /** The payments of an appointment that have arrived, locked in the order of their ids. */
  lockPaid(appointmentId: string): Promise<PaymentRow[]> {
    return this.db.rows(
      `SELECT ${COLUMNS} FROM payment p WHERE p.appointment_id = $1 AND p.status = 'PAID' ORDER BY p.id FOR UPDATE`,
      [appointmentId],
    );
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

  /** Locks all payments of a hold until the transaction ends, so that only one of them books it. */
  async lockPaymentsOfHold(holdId: string): Promise<void> {
    await this.db.rows(`SELECT FROM payment WHERE hold_id = $1 ORDER BY id FOR UPDATE`, [holdId]);
  }

  /** Whether a payment of the hold has booked its visit. */
  async hasBooked(holdId: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM payment WHERE hold_id = $1 AND is_settled AND status = 'PAID' AND appointment_id IS NOT NULL
         AND duplicate_of IS NULL LIMIT 1`,
      [holdId],
    );
    return row !== null;
  }

  /** What was paid for a hold or an appointment, minus refunds, in minor units. */
  async sumPaid(subjectId: string): Promise<number> {
    const row = await this.db.row<{ sum: number }>(SUM_PAID, [subjectId]);
    return row?.sum ?? 0;
  }

  /** What was paid for an appointment by payments that are settled, minus refunds, in minor units. */
  async sumSettled(appointmentId: string): Promise<number> {
    const row = await this.db.row<{ sum: number }>(`${SUM_PAID} AND is_settled`, [appointmentId]);
    return row?.sum ?? 0;
  }

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
    await this.db.rows(INSERT, [JSON.stringify([toColumns(payment)])]);
  }

  /** The next receipt number of the clinic. Until the transaction ends, other receipts of the clinic wait. */
  async nextReceiptNumber(clinicId: string): Promise<number> {
    const row = await this.db.row<{ number: number }>(
      `INSERT INTO receipt_counter (clinic_id, last_number) VALUES ($1, 1)
       ON CONFLICT (clinic_id) DO UPDATE SET last_number = receipt_counter.last_number + 1 RETURNING last_number AS number`,
      [clinicId],
    );
    return row?.number ?? 1;
  }

  async markPaid(id: string, paid: { providerPaymentId: string; receiptNumber: number; paidAt: Date }): Promise<void> {
    await this.db.rows(
      `UPDATE payment SET status = 'PAID', provider_payment_id = $2, receipt_number = $3, paid_at = $4::timestamptz, attempts = 0,
         next_attempt_at = $4::timestamptz WHERE id = $1`,
      [id, paid.providerPaymentId, paid.receiptNumber, paid.paidAt.toISOString()],
    );
  }

  /** Another payment of an order that was paid before. It needs no settlement. */
  async insertDuplicate(
    original: PaymentRow,
    paid: { id: string; providerPaymentId: string; receiptNumber: number; paidAt: Date },
  ): Promise<void> {
    await this.db.rows(
      `INSERT INTO payment (id, clinic_id, client_id, kind, hold_id, appointment_id, service_id, doctor_id, start_at, price_minor,
         amount_minor, currency, tax_basis_points, status, provider, provider_order_id, provider_payment_id, duplicate_of,
         receipt_number, created_by, created_at, paid_at, is_settled)
       SELECT $2, clinic_id, client_id, kind, hold_id, appointment_id, service_id, doctor_id, start_at, price_minor,
         amount_minor, currency, tax_basis_points, 'PAID', provider, provider_order_id, $3, id, $4::int, created_by, $5::timestamptz,
         $5::timestamptz, true FROM payment WHERE id = $1`,
      [original.id, paid.id, paid.providerPaymentId, paid.receiptNumber, paid.paidAt.toISOString()],
    );
  }

  /** @param appointmentId of the booked visit; null if there is none */
  async settle(id: string, appointmentId: string | null): Promise<void> {
    await this.db.rows(
      `UPDATE payment SET is_settled = true, next_attempt_at = NULL, appointment_id = coalesce($2::uuid, appointment_id)
       WHERE id = $1`,
      [id, appointmentId],
    );
  }

  async addRefunded(id: string, amountMinor: number): Promise<void> {
    await this.db.rows(`UPDATE payment SET refunded_minor = refunded_minor + $2::bigint WHERE id = $1`, [
      id,
      amountMinor,
    ]);
  }

  async findDue(now: Date, limit: number): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM payment WHERE next_attempt_at <= $1::timestamptz ORDER BY next_attempt_at LIMIT $2::int`,
      [now.toISOString(), limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Claims a payment that is due. No other process gets it before `until`. */
  claim(id: string, now: Date, until: Date): Promise<PaymentRow | null> {
    return this.db.row(
      `UPDATE payment p SET attempts = p.attempts + 1, next_attempt_at = $3::timestamptz
       WHERE p.id = $1 AND p.next_attempt_at <= $2::timestamptz RETURNING ${COLUMNS}`,
      [id, now.toISOString(), until.toISOString()],
    );
  }

  /** Changes nothing if the payment was settled in the meantime. @param at null: never */
  async scheduleCheck(id: string, attempts: number, at: Date | null): Promise<void> {
    await this.db.rows(
      `UPDATE payment SET next_attempt_at = $3::timestamptz WHERE id = $1 AND attempts = $2 AND NOT is_settled`,
      [id, attempts, at?.toISOString() ?? null],
    );
  }

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
}

const SUM_PAID = `
  SELECT coalesce(sum(amount_minor - refunded_minor), 0)::float8 AS sum FROM payment
  WHERE status = 'PAID' AND (hold_id = $1 OR appointment_id = $1)`;

const INSERT = `
  INSERT INTO payment (id, clinic_id, client_id, kind, hold_id, appointment_id, service_id, doctor_id, start_at, price_minor,
    amount_minor, currency, tax_basis_points, provider, provider_order_id, created_by, created_at, next_attempt_at)
  SELECT id, clinic_id, client_id, kind, hold_id, appointment_id, service_id, doctor_id, start_at, price_minor,
    amount_minor, currency, tax_basis_points, provider, provider_order_id, created_by, created_at, next_attempt_at
  FROM json_populate_recordset(NULL::payment, $1::json)`;

const toColumns = (row: object): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value as unknown,
    ]),
  );

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
