import { ProviderError } from '../../../core/resilience/provider-error.js';
import { DEAD_TOKEN_CODES } from './address-reasons.js';
import type { SendOutcome } from './channel.js';

/** The body of FCM's answer where it is not 200. */
export interface FcmFailure {
  error?: { status?: string; details?: FcmDetail[] };
}

interface FcmDetail {
  '@type'?: string;
  errorCode?: string;
  fieldViolations?: { field?: string }[];
}

/**
 * https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
 * @throws ProviderError if FCM, the account or the load is at fault
 */
export function outcomeOfFcm(status: number, { error }: FcmFailure, retryAfterSeconds?: number): SendOutcome {
  const details = error?.details ?? [];
  const code = details.find(({ errorCode }) => errorCode)?.errorCode ?? error?.status ?? String(status);
  const reason = `FCM_${code}`;
  if (DEAD_TOKEN_CODES.has(code)) return { kind: 'REJECTED', reason, addressIsDead: true };
  if (status !== 400) throw new ProviderError(reason, { retryAfterSeconds });
  const isTheToken = details.some(({ fieldViolations }) =>
    fieldViolations?.some(({ field }) => field === 'message.token'),
  );
  return { kind: 'REJECTED', reason, ...(isTheToken && { addressIsDead: true }) };
}
