import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { FakeChatServer } from '../support/fake-chat-server.js';
import { countLockWaits } from '../support/locks.js';
import { SmtpSink } from '../support/smtp-sink.js';

let model: FakeChatServer;
let smtp: SmtpSink;
let app: TestApp;
let clinic: TestClinic;
let other: TestClinic;
let patient: TestPatient;

beforeAll(async () => {
  model = await new FakeChatServer().start();
  smtp = await new SmtpSink().start();
  app = await TestApp.start({
    ...{ AI_ENABLED: 'true', AI_BASE_URL: model.url, SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1' },
    EMERGENCY_NUMBERS: 'EG:123,IN:112',
  });
  clinic = await openClinic(app);
  other = await openClinic(app);
});

afterAll(async () => {
  await app.close();
  await model.close();
  await smtp.close();
});

beforeEach(async () => {
  model.reset();
  patient = await app.patient();
  await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
    patient.clientId,
    clinic.id,
  ]);
});

const path = (userId = patient.userId): string => `/api/v1/users/${userId}/consents`;

const record = (kind: string, given: boolean, token = patient.token, version = '2026-11'): Promise<Answer> =>
  app.call('POST', path(), { token, body: { kind, version, given } });

const ask = (message: string): Promise<Answer> =>
  app.call('POST', '/api/v1/ai/chat', { token: patient.token, body: { message } });

/** Sends a message of the clinic. @returns the state and reason of its delivery */
async function send(channel: string): Promise<{ state: string; reason: string | null }> {
  const body = {
    clinicId: clinic.id,
    clientIds: [patient.clientId],
    template: 'MESSAGE_FROM_CLINIC',
    channels: [channel],
  };
  await app.call('POST', '/api/v1/notifications', { token: clinic.staff, body: { ...body, message: newId() } });
  return eventually(async () => {
    const { rows } = await app.db.query(
      `SELECT state, reason FROM notification WHERE user_id = $1 AND channel = $2 ORDER BY id DESC LIMIT 1`,
      [patient.userId, channel],
    );
    expect(['SENT', 'SKIPPED']).toContain(rows[0].state);
    return rows[0];
  });
}

describe('consents', () => {
  it('are recorded by the person and by the front desk, and never replaced', async () => {
    expect((await app.call('GET', path(), { token: patient.token })).data).toEqual({
      current: ['AI_CHAT', 'CLINIC_MESSAGES', 'EMAIL', 'SMS', 'PUSH'].map((kind) => ({
        ...{ kind, given: null, version: null, recordedAt: null },
      })),
      history: [],
    });
    expect((await record('SMS', true)).status).toBe(201);
    const { status, data } = await record('SMS', false, clinic.staff, '2026-12');
    expect(status).toBe(201);
    expect(data.current).toContainEqual(expect.objectContaining({ kind: 'SMS', given: false, version: '2026-12' }));
    expect(data.history).toMatchObject([
      { kind: 'SMS', given: false, version: '2026-12', recordedBy: expect.not.stringContaining(patient.userId) },
      { kind: 'SMS', given: true, version: '2026-11', recordedBy: patient.userId },
    ]);
    for (const statement of ['UPDATE consent SET given = true', 'DELETE FROM consent', 'TRUNCATE consent'])
      await expect(app.db.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('are refused for an account that a merge closes at the same time: the decision would be lost', async () => {
    const merge = await app.db.connect();
    try {
      await merge.query('BEGIN');
      await merge.query('SELECT id FROM user_account WHERE id = $1 FOR NO KEY UPDATE', [patient.userId]);
      const withdrawn = record('EMAIL', false, clinic.staff);
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await merge.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [patient.userId]);
      await merge.query('COMMIT');
      expect((await withdrawn).status).toBe(404);
    } finally {
      merge.release();
    }
    expect((await app.db.query('SELECT FROM consent WHERE user_id = $1', [patient.userId])).rowCount).toBe(0);
  });

  it('are audited, and seen by nobody else', async () => {
    await record('PUSH', false);
    const { rows } = await app.db.query(
      `SELECT action, changes FROM audit_log WHERE object_id = $1 AND action LIKE 'consent.%'`,
      [patient.userId],
    );
    const changes = { kind: 'PUSH', version: '2026-11', clientIds: [patient.clientId] };
    expect(rows).toEqual([{ action: 'consent.withdrawn', changes }]);
    const stranger = await app.patient();
    for (const token of [other.staff, other.manager, stranger.token]) {
      expect((await app.call('GET', path(), { token })).status).toBe(404);
      expect((await record('PUSH', true, token)).status).toBe(404);
    }
  });

  it('need a kind, a version and a decision', async () => {
    const body = { kind: 'TELEPATHY', version: 'a b', given: 'yes' };
    const refused = await app.call('POST', path(), { token: patient.token, body });
    expect(refused).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect(refused.body.error.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'given',
      'kind',
      'version',
    ]);
  });

  it('to the chat: after a withdrawal no model is asked, and an emergency still gets its text (P-11)', async () => {
    model.next.push({ say: ['[[INFO]]\nFrom the model.'] });
    expect((await ask('My ear itches, what can I do?')).data.source).toBe('MODEL');
    const asked = model.received.length;
    await record('AI_CHAT', false);
    expect((await ask('My ear itches, what can I do?')).data.source).toBe('FALLBACK');
    expect((await ask('I have crushing chest pain')).data).toMatchObject({ disposition: 'EMERGENCY', source: 'RULES' });
    expect(model.received.length).toBe(asked);
    await record('AI_CHAT', true);
    model.next.push({ say: ['[[INFO]]\nFrom the model.'] });
    expect((await ask('My ear itches, what can I do?')).data.source).toBe('MODEL');
  });

  it('to messages of clinics: after a withdrawal only the inbox gets them, until the consent is given again', async () => {
    expect(await send('EMAIL')).toMatchObject({ state: 'SENT' });
    await record('CLINIC_MESSAGES', false);
    expect(await send('EMAIL')).toMatchObject({ state: 'SKIPPED', reason: 'CONSENT_WITHDRAWN' });
    expect(await send('IN_APP')).toMatchObject({ state: 'SENT' });
    await record('CLINIC_MESSAGES', true);
    expect(await send('EMAIL')).toMatchObject({ state: 'SENT' });
  });

  it('to a channel: after a withdrawal nothing is sent through it, also what was already waiting (P-11)', async () => {
    await record('EMAIL', false);
    expect(await send('EMAIL')).toMatchObject({ state: 'SKIPPED', reason: 'CONSENT_WITHDRAWN' });
    const id = newId();
    await app.db.query(
      `INSERT INTO notification (id, user_id, clinic_id, kind, channel, due_at, next_attempt_at)
       VALUES ($1, $2, $3, 'MESSAGE_FROM_CLINIC', 'EMAIL', now(), now() + interval '1 second')`,
      [id, patient.userId, clinic.id],
    );
    await eventually(async () => {
      const { rows } = await app.db.query('SELECT reason FROM notification WHERE id = $1', [id]);
      expect(rows[0].reason).toBe('CONSENT_WITHDRAWN');
    });
  });
});
