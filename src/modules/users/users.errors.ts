import { registerConstraintErrors } from '../../core/database/constraint-errors.js';
import { DomainError, registerErrorCodes } from '../../core/kernel/domain-error.js';

declare module '../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    EMAIL_TAKEN: 409;
  }
}

registerErrorCodes({ EMAIL_TAKEN: 409 });

export const emailTaken = (): DomainError =>
  new DomainError('EMAIL_TAKEN', 'An account with this e-mail address already exists.');

registerConstraintErrors({ user_account_email_key: emailTaken });
