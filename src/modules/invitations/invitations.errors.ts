import { DomainError, registerErrorCodes } from '../../core/kernel/domain-error.js';

declare module '../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    EMAIL_NOT_VERIFIED: 403;
  }
}

registerErrorCodes({ EMAIL_NOT_VERIFIED: 403 });

export const verifyAddressFirst = (): DomainError =>
  new DomainError('EMAIL_NOT_VERIFIED', 'A link was sent to this e-mail address. Open it to choose your password.');

export const addressNotVerified = (): DomainError =>
  new DomainError('EMAIL_NOT_VERIFIED', 'Verify your e-mail address first, by the link in the mail.');
