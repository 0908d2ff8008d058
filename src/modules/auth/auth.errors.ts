import { DomainError, invalid, registerErrorCodes } from '../../core/kernel/domain-error.js';

declare module '../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    REFRESH_TOKEN_REUSED: 401;
  }
}

registerErrorCodes({ REFRESH_TOKEN_REUSED: 401 });

export const refreshTokenReused = (): DomainError =>
  new DomainError(
    'REFRESH_TOKEN_REUSED',
    'This refresh token was already used, so the session was ended. Sign in again.',
  );

export const invalidLink = (): DomainError =>
  invalid({ field: 'token', error: 'is invalid, already used or expired: request a new mail' });
