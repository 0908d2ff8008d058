import { ACCOUNT_MESSAGE_KINDS } from '../../account-links/index.js';

/** Messages about appointments and from clinics. Users choose the channels of each kind. */
export const NOTIFICATION_KINDS = [
  'APPOINTMENT_BOOKED',
  'APPOINTMENT_CONFIRMED',
  'APPOINTMENT_MOVED',
  'APPOINTMENT_CANCELLED',
  'APPOINTMENT_REINSTATED',
  'APPOINTMENT_REMINDER',
  'WAITLIST_OFFER',
  'REFERRAL_REMINDER',
  'PAYMENT_REFUNDED',
  'DAILY_REPORT',
  'MESSAGE_FROM_CLINIC',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** All kinds, including messages about an account, for which users cannot choose channels. */
export const MESSAGE_KINDS = [...NOTIFICATION_KINDS, ...ACCOUNT_MESSAGE_KINDS] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];
