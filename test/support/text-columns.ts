import type { TestApp } from './app.js';

/**
 * Lists every column that can hold text as personal (or secret) or not personal. A new column must be added to one of the two
 * lists; otherwise a test fails. The test writes a marker into each personal column that no response to another user may contain.
 */
export const PERSONAL: Record<string, readonly string[]> = {
  user_account: ['email', 'email_index', 'phone_index', 'password_hash', 'first_name', 'last_name', 'phone', 'search'],
  session: ['refresh_hash', 'user_agent', 'ip', 'revoked_reason'],
  account_link: ['email', 'email_index', 'phone', 'phone_index'],
  mfa_factor: ['secret', 'pending_secret'],
  mfa_recovery_code: ['code_hash'],
  provider_identity: ['subject'],
  provider_sign_in: ['subject', 'code_challenge'],
  client: ['address', 'date_of_birth', 'birth_index', 'emergency_contact'],
  client_clinic: ['mrn', 'mrn_index', 'notes'],
  client_merge: ['values_before'],
  schedule_exception: ['reason'],
  appointment: ['notes', 'staff_notes', 'insurance_note', 'cancel_reason', 'video_url'],
  doctor: ['video_url'],
  appointment_note_change: ['old_text', 'new_text'],
  break_glass: ['reason'],
  queue_entry: ['move_reasons'],
  referral: ['reason'],
  payment: ['provider_order_id', 'provider_payment_id'],
  payment_refund: ['provider_refund_id'],
  payment_event: ['id'],
  audit_log: ['changes', 'before_hash', 'after_hash', 'request_id', 'ip', 'device'],
  outbox: ['payload', 'last_error'],
  api_key: ['secret_hash', 'last_used_ip'],
  calendar_feed: ['secret_hash'],
  webhook_endpoint: ['secret', 'previous_secret'],
  import: ['layout'],
  import_row: ['content'],
  // A hash.
  import_key: ['key'],
  idempotency_key: ['key', 'request_hash', 'response'],
  dev_mailbox: [
    'delivery_id',
    'recipient',
    'subject',
    'body',
    'html',
    'calendar',
    'calendar_method',
    'unsubscribe_url',
    'data',
  ],
  notification: ['note', 'reason', 'provider_id', 'title', 'body'],
  notification_preference: ['channels'],
  notification_device: ['token'],
  scan: ['kind', 'original_sha256', 'quality', 'dicom', 'deidentification', 'no_picture'],
  scan_set: ['study_instance_uid', 'kind'],
  scan_analysis: ['reason', 'model_id', 'model_version', 'protocol', 'label', 'summary', 'input_sha256'],
  stroke_assessment: ['instruments', 'sealed'],
  conversation_message: ['sealed', 'model', 'prompt_hash'],
};

/** The columns with text that is not personal. */
export const NOT_PERSONAL: Record<string, readonly string[]> = {
  account_link: ['purpose'],
  provider_identity: ['provider'],
  provider_sign_in: ['provider', 'purpose'],
  client_merge: ['moved'],
  clinic: ['name', 'time_zone', 'phone', 'address', 'emergency_number', 'country', 'locale', 'mfa_required_roles'],
  user_account: ['role', 'time_zone', 'locale'],
  client: ['sex'],
  resource: ['kind', 'name'],
  doctor: ['title', 'first_name', 'last_name', 'speciality', 'bio', 'languages', 'photo_url', 'search'],
  service: ['name', 'description', 'currency', 'mode', 'required_resource_kinds', 'policy', 'first_visit_per'],
  service_price: ['visit'],
  payment: ['kind', 'currency', 'status', 'provider'],
  payment_refund: ['reason', 'state'],
  payment_event: ['provider', 'type', 'outcome', 'reason'],
  payment_reconciliation: ['provider'],
  // Numbers, and ids of doctors.
  daily_report: ['time_zone', 'figures', 'previous'],
  ledger_entry: ['event', 'account', 'currency'],
  schedule_exception: ['kind'],
  clinic_closure: ['reason'],
  appointment: ['status', 'currency'],
  appointment_note_change: ['field'],
  // A keyed hash of the request.
  bulk_change: ['request_hash'],
  bulk_change_visit: ['outcome'],
  reservation: ['kind'],
  audit_log: ['actor_role', 'action', 'object_type'],
  audit_link: ['previous_hash', 'hash'],
  api_key: ['name', 'permissions'],
  webhook_endpoint: ['url', 'events', 'paused_reason'],
  // Ids, status and times.
  webhook_delivery: ['event', 'payload', 'state', 'error'],
  import: ['kind', 'format', 'status', 'analysis', 'failure'],
  calendar_feed: ['detail'],
  break_glass: ['role'],
  consent: ['kind', 'version'],
  outbox: ['event', 'rooms'],
  idempotency_key: ['route'],
  dev_mailbox: ['channel', 'locale'],
  notification: ['kind', 'channel', 'state'],
  notification_device: ['platform'],
  planned_notification: ['kind'],
  scan: ['format', 'renditions', 'patient_mismatch'],
  scan_analysis: ['state'],
  stroke_assessment: ['rater_role', 'level'],
  waitlist_entry: ['status'],
  waitlist_offer: ['state'],
  faq: ['topic', 'locale', 'question', 'answer', 'category', 'question_search', 'search'],
  conversation: ['locale'],
  neuroaid_id: ['kind'],
  // Ids of another system and keyed hashes.
  legacy_record: ['source', 'kind', 'legacy_key', 'checksum', 'warnings'],
  conversation_message: ['role', 'disposition', 'source'],
  migration: ['name'],
  cache_revision: ['scope'],
  migration_mark: ['name'],
  wrapped_key: ['name', 'wrapped'],
  typeorm_metadata: ['type', 'database', 'schema', 'table', 'name', 'value'],
};

/** Columns that are generated from other columns with markers. */
export const NOT_PLANTED = new Set([
  'user_account.search',
  'user_account.email_index',
  'user_account.phone_index',
  'account_link.email_index',
  'account_link.phone_index',
  'client.date_of_birth',
  'client.birth_index',
  'client_clinic.mrn_index',
  'import.layout',
  'import_row.content',
  'import_key.key',
]);

/** Every column that can hold text, as `table.column`. */
export const tableColumns = async (app: TestApp): Promise<string[]> => {
  const { rows } = await app.db.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND (data_type IN ('text', 'jsonb', 'bytea', 'tsvector', 'character', 'character varying')
       OR udt_name = '_text') ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};
