import * as openid from 'openid-client';
import type { DomainError } from '../../../core/kernel/domain-error.js';
import { ProviderError, ProviderUnavailable } from '../../../core/resilience/provider-error.js';
import { providerUnavailable, refusedByProvider } from './oidc.errors.js';

const MAX_RESPONSE_BYTES = 1024 * 1024;

/** Reasons that mean that the provider, or our client there, does not work; others are refusals of one sign-in. */
const FAILURES = /^(?:TIMEOUT|NETWORK|FAILED|UNREADABLE_RESPONSE|TOO_LARGE|MISCONFIGURED)/;
/** A failure that only the query of a callback reports. Anybody can write one, so it must not open the circuit of the provider. */
const REPORTED_FAILURE = 'REPORTED_FAILURE';

export const isProviderFailure = ({ reason }: ProviderError): boolean => FAILURES.test(reason);

/** OAuth 2.0 error codes of the provider's fault (RFC 6749, 4.1.2.1). */
const PROVIDER_FAULTS = new Set(['server_error', 'temporarily_unavailable']);
/** OAuth 2.0 error codes that mean that the configuration of this server is wrong (RFC 6749, 5.2). */
const OUR_FAULTS = new Set(['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope']);
/** Error codes that mean that the user, or the provider's rules for them, refused (RFC 6749; OpenID Connect Core, 3.1.2.6). */
const USER_REFUSALS = new Set([
  'access_denied',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
]);

/** `fetch` for openid-client, which sets a deadline and follows no redirects. Limits the size of the response. */
export const limitedFetch: openid.CustomFetch = async (url, options) => {
  const response = await fetch(url, options);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_RESPONSE_BYTES) throw new ProviderError('TOO_LARGE');
    chunks.push(chunk);
  }
  const { status, headers } = response;
  return new Response(chunks.length > 0 ? Buffer.concat(chunks) : null, { status, headers });
};

/**
 * Converts an error of openid-client. The reasons: ACCESS_DENIED, INVALID_ANSWER, REPORTED_FAILURE, MISCONFIGURED, FAILED (5xx),
 * UNREADABLE_RESPONSE, TIMEOUT, NETWORK… and TOO_LARGE. The cause stays out of the logs, since it may contain tokens.
 */
export function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  if (error instanceof openid.AuthorizationResponseError) {
    const reason = getReason(error.error);
    return new ProviderError(FAILURES.test(reason) ? REPORTED_FAILURE : reason);
  }
  if (error instanceof openid.ResponseBodyError) {
    return new ProviderError(error.status >= 500 ? 'FAILED' : getReason(error.error));
  }
  if (error instanceof openid.WWWAuthenticateChallengeError) return new ProviderError('INVALID_ANSWER');
  if (error instanceof openid.ClientError) return new ProviderError(getClientReason(error));
  return new ProviderError(getNetworkReason(error));
}

function getReason(code: string): string {
  if (USER_REFUSALS.has(code)) return 'ACCESS_DENIED';
  if (PROVIDER_FAULTS.has(code)) return 'FAILED';
  return OUR_FAULTS.has(code) ? 'MISCONFIGURED' : 'INVALID_ANSWER';
}

function getClientReason({ code, cause }: openid.ClientError): string {
  if (cause instanceof ProviderError) return cause.reason;
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') return 'TIMEOUT';
  if (code === 'OAUTH_RESPONSE_IS_NOT_JSON' || code === 'OAUTH_PARSE_ERROR') return 'UNREADABLE_RESPONSE';
  if (code === 'OAUTH_RESPONSE_IS_NOT_CONFORM') {
    return cause instanceof Response && cause.status < 500 ? 'INVALID_ANSWER' : 'FAILED';
  }
  // Without a code: an error of fetch.
  return code === undefined ? getNetworkReason(cause) : 'INVALID_ANSWER';
}

function getNetworkReason(error: unknown): string {
  const { name, cause } = (error ?? {}) as { name?: string; cause?: { code?: unknown } };
  if (name === 'TimeoutError' || name === 'AbortError') return 'TIMEOUT';
  return typeof cause?.code === 'string' ? `NETWORK_${cause.code}` : 'NETWORK';
}

/** @returns the error for the client */
export function toDomainError(error: unknown): DomainError {
  if (!(error instanceof ProviderError)) throw error;
  if (error instanceof ProviderUnavailable) return providerUnavailable(error.retryAfterSeconds);
  if (isProviderFailure(error) || error.reason === REPORTED_FAILURE) return providerUnavailable();
  return refusedByProvider(error.reason === 'ACCESS_DENIED' ? 'ACCESS_DENIED' : 'INVALID_ANSWER');
}
