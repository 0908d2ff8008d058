import { DomainError, invalid, registerErrorCodes } from '../../../core/kernel/domain-error.js';

declare module '../../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    EMAIL_NOT_VERIFIED: 403;
    UPSTREAM_UNAVAILABLE: 503;
  }
}

registerErrorCodes({ EMAIL_NOT_VERIFIED: 403, UPSTREAM_UNAVAILABLE: 503 });

/** Why a sign-in at a provider failed: a code for programs, in `details.reason`. */
type ProviderRefusal =
  /** The user cancelled, or the provider refused them. */
  | 'ACCESS_DENIED'
  /** The answer of the provider is wrong: another issuer, nonce or audience, a bad signature, an unknown code. */
  | 'INVALID_ANSWER'
  /** The user signed in at the provider with an identity that is not linked to their account. */
  | 'OTHER_ACCOUNT'
  /** The account that asked was closed meanwhile. */
  | 'ACCOUNT_CLOSED';

const DEFAULT_RETRY_SECONDS = 5;

export const providerUnavailable = (retryAfterSeconds = DEFAULT_RETRY_SECONDS): DomainError =>
  new DomainError(
    'UPSTREAM_UNAVAILABLE',
    'The identity provider does not respond. Try again in a moment.',
    undefined,
    retryAfterSeconds,
  );

const MESSAGES: Record<ProviderRefusal, string> = {
  ACCESS_DENIED: 'The sign-in was cancelled or refused at the identity provider.',
  INVALID_ANSWER: 'The answer of the identity provider is not valid. Sign in again.',
  OTHER_ACCOUNT: 'You are signed in to the identity provider with another account. Choose the one that is linked here.',
  ACCOUNT_CLOSED: 'This account was closed.',
};

export const refusedByProvider = (reason: ProviderRefusal): DomainError =>
  new DomainError('UNAUTHENTICATED', MESSAGES[reason], { reason });

export const unknownState = (): DomainError =>
  invalid({ field: 'state', error: 'is expired, already used or of another browser: start the sign-in again' });

export const invalidCode = (): DomainError =>
  invalid({ field: 'code', error: 'is invalid, already used or expired: start again at the identity provider' });

export const addressMissing = (): DomainError =>
  invalid({
    field: 'email',
    error: 'was not given by the identity provider: allow it there, or register with an e-mail address and a password',
  });

export const addressTaken = (): DomainError =>
  new DomainError(
    'EMAIL_TAKEN',
    'An account with this e-mail address already exists. Sign in to it, then link this identity provider there.',
  );

export const addressNotProven = (): DomainError =>
  new DomainError(
    'EMAIL_NOT_VERIFIED',
    'The identity provider must have verified the e-mail address of your account. Change one of the addresses first.',
  );

export const identityTaken = (): DomainError =>
  new DomainError('ALREADY_EXISTS', 'This identity, or another one of the same provider, is already linked.');

export const lastWayToSignIn = (): DomainError =>
  new DomainError(
    'INVALID_TRANSITION',
    'This is your last way to sign in. Choose a password first, by “Forgot password”.',
  );
