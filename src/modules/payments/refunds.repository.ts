import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { LedgerEntry } from './ledger-entry.entity.js';
import { reversed, type Entries, type LedgerEvent } from './ledger.js';
import { PaymentRefund } from './payment-refund.entity.js';
import type { RefundView } from './payments.dto.js';

export type RefundRow = Pick<
  PaymentRefund,
  'id' | 'paymentId' | 'clinicId' | 'amountMinor' | 'reason' | 'state' | 'providerRefundId' | 'attempts'
>;

/** What is booked in the ledger. */
export interface Booking {
  sourceId: string;
  event: LedgerEvent;
  clinicId: string;
  paymentId: string;
  currency: string;
  at: Date;
}

const COLUMNS = `
  r.id, r.payment_id AS "paymentId", r.clinic_id AS "clinicId", r.amount_minor::float8 AS "amountMinor", r.reason, r.state,
  r.provider_refund_id AS "providerRefundId", r.attempts`;

/** Refunds and the ledger. Hand-written SQL: amounts are read as numbers, and updates have conditions. */
@Injectable()
export class RefundsRepository {
  constructor(private readonly db: Database) {}

  async insert(refund: Partial<PaymentRefund> & { id: string }): Promise<void> {
    await this.db.repository(PaymentRefund).insert(refund);
  }

  /** Books entries that sum to zero; a trigger checks it at the commit. */
  async book({ sourceId, event, clinicId, paymentId, currency, at }: Booking, entries: Entries): Promise<void> {
    await this.db.repository(LedgerEntry).insert(
      entries.map(([account, amountMinor]) => ({
        ...{ sourceId, event, clinicId, paymentId, account, amountMinor, currency },
        createdAt: at,
      })),
    );
  }

  /** Books the opposite of what was booked when the refund became due. */
  async bookFailure(booking: Booking): Promise<void> {
    const due = await this.db.repository(LedgerEntry).findBy({ sourceId: booking.sourceId, event: 'REFUND_DUE' });
    // TypeORM reads a bigint as a string.
    const entries = due.map(({ account, amountMinor }): Entries[number] => [account, Number(amountMinor)]);
    await this.book(booking, reversed(entries));
  }

  find(id: string): Promise<RefundRow | null> {
    return this.db.row(`SELECT ${COLUMNS} FROM payment_refund r WHERE r.id = $1`, [id]);
  }

  /** The refund with our id, or with that of the provider. The caller has locked its payment. */
  findOfPayment(
    paymentId: string,
    { refundId, providerRefundId }: { refundId: string | null; providerRefundId: string },
  ): Promise<RefundRow | null> {
    return this.db.row(
      `SELECT ${COLUMNS} FROM payment_refund r
       WHERE r.payment_id = $1 AND (r.id::text = lower($2::text) OR r.provider_refund_id = $3)
       ORDER BY r.id::text = lower($2::text) DESC LIMIT 1`,
      [paymentId, refundId ?? '', providerRefundId],
    );
  }

  /** The refunds of payments, by the payment's id. */
  async findViews(paymentIds: readonly string[]): Promise<Map<string, RefundView[]>> {
    const rows = await this.db.rows<RefundView & { paymentId: string }>(
      `SELECT payment_id AS "paymentId", id, amount_minor::float8 AS amount, reason, state AS status, created_at AS "createdAt",
              processed_at AS "processedAt" FROM payment_refund WHERE payment_id = ANY ($1::uuid[]) ORDER BY id`,
      [paymentIds],
    );
    const byPayment = new Map<string, RefundView[]>();
    for (const { paymentId, ...refund } of rows)
      byPayment.set(paymentId, [...(byPayment.get(paymentId) ?? []), refund]);
    return byPayment;
  }

  async findDue(now: Date, limit: number): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM payment_refund WHERE next_attempt_at <= $1::timestamptz ORDER BY next_attempt_at LIMIT $2::int`,
      [now.toISOString(), limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Claims a refund that is due. No other process gets it before `until`. */
  claim(id: string, now: Date, until: Date): Promise<RefundRow | null> {
    return this.db.row(
      `UPDATE payment_refund r SET attempts = r.attempts + 1, next_attempt_at = $3::timestamptz
       WHERE r.id = $1 AND r.next_attempt_at <= $2::timestamptz AND r.state IN ('DUE', 'SENT') RETURNING ${COLUMNS}`,
      [id, now.toISOString(), until.toISOString()],
    );
  }

  /** Changes nothing if another process has claimed it since, or if it has ended. */
  async schedule(id: string, attempts: number, at: Date): Promise<void> {
    await this.db.rows(
      `UPDATE payment_refund SET next_attempt_at = $3::timestamptz
       WHERE id = $1 AND attempts = $2 AND state IN ('DUE', 'SENT')`,
      [id, attempts, at.toISOString()],
    );
  }

  async markSent(id: string, providerRefundId: string): Promise<void> {
    await this.db.rows(`UPDATE payment_refund SET state = 'SENT', provider_refund_id = $2 WHERE id = $1`, [
      id,
      providerRefundId,
    ]);
  }

  async end(
    id: string,
    { state, providerRefundId, at }: { state: 'PROCESSED' | 'FAILED'; providerRefundId: string | null; at: Date },
  ): Promise<void> {
    await this.db.rows(
      `UPDATE payment_refund SET state = $2, provider_refund_id = coalesce($3, provider_refund_id), next_attempt_at = NULL,
         processed_at = CASE WHEN $2 = 'PROCESSED' THEN $4::timestamptz END WHERE id = $1`,
      [id, state, providerRefundId, at.toISOString()],
    );
  }
}
