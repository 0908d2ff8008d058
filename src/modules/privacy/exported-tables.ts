import type { EncryptedColumn } from '../../core/encryption/encrypted-column.js';
import { LINK_EMAIL, LINK_PHONE } from '../account-links/index.js';
import { MESSAGE_CONTENT } from '../ai/index.js';
import {
  APPOINTMENT_NOTES,
  APPOINTMENT_VIDEO_URL,
  CANCEL_REASON,
  NEW_NOTE,
  OLD_NOTE,
  INSURANCE_NOTE,
  STAFF_NOTES,
} from '../appointments/index.js';
import { BREAK_GLASS_REASON } from '../break-glass/index.js';
import { CLIENT_ADDRESS, CLINIC_NOTES, DATE_OF_BIRTH, EMERGENCY_CONTACT, MERGE_VALUES, MRN } from '../clients/index.js';
import { DOCTOR_VIDEO_URL } from '../doctors/index.js';
import { NOTIFICATION_BODY, NOTIFICATION_NOTE, NOTIFICATION_TITLE } from '../notifications/index.js';
import { QUEUE_MOVE_REASONS } from '../queue/index.js';
import { REFERRAL_REASON } from '../referrals/index.js';
import { ANALYSIS_LABEL, ANALYSIS_SUMMARY } from '../scans/index.js';
import { ASSESSMENT_CONTENT } from '../stroke/index.js';
import { USER_EMAIL, USER_PHONE } from '../users/index.js';

/** Rows of a table that are personal data of one person. */
export interface ExportedTable {
  /** The file of the ZIP without `.json`. */
  file: string;
  /** The table and its alias `t`. */
  from: string;
  /** SQL condition. `$1` is the account, `$2` the patient record or null. */
  where: string;
  /** SQL: unique among the rows of the person. */
  key: string;
  /** Columns without meaning for the person: hashes, secrets, search columns. */
  omit?: readonly string[];
  encrypted?: readonly EncryptedColumn[];
  /** How many rows are read at a time. Each batch searches all rows of the person again. Default: 200 */
  batch?: number;
}

const OWN_APPOINTMENTS = 'SELECT a.id FROM appointment a WHERE a.client_id = $2';
const OWN_SCANS = 'SELECT s.id FROM scan s WHERE s.client_id = $2';
const OWN_SCAN_SETS = 'SELECT s.id FROM scan_set s WHERE s.client_id = $2';

/** The person's record and those that were merged into it. */
const OWN_RECORDS = 'SELECT $2::uuid UNION ALL SELECT d.id FROM client d WHERE d.merged_into_id = $2';

/** The person's account and the closed accounts of merged records. */
const OWN_ACCOUNTS = `
  SELECT $1::uuid UNION ALL SELECT d.user_id FROM client d WHERE d.merged_into_id = $2 AND d.user_id IS NOT NULL`;

/** Objects of the person, of which the audit log says who read or changed them. */
const OWN_OBJECTS = `
  SELECT 'client' AS type, r.id FROM (${OWN_RECORDS}) r (id) UNION ALL SELECT 'user', u.id FROM (${OWN_ACCOUNTS}) u (id)
  UNION ALL SELECT 'appointment', a.id FROM appointment a WHERE a.client_id = $2
  UNION ALL SELECT 'scan', s.id FROM scan s WHERE s.client_id = $2
  UNION ALL SELECT 'scan_set', s.id FROM scan_set s WHERE s.client_id = $2
  UNION ALL SELECT 'stroke_assessment', x.id FROM stroke_assessment x WHERE x.client_id = $2
  UNION ALL SELECT 'waitlist_entry', w.id FROM waitlist_entry w WHERE w.client_id = $2`;

/** Audit rows are small, and somebody at work may have a million. */
const AUDIT_BATCH_ROWS = 5_000;

/** The changes of an audit row may contain ids of other people: a list that somebody read. */
const AUDIT_OMITTED = ['before_hash', 'after_hash', 'changes', 'request_id'];

/**
 * Everything that is stored about a person (docs/privacy.md). Notes of clinics and visits are included, although the API does not show
 * them to patients: the right of access covers them. A test fails for a personal column of a table that is neither here nor in
 * `NOT_EXPORTED`.
 */
