import { currentContext } from '../context/request-context.js';
import type { DomainError } from '../kernel/domain-error.js';

/** The failure envelope. `message` is the error's message again, for clients that do not read `error`. */
export const failureEnvelope = (error: DomainError): object => ({
  success: false,
  error: { code: error.code, message: error.message, details: error.details ?? null },
  message: error.message,
  timestamp: new Date().toISOString(),
  requestId: currentContext().requestId,
});
