/** An amount at the provider. */
export interface ProviderMoney {
  amountMinor: number;
  /** ISO 4217, upper case. */
  currency: string;
}

/** A payment as the provider reports it. AUTHORIZED: the money is reserved, and must still be captured. */
export interface ProviderPayment extends ProviderMoney {
  id: string;
  orderId: string | null;
  status: 'CREATED' | 'AUTHORIZED' | 'CAPTURED' | 'FAILED';
}

/** A refund as the provider reports it. */
export interface ProviderRefund extends ProviderMoney {
  id: string;
  paymentId: string;
  /** Our id; null for a refund that was made outside of CareSlot. */
  refundId: string | null;
  status: 'PENDING' | 'PROCESSED' | 'FAILED';
}

/** A webhook whose signature and time are right. */
export interface ProviderEvent {
  id: string;
  /** The provider's name of the event. @example payment.captured */
  type: string;
  /** Whether it is about the account of this installation. */
  isOwnAccount: boolean;
  payment: ProviderPayment | null;
  refund: ProviderRefund | null;
}

/** What the patient's checkout returns. */
export interface CheckoutResult {
  orderId: string;
  paymentId: string;
  signature: string;
}

/**
 * A payment provider. Its methods that call the provider throw a DomainError UPSTREAM_UNAVAILABLE if it does not answer, and must not run in a
 * transaction.
 */
export abstract class PaymentProvider {
  /** @example RAZORPAY */
  abstract readonly name: string;
  /** What the checkout in the browser or the app needs; null if the provider is not configured. */
  abstract readonly publicKey: string | null;
  /** Why it is not available; null if it is. */
  abstract readonly unavailableReason: string | null;

  /** @param reference our id of the payment @returns the provider's id of the order */
  abstract createOrder(money: ProviderMoney, reference: string): Promise<string>;
  /** Whether the signature of a checkout is the provider's. */
  abstract isSigned(result: CheckoutResult): boolean;
  /** @throws DomainError UNAUTHENTICATED for a wrong signature, VALIDATION_ERROR for one that is too old, or not an event */
  abstract readEvent(body: Buffer, headers: Readonly<Record<string, unknown>>, now: number): ProviderEvent;
  /** Reads a payment, and captures it if it is only authorized. */
  abstract capture(paymentId: string): Promise<ProviderPayment>;
  /** The payments of an order, captured if they are only authorized. */
  abstract findPayments(orderId: string): Promise<ProviderPayment[]>;
  /** Sends a refund, once for each of our refunds, however often it is called. */
  abstract refund(paymentId: string, refundId: string, money: ProviderMoney): Promise<ProviderRefund>;
  /** The refunds of a payment. */
  abstract findRefunds(paymentId: string): Promise<ProviderRefund[]>;
  /** The payments that were made from `from` on and before `to`, in epoch milliseconds. */
  abstract listPayments(from: number, to: number): AsyncIterable<ProviderPayment>;
}
