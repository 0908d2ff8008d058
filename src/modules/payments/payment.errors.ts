import { registerConstraintErrors } from '../../core/database/constraint-errors.js';
import { DomainError, invalid, registerErrorCodes } from '../../core/kernel/domain-error.js';
import { ProviderError, ProviderUnavailable } from '../../core/resilience/provider-error.js';

declare module '../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    PAYMENT_REQUIRED: 402;
    UPSTREAM_UNAVAILABLE: 503;
  }
}

registerErrorCodes({ PAYMENT_REQUIRED: 402, UPSTREAM_UNAVAILABLE: 503 });

const RETRY_AFTER_SECONDS = 5;

/** @param reason which settings are missing */
export const paymentsUnavailable = (reason: string | null): DomainError =>
  new DomainError('SERVICE_UNAVAILABLE', `Online payments are not available: ${reason ?? 'not configured.'}`, {
    reason: 'PAYMENTS_NOT_CONFIGURED',
  });

export function providerUnavailable(error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  const seconds = error instanceof ProviderUnavailable ? error.retryAfterSeconds : RETRY_AFTER_SECONDS;
  const message = 'The payment provider does not answer as expected. Try again later.';
  return new DomainError('UPSTREAM_UNAVAILABLE', message, { reason: error.reason }, seconds);
}

/** Whether the provider refuses the request for good, so that a repetition cannot help. */
export const isRefusedByProvider = (error: unknown): boolean =>
  error instanceof DomainError &&
  error.code === 'UPSTREAM_UNAVAILABLE' &&
  ['HTTP_400', 'HTTP_404', 'HTTP_422'].includes((error.details as { reason: string }).reason);

/** The deposit or price that a patient must pay before a booking. */
export const paymentRequired = (details: { amount: number; currency: string; kind: string }): DomainError =>
  new DomainError(
    'PAYMENT_REQUIRED',
    'This visit must be paid for before it is booked. Hold the time, and pay for the hold.',
    details,
  );

export const nothingDue = (): DomainError =>
  new DomainError('INVALID_TRANSITION', 'Nothing is left to pay for this visit.', { reason: 'NOTHING_DUE' });

export const notRefundable = (refundable: number): DomainError =>
  new DomainError('INVALID_TRANSITION', 'The amount is more than what is left of this payment.', {
    reason: 'NOT_REFUNDABLE',
    refundable,
  });

const orderExists = (): DomainError =>
  new DomainError('ALREADY_EXISTS', 'Another payment of this visit was started at the same time. Try again.');

registerConstraintErrors({ payment_open: orderExists });

export const wrongSignature = (): DomainError =>
  invalid({ field: 'signature', error: 'is not the signature of this payment' });
