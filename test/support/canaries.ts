import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import { newId } from '../../src/core/kernel/id.js';
import { ENCRYPTED_COLUMNS } from '../../src/encrypted-columns.js';
import type { Fixture } from '../e2e/route-role.table.js';
import type { EncryptedColumn } from '../../src/core/encryption/encrypted-column.js';
import type { TestApp, TestPatient } from './app.js';
import {
  insert,
  insertClosedDays,
  insertIntegrations,
  insertMessages,
  insertPayment,
  insertQueue,
  insertScans,
  insertTechnicalRows,
} from './canary-rows.js';
import { aService, at, openClinic } from './clinic.js';
import { NOT_PLANTED, PERSONAL } from './text-columns.js';

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

type PlantedIds = Record<
  | 'appointmentId'
  | 'doctorExceptionId'
  | 'resourceExceptionId'
  | 'sessionId'
  | 'queueEntryId'
  | 'walkInId'
  | 'calendarFeedId'
  | 'paymentId'
  | 'referralId'
  | 'scanId'
  | 'scanSetId'
  | 'apiKeyId'
  | 'webhookId'
  | 'mergeId',
  string
>;

/** A patient with a row in every table. Each personal column has a marker with the name of the column. */
export async function plantCanaries(app: TestApp): Promise<CanaryWorld> {
  app.checksAnswers = false;
  const [here, there] = [await openClinic(app, { doctors: 2, rooms: 1 }), await openClinic(app)];
  const serviceId = await aService(app, here, { mode: 'VIDEO' });
  const [doctorId, colleagueId] = here.doctorIds as [string, string];
  const [owner, other] = (await app.patients(2)) as [TestPatient, TestPatient];
  const account = async (role: string): Promise<string> => {
    const id = await insert(app, 'user_account', { id: newId(), role, first_name: 'W', last_name: 'K' });
    await insert(app, 'user_clinic', { user_id: id, clinic_id: here.id });
    return id;
  };
  const doctorUser = await account('DOCTOR');
  await app.db.query('UPDATE doctor SET user_id = $1 WHERE id = $2', [doctorUser, doctorId]);
  await insert(app, 'client_clinic', { client_id: owner.clientId, clinic_id: here.id, registered_at: new Date() });

  const mergeId = await insert(app, 'client_merge', {
    ...{ id: newId(), client_id: owner.clientId, duplicate_id: other.clientId, client_user_id: owner.userId },
    ...{ duplicate_user_id: other.userId, moved: '{}' },
  });

  const booked = await app.call('POST', '/api/v1/appointments', {
    token: owner.token,
    body: { serviceId, doctorId, startDateTime: at(20) },
  });
  const appointmentId = booked.data.id as string;
  const auditId = newId();
  await insert(app, 'appointment_note_change', {
    ...{ audit_id: auditId, appointment_id: appointmentId, field: 'notes' },
  });
  const owners = { clinic: here, serviceId, doctorId, doctorUser, owner, appointmentId };
  const ids = {
    ...{ appointmentId, mergeId },
    ...(await insertMessages(app, owners)),
    ...(await insertScans(app, owners)),
    ...(await insertPayment(app, owners)),
    ...(await insertQueue(app, owners)),
    ...(await insertClosedDays(app, owners)),
    ...(await insertIntegrations(app, owners)),
  };
  const { sessionId, mergeId: _mergeId, appointmentId: _appointmentId, ...fixtureIds } = ids;
  await insertTechnicalRows(app, owners);
  await app.call('POST', '/api/v1/ai/stroke-assessment', { token: owner.token, body: { symptoms: { face: true } } });
  const faqId = await insert(app, 'faq', { id: newId(), topic: 'parking', locale: 'en', question: 'Q', answer: 'A' });
  const chat = { message: `Where may I park? ${getCanary('conversation_message', 'sealed')}` };
  const answered = await app.call('POST', '/api/v1/ai/chat', { token: owner.token, body: chat });
  const conversationId = answered.data.conversationId as string;
  await insert(app, 'audit_log', {
    ...{ id: auditId, action: 'appointment.planted', object_type: 'appointment', object_id: appointmentId },
    changes: JSON.stringify({ planted: getCanary('audit_log', 'changes') }),
    before_hash: getCanary('audit_log', 'before_hash'),
    after_hash: getCanary('audit_log', 'after_hash'),
    request_id: getCanary('audit_log', 'request_id'),
    ip: getCanary('audit_log', 'ip'),
    device: getCanary('audit_log', 'device'),
  });
  await plant(app, toConditions(owner, doctorId, ids));
  const actor = { userId: doctorUser, role: 'DOCTOR' as const, doctorId, clinicIds: [here.id] };
  return {
    fixture: {
      ...{ clinicId: here.id, doctorId, serviceId, resourceId: here.roomIds[0] as string },
      ...{ clientId: owner.clientId, clientUserId: owner.userId },
      ...{ staffUserId: doctorUser, confirmed: appointmentId, pending: appointmentId, arrived: appointmentId },
      ...{ inProgress: appointmentId },
      ...fixtureIds,
      ...{ ownDoctorId: doctorId, faqId, conversationId, email: 'somebody@matrix.test' },
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

/** SQL that selects the rows with markers, by table. */
const toConditions = (owner: TestPatient, doctorId: string, ids: PlantedIds): Record<string, string> => ({
  user_account: `id = '${owner.userId}'`,
  session: `id = '${ids.sessionId}'`,
  account_link: `user_id = '${owner.userId}'`,
  provider_identity: `user_id = '${owner.userId}'`,
  provider_sign_in: `user_id = '${owner.userId}'`,
  client: `id = '${owner.clientId}'`,
  client_clinic: `client_id = '${owner.clientId}'`,
  client_merge: `id = '${ids.mergeId}'`,
  schedule_exception: `id IN ('${ids.doctorExceptionId}', '${ids.resourceExceptionId}')`,
  appointment: `id = '${ids.appointmentId}'`,
  doctor: `id = '${doctorId}'`,
  appointment_note_change: `appointment_id = '${ids.appointmentId}'`,
  queue_entry: `id IN ('${ids.queueEntryId}', '${ids.walkInId}')`,
  referral: `id = '${ids.referralId}'`,
  payment: `id = '${ids.paymentId}'`,
  payment_refund: `payment_id = '${ids.paymentId}'`,
  payment_event: `payment_id = '${ids.paymentId}'`,
  outbox: `event = 'canary'`,
  idempotency_key: `caller = '${owner.userId}'`,
  dev_mailbox: 'true',
  notification: `user_id = '${owner.userId}'`,
  notification_device: `user_id = '${owner.userId}'`,
  scan: `id = '${ids.scanId}'`,
  scan_set: `id = '${ids.scanSetId}'`,
  api_key: `id = '${ids.apiKeyId}'`,
  webhook_endpoint: `id = '${ids.webhookId}'`,
  calendar_feed: `id = '${ids.calendarFeedId}'`,
  scan_analysis: `scan_id = '${ids.scanId}' OR scan_set_id = '${ids.scanSetId}'`,
});

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
