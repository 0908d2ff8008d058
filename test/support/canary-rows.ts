import { randomBytes } from 'node:crypto';
import { newId } from '../../src/core/kernel/id.js';
import type { TestApp, TestPatient } from './app.js';
import type { TestClinic } from './clinic.js';

/** Whose rows they are. */
export interface RowOwners {
  clinic: TestClinic;
  serviceId: string;
  doctorId: string;
  /** The account of the doctor. */
  doctorUser: string;
  /** The patient with the markers. */
  owner: TestPatient;
  appointmentId: string;
}

/** @returns the id in `fields` */
export async function insert(app: TestApp, table: string, fields: Record<string, unknown>): Promise<string> {
  const columns = Object.keys(fields);
  const places = columns.map((_, index) => `$${index + 1}`);
  await app.db.query(`INSERT INTO ${table} (${columns.join()}) VALUES (${places.join()})`, Object.values(fields));
  return fields.id as string;
}

const getLater = (): Date => new Date(Date.now() + 86_400_000);

export async function insertMessages(app: TestApp, { owner, clinic: here }: RowOwners) {
  const mail = { user_id: owner.userId, clinic_id: here.id, kind: 'MESSAGE_FROM_CLINIC', due_at: new Date() };
  const letter = { ...mail, next_attempt_at: new Date() };
  const inboxEntryId = await insert(app, 'notification', { id: newId(), ...letter, channel: 'IN_APP', state: 'SENT' });
  const deadLetterId = await insert(app, 'notification', { id: newId(), ...letter, channel: 'EMAIL', state: 'FAILED' });
  const sessionId = newId();
  const later = getLater();
  await insert(app, 'session', {
    id: sessionId,
    user_id: owner.userId,
    refresh_hash: '',
    expires_at: later,
    absolute_expires_at: later,
  });
  const device = { user_id: owner.userId, session_id: sessionId, token: newId(), platform: 'WEB' };
  const deviceId = await insert(app, 'notification_device', { id: newId(), ...device });
  await insert(app, 'account_link', {
    ...{ id: newId(), user_id: owner.userId, purpose: 'NOTICE', expires_at: later },
  });
  await insert(app, 'provider_identity', { id: newId(), user_id: owner.userId, provider: 'corp', subject: '' });
  await insert(app, 'provider_sign_in', {
    ...{ id: newId(), user_id: owner.userId, provider: 'corp', purpose: 'SIGN_IN', expires_at: later },
  });
  return { inboxEntryId, deadLetterId, sessionId, deviceId };
}

export async function insertScans(app: TestApp, { owner }: RowOwners) {
  const scanId = await insert(app, 'scan', {
    ...{ id: newId(), client_id: owner.clientId, uploaded_by: owner.userId, format: 'DICOM', original_bytes: 1 },
    ...{ original_sha256: '', total_bytes: 1, renditions: '{}', width: 1, height: 1, bit_depth: 8, channels: 1 },
    ...{ frames: 1, patient_mismatch: 'NOT_CHECKED' },
  });
  const scanSetId = await insert(app, 'scan_set', {
    ...{ id: newId(), client_id: owner.clientId, uploaded_by: owner.userId, study_instance_uid: '' },
  });
  await insert(app, 'scan_analysis', {
    ...{ id: newId(), scan_set_id: scanSetId, state: 'DRAFT', requested_by: owner.userId },
    ...{ model_id: 'm', score: 0.5, input_sha256: '' },
  });
  await insert(app, 'scan_analysis', {
    ...{ id: newId(), scan_id: scanId, state: 'DRAFT', requested_by: owner.userId },
    ...{ model_id: 'm', score: 0.5, input_sha256: '' },
  });
  return { scanId, scanSetId };
}

