import { randomBytes } from 'node:crypto';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import { newId } from '../../src/core/kernel/id.js';
import { ENCRYPTED_COLUMNS } from '../../src/encrypted-columns.js';
import type { Fixture } from '../e2e/route-role.table.js';
import type { EncryptedColumn } from '../../src/core/encryption/encrypted-column.js';
import type { TestApp } from './app.js';
import { aService, at, openClinic } from './clinic.js';

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
const NOT_PLANTED = new Set([
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

const getCanary = (table: string, column: string): string => `CANARY.${table}.${column}.`;

export const canariesIn = (text: string): string[] =>
  [...new Set(text.match(/CANARY\.\w+\.\w+(?=\.)/gi) ?? [])].map((found) => found.slice(7).toLowerCase()).sort();

export interface CanaryWorld {
  fixture: Fixture;
  /** Callers who may read the patient with the markers, by role. */
  insiders: Record<'CLIENT' | 'DOCTOR' | 'STAFF' | 'MANAGER' | 'ADMIN', string>;
  /** Callers who may not read this patient; columns of route-role.table.ts. */
  outsiders: Record<'none' | 'other CLIENT' | 'other DOCTOR' | 'other STAFF', string | undefined>;
  /** The manager of another clinic. */
  manager: string;
}

/** A patient with a row in every table. Each personal column has a marker with the name of the column. */
export async function plantCanaries(app: TestApp): Promise<CanaryWorld> {
  app.checksAnswers = false;
  const [here, there] = [await openClinic(app, { doctors: 2, rooms: 1 }), await openClinic(app)];
  const serviceId = await aService(app, here, { mode: 'VIDEO' });
  const [doctorId, colleagueId] = here.doctorIds as [string, string];
  const [owner, other] = (await app.patients(2)) as [Person, Person];
  const insert = async (table: string, fields: Record<string, unknown>): Promise<string> => {
    const columns = Object.keys(fields);
    const places = columns.map((_, index) => `$${index + 1}`);
    await app.db.query(`INSERT INTO ${table} (${columns.join()}) VALUES (${places.join()})`, Object.values(fields));
    return fields.id as string;
  };
  const account = async (role: string): Promise<string> => {
    const id = await insert('user_account', { id: newId(), role, first_name: 'W', last_name: 'K' });
    await insert('user_clinic', { user_id: id, clinic_id: here.id });
    return id;
  };
  const doctorUser = await account('DOCTOR');
  await app.db.query('UPDATE doctor SET user_id = $1 WHERE id = $2', [doctorUser, doctorId]);
  await insert('client_clinic', { client_id: owner.clientId, clinic_id: here.id, registered_at: new Date() });

  const mergeId = await insert('client_merge', {
    ...{ id: newId(), client_id: owner.clientId, duplicate_id: other.clientId, client_user_id: owner.userId },
    ...{ duplicate_user_id: other.userId, moved: '{}' },
  });

  const booked = await app.call('POST', '/api/v1/appointments', {
    token: owner.token,
    body: { serviceId, doctorId, startDateTime: at(20) },
  });
  const appointmentId = booked.data.id as string;
  const auditId = newId();
  await insert('appointment_note_change', {
    ...{ audit_id: auditId, appointment_id: appointmentId, field: 'notes' },
  });
  const mail = { user_id: owner.userId, clinic_id: here.id, kind: 'MESSAGE_FROM_CLINIC', due_at: new Date() };
  const letter = { ...mail, next_attempt_at: new Date() };
  const inboxEntryId = await insert('notification', { id: newId(), ...letter, channel: 'IN_APP', state: 'SENT' });
  const deadLetterId = await insert('notification', { id: newId(), ...letter, channel: 'EMAIL', state: 'FAILED' });
  const sessionId = newId();
  const later = new Date(Date.now() + 86_400_000);
  await insert('session', {
    id: sessionId,
    user_id: owner.userId,
    refresh_hash: '',
    expires_at: later,
    absolute_expires_at: later,
  });
  const device = { user_id: owner.userId, session_id: sessionId, token: newId(), platform: 'WEB' };
  const deviceId = await insert('notification_device', { id: newId(), ...device });
  await insert('account_link', {
    ...{ id: newId(), user_id: owner.userId, purpose: 'NOTICE', expires_at: later },
  });
  await insert('provider_identity', { id: newId(), user_id: owner.userId, provider: 'corp', subject: '' });
  await insert('provider_sign_in', {
    ...{ id: newId(), user_id: owner.userId, provider: 'corp', purpose: 'SIGN_IN', expires_at: later },
  });
  const scanId = await insert('scan', {
    ...{ id: newId(), client_id: owner.clientId, uploaded_by: owner.userId, format: 'DICOM', original_bytes: 1 },
    ...{ original_sha256: '', total_bytes: 1, renditions: '{}', width: 1, height: 1, bit_depth: 8, channels: 1 },
    ...{ frames: 1, patient_mismatch: 'NOT_CHECKED' },
  });
  const holdId = await insert('hold', {
    ...{ id: newId(), clinic_id: here.id, client_id: owner.clientId, doctor_id: doctorId, service_id: serviceId },
    ...{ start_at: later, end_at: '2100-01-01', expires_at: later, created_at: later },
  });
  const referralId = await insert('referral', {
    ...{ id: newId(), clinic_id: here.id, client_id: owner.clientId, service_id: serviceId },
    ...{ valid_from: '2026-01-01', valid_to: '2100-01-01' },
  });
  const paymentId = await insert('payment', {
    ...{ id: newId(), clinic_id: here.id, client_id: owner.clientId, kind: 'FULL', hold_id: holdId },
    ...{ service_id: serviceId, doctor_id: doctorId, start_at: later, price_minor: 50_000, amount_minor: 50_000 },
    ...{
      currency: 'EGP',
      tax_basis_points: 0,
      status: 'PAID',
      receipt_number: 1,
      paid_at: new Date(),
      is_settled: true,
    },
    ...{ provider: 'RAZORPAY', provider_order_id: '', provider_payment_id: '', created_by: owner.userId },
    created_at: new Date(),
  });
  await insert('payment_refund', {
    ...{ id: newId(), payment_id: paymentId, clinic_id: here.id, amount_minor: 1, reason: 'MANAGER' },
    ...{ provider_refund_id: '', created_at: new Date() },
  });
  await insert('payment_event', {
    ...{ provider: 'RAZORPAY', id: '', type: 'payment.captured', outcome: 'APPLIED', payment_id: paymentId },
    received_at: new Date(),
  });
  const number = { id: newId(), clinic_id: here.id, day: new Date().toISOString().slice(0, 10) };
  const queueEntryId = await insert('queue_entry', { ...number, number: 1, appointment_id: appointmentId });
  const walkInId = await insert('queue_entry', {
    ...{ ...number, id: newId(), number: 2, client_id: owner.clientId, doctor_id: doctorId, service_id: serviceId },
    ...{ is_walk_in: true, arrived_at: new Date() },
  });
  const days = { from_day: '2100-01-01', to_day: '2100-01-02', ends_at: '2100-01-03' };
  const waitlistEntryId = await insert('waitlist_entry', {
    ...{ id: newId(), clinic_id: here.id, client_id: owner.clientId, service_id: serviceId, ...days },
  });
  const calendarFeedId = await insert('calendar_feed', {
    ...{ id: newId(), maker_id: owner.userId, detail: 'LIMITED', secret_hash: Buffer.alloc(32) },
  });
  const scanSetId = await insert('scan_set', {
    ...{ id: newId(), client_id: owner.clientId, uploaded_by: owner.userId, study_instance_uid: '' },
  });
  await insert('scan_analysis', {
    ...{ id: newId(), scan_set_id: scanSetId, state: 'DRAFT', requested_by: owner.userId },
    ...{ model_id: 'm', score: 0.5, input_sha256: '' },
  });
  await insert('scan_analysis', {
    ...{ id: newId(), scan_id: scanId, state: 'DRAFT', requested_by: owner.userId },
    ...{ model_id: 'm', score: 0.5, input_sha256: '' },
  });
  await app.call('POST', '/api/v1/ai/stroke-assessment', { token: owner.token, body: { symptoms: { face: true } } });
  const exception = { kind: 'CLOSED', from_day: '2030-01-01', to_day: '2030-01-02' };
  const getResourceId = async (id: string): Promise<string> =>
    (await app.db.query('SELECT resource_id AS id FROM doctor WHERE id = $1', [id])).rows[0].id;
  const doctorExceptionId = await insert('schedule_exception', {
    ...{ id: newId(), resource_id: await getResourceId(doctorId), ...exception },
  });
  const resourceExceptionId = await insert('schedule_exception', {
    ...{ id: newId(), resource_id: here.roomIds[0], ...exception },
  });
  const closureId = await insert('clinic_closure', {
    ...{ id: newId(), clinic_id: here.id, from_day: '2030-02-01', to_day: '2030-02-02' },
  });
  await insert('idempotency_key', {
    ...{ caller: owner.userId, route: 'POST /x', key: 'k', request_hash: '', status: 201, response: '' },
  });
  await insert('dev_mailbox', {
    ...{ id: newId(), delivery_id: '', channel: 'EMAIL', recipient: '', subject: '', body: '', locale: 'en' },
  });
  const apiKeyId = await insert('api_key', {
    ...{ id: newId(), maker_id: doctorUser, name: 'A machine', secret_hash: Buffer.alloc(32), clinic_ids: [here.id] },
    permissions: ['appointment:read'],
  });
  const webhookId = await insert('webhook_endpoint', {
    ...{ id: newId(), clinic_id: here.id, url: 'https://hooks.invalid/', events: ['queue:updated'], secret: '' },
    ...{ previous_secret: '', previous_secret_until: later },
  });
  const webhookDeliveryId = await insert('webhook_delivery', {
    ...{ id: newId(), endpoint_id: webhookId, event_id: newId(), event: 'queue:updated', payload: '{}' },
    ...{ occurred_at: new Date(), state: 'DELIVERED', next_attempt_at: null },
  });
  const importId = await insert('import', {
    ...{ id: newId(), clinic_id: here.id, created_by: doctorUser, kind: 'clients', format: 'csv', status: 'MAPPING' },
    ...{ is_dry_run: true, layout: '' },
  });
  await insert('import_row', { id: newId(), import_id: importId, row_number: 2, content: '' });
  await insert('import_key', { key: randomBytes(16), record_id: owner.clientId });
  const faqId = await insert('faq', { id: newId(), topic: 'parking', locale: 'en', question: 'Q', answer: 'A' });
  const chat = { message: `Where may I park? ${getCanary('conversation_message', 'sealed')}` };
  const answered = await app.call('POST', '/api/v1/ai/chat', { token: owner.token, body: chat });
  const conversationId = answered.data.conversationId as string;
  const event = { id: newId(), event: 'canary', aggregate_id: newId(), payload: '{}' };
  await insert('outbox', { ...event, parked_at: new Date(), published_at: new Date() });
  await insert('audit_log', {
    ...{ id: auditId, action: 'appointment.planted', object_type: 'appointment', object_id: appointmentId },
    changes: JSON.stringify({ planted: getCanary('audit_log', 'changes') }),
    before_hash: getCanary('audit_log', 'before_hash'),
    after_hash: getCanary('audit_log', 'after_hash'),
    request_id: getCanary('audit_log', 'request_id'),
    ip: getCanary('audit_log', 'ip'),
    device: getCanary('audit_log', 'device'),
  });
  await plant(app, {
    user_account: `id = '${owner.userId}'`,
    session: `id = '${sessionId}'`,
    account_link: `user_id = '${owner.userId}'`,
    provider_identity: `user_id = '${owner.userId}'`,
    provider_sign_in: `user_id = '${owner.userId}'`,
    client: `id = '${owner.clientId}'`,
    client_clinic: `client_id = '${owner.clientId}'`,
    client_merge: `id = '${mergeId}'`,
    schedule_exception: `id IN ('${doctorExceptionId}', '${resourceExceptionId}')`,
    appointment: `id = '${appointmentId}'`,
    doctor: `id = '${doctorId}'`,
    appointment_note_change: `appointment_id = '${appointmentId}'`,
    queue_entry: `id IN ('${queueEntryId}', '${walkInId}')`,
    referral: `id = '${referralId}'`,
    payment: `id = '${paymentId}'`,
    payment_refund: `payment_id = '${paymentId}'`,
    payment_event: `payment_id = '${paymentId}'`,
    outbox: `event = 'canary'`,
    idempotency_key: `caller = '${owner.userId}'`,
    dev_mailbox: 'true',
    notification: `user_id = '${owner.userId}'`,
    notification_device: `user_id = '${owner.userId}'`,
    scan: `id = '${scanId}'`,
    scan_set: `id = '${scanSetId}'`,
    api_key: `id = '${apiKeyId}'`,
    webhook_endpoint: `id = '${webhookId}'`,
    calendar_feed: `id = '${calendarFeedId}'`,
    scan_analysis: `scan_id = '${scanId}' OR scan_set_id = '${scanSetId}'`,
  });
  const actor = { userId: doctorUser, role: 'DOCTOR' as const, doctorId, clinicIds: [here.id] };
  return {
    fixture: {
      ...{ clinicId: here.id, doctorId, serviceId, resourceId: here.roomIds[0] as string },
      ...{ doctorExceptionId, resourceExceptionId, closureId, clientId: owner.clientId, clientUserId: owner.userId },
      ...{ staffUserId: doctorUser, confirmed: appointmentId, pending: appointmentId, arrived: appointmentId },
      ...{ inProgress: appointmentId },
      ...{
        inboxEntryId,
        deadLetterId,
        deviceId,
        holdId,
        queueEntryId,
        walkInId,
        waitlistEntryId,
        calendarFeedId,
        paymentId,
        referralId,
        ownDoctorId: doctorId,
        scanId,
        scanSetId,
        apiKeyId,
        webhookId,
        webhookDeliveryId,
        importId,
        faqId,
        conversationId,
        email: 'somebody@matrix.test',
      },
      bookable: { serviceId, doctorId, startDateTime: at(25) },
    },
    insiders: {
      CLIENT: app.tokenFor({ ...owner, role: 'CLIENT', sessionId }),
      DOCTOR: app.tokenFor(actor),
      STAFF: here.staff,
      MANAGER: here.manager,
      ADMIN: here.admin,
    },
    outsiders: {
      none: undefined,
      'other CLIENT': other.token,
      'other DOCTOR': app.tokenFor({ ...actor, userId: await account('DOCTOR'), doctorId: colleagueId }),
      'other STAFF': there.staff,
    },
    manager: there.manager,
  };
}

interface Person {
  userId: string;
  clientId: string;
  token: string;
}

/** Writes the markers. @param conditions SQL that selects the rows, by table */
async function plant(app: TestApp, conditions: Record<string, string>): Promise<void> {
  const { rows } = await app.db.query<{ name: string; type: string }>(
    `SELECT table_name || '.' || column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = 'public'`,
  );
  const columnTypes = new Map(rows.map(({ name, type }) => [name, type]));
  for (const [table, condition] of Object.entries(conditions)) {
    const planted = (PERSONAL[table] ?? []).filter((column) => !NOT_PLANTED.has(`${table}.${column}`));
    const encrypted = ENCRYPTED_COLUMNS.filter((one) => one.table === table && planted.includes(one.column));
    for (const column of encrypted) await plantEncrypted(app, column, condition);
    const columns = planted.filter((name) => !encrypted.some(({ column }) => column === name));
    if (columns.length === 0) continue;
    const values = columns.map((column) =>
      toColumnValue(getCanary(table, column), columnTypes.get(`${table}.${column}`)),
    );
    const sets = columns.map((column, index) => `${column} = $${index + 1}`);
    await app.db.query(`UPDATE ${table} SET ${sets.join()} WHERE ${condition}`, values);
  }
}

async function plantEncrypted(app: TestApp, field: EncryptedColumn, condition: string): Promise<void> {
  const { table, column } = field;
  const keys = Object.keys(field.key);
  const { rows } = await app.db.query<Record<string, string>>(`SELECT ${keys.join()} FROM ${table} WHERE ${condition}`);
  for (const row of rows) {
    const key = keys.map((name) => row[name] as string);
    const value = app.app.get(FieldEncryption).encrypt(field, getCanary(table, column), ...key);
    const place = keys.map((name, index) => `${name} = $${index + 2}`).join(' AND ');
    await app.db.query(`UPDATE ${table} SET ${column} = $1 WHERE ${place}`, [value, ...key]);
  }
}

function toColumnValue(canary: string, type: string | undefined): unknown {
  if (type === 'jsonb') return JSON.stringify({ planted: canary });
  return type === 'bytea' ? Buffer.from(canary) : canary;
}

export const tableColumns = async (app: TestApp): Promise<string[]> => {
  const { rows } = await app.db.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND (data_type IN ('text', 'jsonb', 'bytea', 'tsvector', 'character', 'character varying')
       OR udt_name = '_text') ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};
