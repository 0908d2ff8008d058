/** Messages about an account. Users cannot choose their channels. */
export const ACCOUNT_MESSAGE_KINDS = [
  'EMAIL_VERIFICATION',
  /** Without the link that closes the account. */
  'STAFF_EMAIL_VERIFICATION',
  'PASSWORD_RESET',
  /** To the new address. */
  'EMAIL_CHANGE',
  /** To the old address, when a change is requested. */
  'EMAIL_CHANGE_REQUESTED',
  /** To the old address, after the change. */
  'EMAIL_CHANGED',
  /** To the owner of an address that another account wanted to use. */
  'EMAIL_IN_USE',
  'PASSWORD_CHANGED',
  'PHONE_CHANGED',
  'MFA_ENABLED',
  'MFA_DISABLED',
  /** Switched off by a manager or an administrator. */
  'MFA_RESET',
  'MFA_CODES_RENEWED',
  /** A recovery code was used. */
  'MFA_CODE_USED',
  /** A session was ended because its refresh token was used twice. */
  'REFRESH_TOKEN_REUSED',
  'IDENTITY_LINKED',
  'IDENTITY_REMOVED',
  'API_KEY_CREATED',
  /** To managers: a webhook endpoint of their clinic failed for about a day, or is gone. */
  'WEBHOOK_PAUSED',
  /** To a person for whom a clinic created an account. */
  'INVITATION',
  /** To a person who already works at another clinic. */
  'INVITATION_TO_JOIN',
  /** To managers: somebody of their clinic opened the record of another patient in an emergency. */
  'BREAK_GLASS_OPENED',
  /** To that patient. */
  'RECORD_OPENED',
] as const;
export type AccountMessageKind = (typeof ACCOUNT_MESSAGE_KINDS)[number];

export const isAccountMessage = (kind: string): kind is AccountMessageKind =>
  (ACCOUNT_MESSAGE_KINDS as readonly string[]).includes(kind);
