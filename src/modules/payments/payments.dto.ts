import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Length, Max, Min, ValidateIf } from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { MayBeLeftOut } from '../../core/http/text.js';
import { PAYMENT_KINDS, type PaymentKind } from './payment.entity.js';
import type { RefundReason, RefundState } from './payment-refund.entity.js';

const STATUSES = ['CREATED', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'] as const;

export class CreateOrder {
  /** The hold of the time (`POST /holds`), which becomes an appointment with the payment. Either this or `appointmentId`. */
  @ValidateIf(({ appointmentId, holdId }: CreateOrder) => appointmentId === undefined || holdId !== undefined)
  @IsUUID()
  holdId?: string;

  @MayBeLeftOut()
  @IsUUID()
  appointmentId?: string;

  /** Of an appointment. Default: FULL, what is left of the price. @example FULL */
  @MayBeLeftOut()
  @IsIn(PAYMENT_KINDS)
  kind?: PaymentKind;
}

/** What the provider's checkout returns to the browser or the app. */
export class VerifyPayment {
  /** `razorpay_order_id`. @example order_Nx1 */
  @ApiProperty({ format: 'text' })
  @IsString()
  @Length(1, 100)
  orderId: string;

  /** `razorpay_payment_id`. @example pay_Nx1 */
  @ApiProperty({ format: 'text' })
  @IsString()
  @Length(1, 100)
  paymentId: string;

  /** `razorpay_signature`. @example 9ef4dffbfd84f1318f6739a3ce19f9d85851857ae648f114332d8401e0949a3d */
  @IsString()
  @Length(1, 200)
  signature: string;
}

export class RefundPayment {
  /** Minor units. Default: everything that is left of the payment. @example 20000 */
  @MayBeLeftOut()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000_000)
  amount?: number;
}

export class PaymentsQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsUUID()
  clientId?: string;

  @IsOptional()
  @IsUUID()
  appointmentId?: string;

  @IsOptional()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];
}

export class PaymentMethodView {
  /** @example RAZORPAY */
  provider: string;
  isAvailable: boolean;
  /** Why it is not available. @example RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET are not set. */
  reason: string | null;
  /** What the checkout needs (Razorpay: `key`). @example rzp_live_Nx1 */
  publicKey: string | null;
}

export class MoneyView {
  /** Minor units. @example 50000 */
  amount: number;
  /** ISO 4217. @example INR */
  currency: string;
}

export class CheckoutView {
  /** @example RAZORPAY */
  provider: string;
  /** @example order_Nx1 */
  @ApiProperty({ format: 'text' })
  orderId: string;
  publicKey: string | null;
}

export class RefundView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** Minor units. @example 20000 */
  amount: number;
  /** @example CANCELLED */
  reason: RefundReason;
  /** FAILED: the provider could not refund it; the clinic pays it in another way. @example PROCESSED */
  status: RefundState;
  createdAt: Date;
  processedAt: Date | null;
}

export class PaymentView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  clientId: string;
  holdId: string | null;
  /** With a hold: the appointment that was booked with the payment; null if the time was taken, and the payment is refunded. */
  appointmentId: string | null;
  /** @example FULL */
  kind: PaymentKind;
  amount: MoneyView;
  /** The tax that the amount includes, in minor units. @example 6140 */
  taxAmount: number;
  /** The refunds that have not failed, in minor units. @example 0 */
  refundedAmount: number;
  /** @example PAID */
  status: (typeof STATUSES)[number];
  /** For the provider's checkout; null once it is paid. */
  checkout: CheckoutView | null;
  /** Without gaps in each clinic. @example 17 */
  receiptNumber: number | null;
  refunds: RefundView[];
  createdAt: Date;
  paidAt: Date | null;
}
