import { WRAPPED_KEY } from './core/encryption/stored-key.js';
import type { EncryptedColumn } from './core/encryption/encrypted-column.js';
import { STORED_ANSWER } from './core/http/idempotency-keys.js';
import { LINK_EMAIL, LINK_PHONE } from './modules/account-links/index.js';
import {
  APPOINTMENT_NOTES,
  APPOINTMENT_VIDEO_URL,
  CANCEL_REASON,
  INSURANCE_NOTE,
  NEW_NOTE,
  OLD_NOTE,
  STAFF_NOTES,
} from './modules/appointments/index.js';
import { DOCTOR_VIDEO_URL } from './modules/doctors/index.js';
import { BREAK_GLASS_REASON } from './modules/break-glass/index.js';
import { MESSAGE_CONTENT } from './modules/ai/index.js';
import { MFA_SECRET, PENDING_MFA_SECRET } from './modules/auth/index.js';
import {
  CLIENT_ADDRESS,
  CLINIC_NOTES,
  DATE_OF_BIRTH,
  EMERGENCY_CONTACT,
  MERGE_VALUES,
  MRN,
} from './modules/clients/index.js';
import { IMPORT_LAYOUT, IMPORT_ROW } from './modules/exchange/index.js';
import { NOTIFICATION_BODY, NOTIFICATION_NOTE, NOTIFICATION_TITLE } from './modules/notifications/index.js';
import { ANALYSIS_LABEL, ANALYSIS_SUMMARY } from './modules/scans/index.js';
import { QUEUE_MOVE_REASONS } from './modules/queue/index.js';
import { REFERRAL_REASON } from './modules/referrals/index.js';
import { ASSESSMENT_CONTENT } from './modules/stroke/index.js';
import { USER_EMAIL, USER_PHONE } from './modules/users/index.js';
import { PREVIOUS_WEBHOOK_SECRET, WEBHOOK_SECRET } from './modules/webhooks/index.js';

/** All columns with encrypted values, for the rotation of keys. A test compares the list with the database. */
export const ENCRYPTED_COLUMNS: readonly EncryptedColumn[] = [
  WRAPPED_KEY,
  STORED_ANSWER,
  MESSAGE_CONTENT,
  MFA_SECRET,
  PENDING_MFA_SECRET,
  ASSESSMENT_CONTENT,
  BREAK_GLASS_REASON,
  APPOINTMENT_NOTES,
  STAFF_NOTES,
  INSURANCE_NOTE,
  CANCEL_REASON,
  OLD_NOTE,
  NEW_NOTE,
  APPOINTMENT_VIDEO_URL,
  DOCTOR_VIDEO_URL,
  DATE_OF_BIRTH,
  CLIENT_ADDRESS,
  EMERGENCY_CONTACT,
  MRN,
  CLINIC_NOTES,
  MERGE_VALUES,
  NOTIFICATION_NOTE,
  NOTIFICATION_TITLE,
  NOTIFICATION_BODY,
  ANALYSIS_LABEL,
  ANALYSIS_SUMMARY,
  USER_EMAIL,
  USER_PHONE,
  LINK_EMAIL,
  LINK_PHONE,
  QUEUE_MOVE_REASONS,
  REFERRAL_REASON,
  WEBHOOK_SECRET,
  PREVIOUS_WEBHOOK_SECRET,
  IMPORT_LAYOUT,
  IMPORT_ROW,
];