export const EXPORTED_TABLES: readonly ExportedTable[] = [
  {
    file: 'account',
    from: 'user_account t',
    where: `t.id IN (${OWN_ACCOUNTS})`,
    key: 't.id',
    omit: ['password_hash', 'search', 'email_index', 'phone_index'],
    encrypted: [USER_EMAIL, USER_PHONE],
  },
  {
    file: 'workplaces',
    from: 'user_clinic t',
    where: `t.user_id IN (${OWN_ACCOUNTS})`,
    key: `t.clinic_id || '|' || t.user_id`,
  },
  {
    file: 'doctor-profile',
    from: 'doctor t',
    where: 't.user_id = $1',
    key: 't.id',
    omit: ['search'],
    encrypted: [DOCTOR_VIDEO_URL],
  },
  {
    file: 'absences',
    from: 'schedule_exception t',
    where: 't.resource_id IN (SELECT d.resource_id FROM doctor d WHERE d.user_id = $1)',
    key: 't.id',
  },
  { file: 'sessions', from: 'session t', where: `t.user_id IN (${OWN_ACCOUNTS})`, key: 't.id', omit: ['refresh_hash'] },
  {
    file: 'second-factor',
    from: 'mfa_factor t',
    where: `t.user_id IN (${OWN_ACCOUNTS})`,
    key: 't.user_id',
    omit: ['secret', 'pending_secret', 'last_step'],
  },
  { file: 'identity-providers', from: 'provider_identity t', where: `t.user_id IN (${OWN_ACCOUNTS})`, key: 't.id' },
  { file: 'api-keys', from: 'api_key t', where: `t.maker_id IN (${OWN_ACCOUNTS})`, key: 't.id', omit: ['secret_hash'] },
  {
    file: 'calendar-feeds',
    from: 'calendar_feed t',
    where: `t.maker_id IN (${OWN_ACCOUNTS})`,
    key: 't.id',
    omit: ['secret_hash'],
  },
  {
    file: 'account-mails',
    from: 'account_link t',
    where: `t.user_id IN (${OWN_ACCOUNTS})`,
    key: 't.id',
    omit: ['email_index', 'phone_index'],
    encrypted: [LINK_EMAIL, LINK_PHONE],
  },
  {
    file: 'consents',
    from: 'consent t',
    where: `t.user_id IN (${OWN_ACCOUNTS})`,
    key: `lpad(t.sequence::text, 20, '0')`,
  },
  { file: 'devices', from: 'notification_device t', where: `t.user_id IN (${OWN_ACCOUNTS})`, key: 't.id' },
  { file: 'preferences', from: 'notification_preference t', where: `t.user_id IN (${OWN_ACCOUNTS})`, key: 't.user_id' },
  {
    file: 'messages',
    from: 'notification t',
    where: `t.user_id IN (${OWN_ACCOUNTS})`,
    key: 't.id',
    encrypted: [NOTIFICATION_NOTE, NOTIFICATION_TITLE, NOTIFICATION_BODY],
  },
  {
    file: 'favorites',
    from: 'favorite t',
    where: `t.user_id IN (${OWN_ACCOUNTS})`,
    key: `t.doctor_id || '|' || t.user_id`,
  },
  {
    file: 'record',
    from: 'client t',
    where: `t.id IN (${OWN_RECORDS})`,
    key: 't.id',
    omit: ['birth_index'],
    encrypted: [DATE_OF_BIRTH, CLIENT_ADDRESS, EMERGENCY_CONTACT],
  },
  {
    file: 'clinic-records',
    from: 'client_clinic t',
    where: `t.client_id IN (${OWN_RECORDS})`,
    key: `t.clinic_id || '|' || t.client_id`,
    omit: ['mrn_index'],
    encrypted: [MRN, CLINIC_NOTES],
  },
  {
    file: 'guardians',
    from: 'guardian t',
    where: `(t.client_id IN (${OWN_RECORDS}) OR t.guardian_id IN (${OWN_RECORDS}))`,
    key: 't.id',
    omit: ['created_by'],
  },
  {
    file: 'merged-records',
    from: 'client_merge t',
    where: 't.client_id = $2 AND t.undone_at IS NULL',
    key: 't.id',
    omit: ['moved'],
    encrypted: [MERGE_VALUES],
  },
  {
    file: 'appointments',
    from: 'appointment t',
    where: 't.client_id = $2',
    key: 't.id',
    encrypted: [APPOINTMENT_NOTES, STAFF_NOTES, INSURANCE_NOTE, CANCEL_REASON, APPOINTMENT_VIDEO_URL],
  },
  {
    file: 'queue-entries',
    from: 'queue_entry t',
    where: `(t.client_id = $2 OR t.appointment_id IN (${OWN_APPOINTMENTS}))`,
    key: 't.id',
    encrypted: [QUEUE_MOVE_REASONS],
  },
  { file: 'waitlist', from: 'waitlist_entry t', where: 't.client_id = $2', key: 't.id' },
  {
    file: 'waitlist-offers',
    from: 'waitlist_offer t',
    where: 't.entry_id IN (SELECT w.id FROM waitlist_entry w WHERE w.client_id = $2)',
    key: 't.id',
  },
  {
    file: 'referrals',
    from: 'referral t',
    where: 't.client_id = $2',
    key: 't.id',
    omit: ['created_by'],
    encrypted: [REFERRAL_REASON],
  },
  { file: 'payments', from: 'payment t', where: 't.client_id = $2', key: 't.id', omit: ['created_by'] },
  {
    file: 'payment-refunds',
    from: 'payment_refund t',
    where: 't.payment_id IN (SELECT p.id FROM payment p WHERE p.client_id = $2)',
    key: 't.id',
    omit: ['created_by'],
  },
  { file: 'holds', from: 'hold t', where: 't.client_id = $2', key: 't.id' },
  {
    file: 'replaced-notes',
    from: 'appointment_note_change t',
    where: `t.appointment_id IN (${OWN_APPOINTMENTS})`,
    key: `t.audit_id || t.field`,
    encrypted: [OLD_NOTE, NEW_NOTE],
  },
  { file: 'conversations', from: 'conversation t', where: `t.user_id IN (${OWN_ACCOUNTS})`, key: 't.id' },
  {
    file: 'conversation-messages',
    from: 'conversation_message t',
    where: `t.user_id IN (${OWN_ACCOUNTS})`,
    key: 't.id',
    omit: ['prompt_hash'],
    encrypted: [MESSAGE_CONTENT],
  },
  {
    file: 'stroke-assessments',
    from: 'stroke_assessment t',
    // Those that staff filled in without a record are about visitors.
    where: `(t.client_id = $2 OR (t.rater_user_id = $1 AND t.client_id IS NULL AND t.rater_role = 'SELF'))`,
    key: 't.id',
    encrypted: [ASSESSMENT_CONTENT],
  },
  { file: 'scans', from: 'scan t', where: 't.client_id = $2 AND t.deleted_at IS NULL', key: 't.id' },
  { file: 'scan-sets', from: 'scan_set t', where: 't.client_id = $2 AND t.deleted_at IS NULL', key: 't.id' },
  {
    file: 'scan-analyses',
    from: 'scan_analysis t',
    // Arrays, so that the indexes are used.
    where: `t.scan_id = ANY (ARRAY(${OWN_SCANS})) OR t.scan_set_id = ANY (ARRAY(${OWN_SCAN_SETS}))`,
    key: 't.id',
    encrypted: [ANALYSIS_LABEL, ANALYSIS_SUMMARY],
  },
  {
    file: 'emergency-accesses',
    from: 'break_glass t',
    where: `t.client_id IN (${OWN_RECORDS})`,
    key: 't.id',
    encrypted: [BREAK_GLASS_REASON],
  },
  {
    file: 'who-read-or-changed-my-data',
    from: 'audit_log t',
    where: `(t.actor_user_id IS NULL OR t.actor_user_id NOT IN (${OWN_ACCOUNTS})) AND t.id IN (
      SELECT l.id FROM (${OWN_RECORDS}) r (id)
        JOIN audit_log l ON l.changes ? 'clientIds' AND l.changes -> 'clientIds' ? r.id::text
      UNION SELECT l.id FROM (${OWN_OBJECTS}) o JOIN audit_log l ON l.object_type = o.type AND l.object_id = o.id)`,
    key: 't.id',
    // Address and device are those of somebody else.
    omit: [...AUDIT_OMITTED, 'ip', 'device'],
    batch: AUDIT_BATCH_ROWS,
  },
  {
    file: 'my-actions',
    from: 'audit_log t',
    where: `t.actor_user_id IN (${OWN_ACCOUNTS})`,
    key: 't.id',
    omit: AUDIT_OMITTED,
    batch: AUDIT_BATCH_ROWS,
  },
];

/** Tables with personal columns that are not exported, and why. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  provider_sign_in: 'sign-ins in progress, deleted when they expire',
  mfa_recovery_code: 'only hashes of secrets',
  idempotency_key: 'copies of answers, deleted after 48 hours',
  webhook_endpoint: 'secrets of other systems',
  import: 'the headers of files of clinics',
  import_row: 'rows of files of clinics, encrypted, deleted after seven days',
  import_key: 'only hashes',
  payment_event: 'numbers of the provider, without the patient; the payments are exported',
  outbox: 'copies of changes, deleted after two days',
  dev_mailbox: 'only in development',
};