/** A hold, a referral, and a payment with a refund. */
export async function insertPayment(app: TestApp, { owner, clinic: here, doctorId, serviceId }: RowOwners) {
  const later = getLater();
  const holdId = await insert(app, 'hold', {
    ...{ id: newId(), clinic_id: here.id, client_id: owner.clientId, doctor_id: doctorId, service_id: serviceId },
    ...{ start_at: later, end_at: '2100-01-01', expires_at: later, created_at: later },
  });
  const referralId = await insert(app, 'referral', {
    ...{ id: newId(), clinic_id: here.id, client_id: owner.clientId, service_id: serviceId },
    ...{ valid_from: '2026-01-01', valid_to: '2100-01-01' },
  });
  const paymentId = await insert(app, 'payment', {
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
  await insert(app, 'payment_refund', {
    ...{ id: newId(), payment_id: paymentId, clinic_id: here.id, amount_minor: 1, reason: 'MANAGER' },
    ...{ provider_refund_id: '', created_at: new Date() },
  });
  await insert(app, 'payment_event', {
    ...{ provider: 'RAZORPAY', id: '', type: 'payment.captured', outcome: 'APPLIED', payment_id: paymentId },
    received_at: new Date(),
  });
  return { holdId, referralId, paymentId };
}

export async function insertQueue(
  app: TestApp,
  { owner, clinic: here, doctorId, serviceId, appointmentId }: RowOwners,
) {
  const number = { id: newId(), clinic_id: here.id, day: new Date().toISOString().slice(0, 10) };
  const queueEntryId = await insert(app, 'queue_entry', { ...number, number: 1, appointment_id: appointmentId });
  const walkInId = await insert(app, 'queue_entry', {
    ...{ ...number, id: newId(), number: 2, client_id: owner.clientId, doctor_id: doctorId, service_id: serviceId },
    ...{ is_walk_in: true, arrived_at: new Date() },
  });
  const days = { from_day: '2100-01-01', to_day: '2100-01-02', ends_at: '2100-01-03' };
  const waitlistEntryId = await insert(app, 'waitlist_entry', {
    ...{ id: newId(), clinic_id: here.id, client_id: owner.clientId, service_id: serviceId, ...days },
  });
  return { queueEntryId, walkInId, waitlistEntryId };
}

export async function insertClosedDays(app: TestApp, { clinic: here, doctorId }: RowOwners) {
  const exception = { kind: 'CLOSED', from_day: '2030-01-01', to_day: '2030-01-02' };
  const getResourceId = async (id: string): Promise<string> =>
    (await app.db.query('SELECT resource_id AS id FROM doctor WHERE id = $1', [id])).rows[0].id;
  const doctorExceptionId = await insert(app, 'schedule_exception', {
    ...{ id: newId(), resource_id: await getResourceId(doctorId), ...exception },
  });
  const resourceExceptionId = await insert(app, 'schedule_exception', {
    ...{ id: newId(), resource_id: here.roomIds[0], ...exception },
  });
  const closureId = await insert(app, 'clinic_closure', {
    ...{ id: newId(), clinic_id: here.id, from_day: '2030-02-01', to_day: '2030-02-02' },
  });
  return { doctorExceptionId, resourceExceptionId, closureId };
}

/** An API key, a webhook, an import and a calendar feed. */
export async function insertIntegrations(app: TestApp, { owner, clinic: here, doctorUser }: RowOwners) {
  const later = getLater();
  const calendarFeedId = await insert(app, 'calendar_feed', {
    ...{ id: newId(), maker_id: owner.userId, detail: 'LIMITED', secret_hash: Buffer.alloc(32) },
  });
  const apiKeyId = await insert(app, 'api_key', {
    ...{ id: newId(), maker_id: doctorUser, name: 'A machine', secret_hash: Buffer.alloc(32), clinic_ids: [here.id] },
    permissions: ['appointment:read'],
  });
  const webhookId = await insert(app, 'webhook_endpoint', {
    ...{ id: newId(), clinic_id: here.id, url: 'https://hooks.invalid/', events: ['queue:updated'], secret: '' },
    ...{ previous_secret: '', previous_secret_until: later },
  });
  const webhookDeliveryId = await insert(app, 'webhook_delivery', {
    ...{ id: newId(), endpoint_id: webhookId, event_id: newId(), event: 'queue:updated', payload: '{}' },
    ...{ occurred_at: new Date(), state: 'DELIVERED', next_attempt_at: null },
  });
  const importId = await insert(app, 'import', {
    ...{ id: newId(), clinic_id: here.id, created_by: doctorUser, kind: 'clients', format: 'csv', status: 'MAPPING' },
    ...{ is_dry_run: true, layout: '' },
  });
  await insert(app, 'import_row', { id: newId(), import_id: importId, row_number: 2, content: '' });
  await insert(app, 'import_key', { key: randomBytes(16), record_id: owner.clientId });
  return { calendarFeedId, apiKeyId, webhookId, webhookDeliveryId, importId };
}

/** An answer that is kept for a retry, a mail of the development mailbox, and an event. */
export async function insertTechnicalRows(app: TestApp, { owner }: RowOwners): Promise<void> {
  await insert(app, 'idempotency_key', {
    ...{ caller: owner.userId, route: 'POST /x', key: 'k', request_hash: '', status: 201, response: '' },
  });
  await insert(app, 'dev_mailbox', {
    ...{ id: newId(), delivery_id: '', channel: 'EMAIL', recipient: '', subject: '', body: '', locale: 'en' },
  });
  const event = { id: newId(), event: 'canary', aggregate_id: newId(), payload: '{}' };
  await insert(app, 'outbox', { ...event, parked_at: new Date(), published_at: new Date() });
}
