import { z } from 'zod';
import type { ProviderPayment, ProviderRefund } from './payment-provider.js';

/** The fields of Razorpay's objects that are used. */
const currency = z.string().transform((text) => text.toUpperCase());

export const RazorpayPayment = z
  .object({
    id: z.string().min(1),
    order_id: z.string().nullish(),
    amount: z.coerce.number().int().nonnegative(),
    currency,
    status: z.string(),
  })
  .transform(({ id, order_id, amount, currency: code, status }): ProviderPayment => ({
    ...{ id, orderId: order_id ?? null, amountMinor: amount, currency: code },
    status: PAYMENT_STATUSES[status] ?? 'CREATED',
  }));

/** A refunded payment was captured before. */
const PAYMENT_STATUSES: Record<string, ProviderPayment['status']> = {
  created: 'CREATED',
  authorized: 'AUTHORIZED',
  captured: 'CAPTURED',
  refunded: 'CAPTURED',
  failed: 'FAILED',
};

export const RazorpayRefund = z
  .object({
    id: z.string().min(1),
    payment_id: z.string().min(1),
    amount: z.coerce.number().int().positive(),
    currency,
    status: z.string(),
    // Razorpay sends empty notes as a list.
    notes: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]).nullish(),
  })
  .transform(({ id, payment_id, amount, currency: code, status, notes }): ProviderRefund => ({
    ...{ id, paymentId: payment_id, amountMinor: amount, currency: code },
    refundId: notes && !Array.isArray(notes) && typeof notes.refundId === 'string' ? notes.refundId : null,
    status: REFUND_STATUSES[status] ?? 'PENDING',
  }));

const REFUND_STATUSES: Record<string, ProviderRefund['status']> = {
  pending: 'PENDING',
  processed: 'PROCESSED',
  failed: 'FAILED',
};

export const RazorpayOrder = z.object({ id: z.string().min(1) });

/** The list of a collection. */
export const listOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });

/** A webhook. Objects of other kinds of events are ignored. */
export const RazorpayEvent = z.object({
  event: z.string().min(1).max(100),
  account_id: z.string().optional(),
  /** Seconds. */
  created_at: z.number().int(),
  payload: z.object({
    payment: z.object({ entity: RazorpayPayment }).optional(),
    refund: z.object({ entity: RazorpayRefund }).optional(),
  }),
});
