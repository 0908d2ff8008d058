import { DomainError, invalid, registerErrorCodes } from '../../core/kernel/domain-error.js';

declare module '../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    CSRF_FAILED: 403;
    INVALID_CREDENTIALS: 401;
    REFRESH_TOKEN_REUSED: 401;
  }
}

registerErrorCodes({ CSRF_FAILED: 403, INVALID_CREDENTIALS: 401, REFRESH_TOKEN_REUSED: 401 });

export const invalidCredentials = (message: string): DomainError => new DomainError('INVALID_CREDENTIALS', message);

export const csrfFailed = (): DomainError =>
  new DomainError('CSRF_FAILED', 'The header X-CSRF-Token must have the value of the cookie careslot_csrf.');

export const refreshTokenReused = (): DomainError =>
  new DomainError(
    'REFRESH_TOKEN_REUSED',
    'This refresh token was already used, so the session was ended. Sign in again.',
  );

export const invalidLink = (): DomainError =>
  invalid({ field: 'token', error: 'is invalid, already used or expired: request a new mail' });
