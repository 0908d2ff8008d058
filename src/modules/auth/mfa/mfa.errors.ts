import { DomainError, registerErrorCodes } from '../../../core/kernel/domain-error.js';

declare module '../../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    MFA_REQUIRED: 401;
    MFA_INVALID: 401;
  }
}

registerErrorCodes({ MFA_REQUIRED: 401, MFA_INVALID: 401 });

export const mfaRequired = (): DomainError =>
  new DomainError('MFA_REQUIRED', 'This account needs a code. Repeat the request with `otp`.');

export const mfaInvalid = (): DomainError =>
  new DomainError('MFA_INVALID', 'The code is wrong, expired or already used. Enter the next one.');
