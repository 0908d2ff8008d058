import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { AccountMails } from '../support/account-mails.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { SettableClock } from '../support/settable-clock.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { SocketClient } from '../support/sockets.js';

const HOUR = 3_600_000;
const REASON = 'Unconscious after a fall: allergies needed.';
const clock = new SettableClock();

let smtp: SmtpSink;
let app: TestApp;
let mails: AccountMails;
let home: TestClinic;
let away: TestClinic;
let patient: TestPatient;
let appointmentId: string;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1', JWT_EXPIRES_IN: '12h' }, undefined, clock);
  mails = new AccountMails(app, smtp);
  home = await openClinic(app);
  away = await openClinic(app);
  const serviceId = await aService(app, home);
  patient = await app.patient();
  const [doctorId] = home.doctorIds;
  const body = { serviceId, doctorId, startDateTime: at(20), notes: 'Allergic to penicillin.' };
  appointmentId = (await app.call('POST', '/api/v1/appointments', { token: patient.token, body })).data.id;
  await app.call('PUT', `/api/v1/clients/${patient.clientId}`, {
    token: home.staff,
    body: { notes: 'Takes warfarin.' },
  });
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

beforeEach(() => setTime(Date.now()));

const setTime = (instant: number): void => clock.set(new Date(instant).toISOString());

/** Somebody of the other clinic. */
async function member(
  role: 'STAFF' | 'MANAGER' | 'DOCTOR',
  clinic = away,
): Promise<{ userId: string; email: string; token: string }> {
  const names = { firstName: 'Hana', lastName: 'Aziz' };
  const userId = await createAccount(app, role, { ...names, clinicIds: [clinic.id] });
  return { userId, email: `${userId}@work.test`, token: app.tokenFor({ userId, role, clinicIds: [clinic.id] }) };
}

const open = (token: string, body: object = { reason: REASON }, clientId = patient.clientId): Promise<Answer> =>
  app.call('POST', `/api/v1/clients/${clientId}/break-glass`, { token, body });

const get = (token: string, path: string): Promise<Answer> => app.call('GET', `/api/v1/${path}`, { token });

const statuses = async (token: string): Promise<number[]> => {
  const paths = [
    `clients/${patient.clientId}`,
    `appointments/${appointmentId}`,
    `appointments/${appointmentId}/history`,
  ];
  const answers: Answer[] = [];
  for (const path of paths) answers.push(await get(token, path));
  return answers.map(({ status }) => status);
};

describe('emergency access', () => {
  it.each(['STAFF', 'DOCTOR'] as const)(
    'opens the record for reading, for exactly an hour: %s (P-02)',
    async (role) => {
      const { token } = await member(role);
      expect(await statuses(token)).toEqual([404, 404, 404]);
      const opened = await open(token);
      expect(opened).toMatchObject({ status: 201, data: { clientId: patient.clientId, reason: REASON } });
      expect(Date.parse(opened.data.expiresAt) - Date.parse(opened.data.openedAt)).toBe(HOUR);

      expect((await get(token, `clients/${patient.clientId}`)).data).toMatchObject({ notes: 'Takes warfarin.' });
      const { data } = await get(token, `appointments?clientId=${patient.clientId}`);
      expect(data).toMatchObject([{ id: appointmentId, notes: 'Allergic to penicillin.', staffNotes: null }]);
      const opening = Date.parse(opened.data.openedAt);
      setTime(opening + HOUR - 1);
      expect(await statuses(token)).toEqual([200, 200, 200]);
      setTime(opening + HOUR);
      expect(await statuses(token)).toEqual([404, 404, 404]);
      expect((await get(token, `appointments?clientId=${patient.clientId}`)).data).toEqual([]);
    },
  );

  it('opens neither other records nor lists, and changes nothing', async () => {
    const { token } = await member('STAFF');
    const other = await app.patient();
    expect((await open(token, { reason: '' }, other.clientId)).status).toBe(400);
    await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
      other.clientId,
      home.id,
    ]);
    await open(token);
    expect((await get(token, `clients/${other.clientId}`)).status).toBe(404);
    expect((await get(token, 'clients')).data).toEqual([]);
    expect((await get(token, 'appointments')).data).toEqual([]);
    const change = (method: string, path: string, body?: object): Promise<Answer> =>
      app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });
    expect((await change('PUT', `clients/${patient.clientId}`, { address: 'Elsewhere' })).status).toBe(404);
    expect((await change('PUT', `appointments/${appointmentId}`, { notes: 'x' })).status).toBe(404);
    expect((await change('DELETE', `appointments/${appointmentId}`)).status).toBe(404);
    expect((await change('POST', `appointments/${appointmentId}/confirm`)).status).toBe(404);
  });

  it('ends when the user changes the role or leaves the clinic', async () => {
    const [leaver, promoted] = [await member('STAFF'), await member('STAFF')];
    await open(leaver.token);
    await open(promoted.token);
    await app.db.query('DELETE FROM user_clinic WHERE user_id = $1', [leaver.userId]);
    expect(await statuses(leaver.token)).toEqual([404, 404, 404]);
    const doctor = app.tokenFor({ userId: promoted.userId, role: 'DOCTOR', clinicIds: [away.id] });
    expect(await statuses(doctor)).toEqual([404, 404, 404]);
  });

  it('needs a reason, a patient and a clinic (P-02)', async () => {
    const { token, userId } = await member('STAFF');
    for (const body of [{}, { reason: '' }, { reason: '  \u200b ' }, { reason: 'x'.repeat(1_001) }]) {
      const refused = await open(token, body);
      expect(refused).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
      expect(refused.body.error.details).toMatchObject([{ field: 'reason' }]);
    }
    expect((await open(token, { reason: REASON }, newId())).status).toBe(404);
    await app.db.query('DELETE FROM user_clinic WHERE user_id = $1', [userId]);
    expect((await open(token)).status).toBe(403);
  });

  it('is refused after ten accesses in an hour', async () => {
    const { token } = await member('STAFF');
    const answers: number[] = [];
    for (let n = 0; n < 11; n += 1) answers.push((await open(token)).status);
    expect(answers).toEqual([...Array<number>(10).fill(201), 429]);
  });

  it('is stored encrypted, and audited with address and device for each clinic of the reader (P-02)', async () => {
    const { token, userId } = await member('STAFF');
    const second = await openClinic(app);
    await app.db.query('INSERT INTO user_clinic (user_id, clinic_id) VALUES ($1, $2)', [userId, second.id]);
    const headers = { 'user-agent': 'Desk 7' };
    const { data } = await app.call('POST', `/api/v1/clients/${patient.clientId}/break-glass`, {
      ...{ token, headers, body: { reason: REASON } },
    });
    await get(token, `clients/${patient.clientId}`);
    const stored = await app.db.query('SELECT reason FROM break_glass WHERE id = $1', [data.id]);
    expect(stored.rows[0].reason.toString('latin1')).not.toContain('Unconscious');
    const { rows } = await app.db.query(
      `SELECT action, clinic_id, ip, device, changes FROM audit_log WHERE actor_user_id = $1 AND object_type = 'client' ORDER BY id`,
      [userId],
    );
    expect(rows).toMatchObject([
      ...[away.id, second.id].sort().map((clinicId) => ({
        ...{ action: 'client.break-glass', clinic_id: clinicId, ip: '127.0.0.1', device: 'Desk 7' },
      })),
      ...[away.id, second.id].sort().map((clinicId) => ({
        ...{ action: 'client.read', clinic_id: clinicId },
        changes: { breakGlassId: data.id, clientIds: [patient.clientId] },
      })),
    ]);
    expect(JSON.stringify(rows)).not.toContain('Unconscious');
  });

  it('notifies the managers of the reader’s clinic and the patient, without the reason', async () => {
    const [{ token, userId }, manager, stranger] = [
      await member('STAFF'),
      await member('MANAGER'),
      await member('MANAGER', home),
    ];
    const socket = await SocketClient.connected(app.url, manager.token);
    const { data } = await open(token);
    const event = await socket
      .waitFor('break-glass:opened', ({ id }: { id: string }) => id === data.id)
      .finally(() => socket.close());
    expect(event.data).toEqual({
      id: data.id,
      clientId: patient.clientId,
      userId,
      role: 'STAFF',
      expiresAt: data.expiresAt,
    });
    const { rows } = await app.db.query<{ ids: string[] }>(
      `SELECT changes -> 'managerIds' AS ids FROM audit_log WHERE action = 'break-glass.announced' AND object_id = $1`,
      [data.id],
    );
    expect(rows[0]?.ids).toContain(manager.userId);
    expect(rows[0]?.ids).not.toContain(stranger.userId);
    const text = await mails.text(manager.email, 'Emergency access to a patient record');
    expect(text).not.toContain('Unconscious');
    await mails.text(
      `${patient.userId}@patients.test`,
      'Your patient record was opened in an emergency',
      await countAccesses(),
    );
  });

  it('notifies the administrators if the clinic has no manager', async () => {
    const clinic = await openClinic(app);
    await app.db.query(
      `UPDATE user_account SET deleted_at = now() WHERE role = 'MANAGER' AND id IN (SELECT user_id FROM user_clinic WHERE clinic_id = $1)`,
      [clinic.id],
    );
    const { token } = await member('STAFF', clinic);
    const opened = await open(token);
    const { rows } = await app.db.query(
      `SELECT DISTINCT u.role FROM audit_log l, jsonb_array_elements_text(l.changes -> 'managerIds') AS m (id)
       JOIN user_account u ON u.id = m.id::uuid WHERE l.action = 'break-glass.announced' AND l.object_id = $1`,
      [opened.data.id],
    );
    expect(rows).toEqual([{ role: 'ADMIN' }]);
  });

  it('is listed with its reason for those managers and the patient; the patient sees no names (P-02)', async () => {
    const [{ token, userId }, manager, stranger] = [
      await member('STAFF'),
      await member('MANAGER'),
      await member('MANAGER', home),
    ];
    const { data } = await open(token);
    const path = `break-glass?clientId=${patient.clientId}`;
    const entry = { id: data.id, reason: REASON, clinicIds: [away.id] };
    expect((await get(manager.token, path)).data[0]).toMatchObject({
      ...entry,
      user: { id: userId, name: 'Hana Aziz' },
    });
    expect((await get(patient.token, 'break-glass')).data[0]).toMatchObject({
      ...entry,
      user: { id: userId, name: null },
    });
    expect((await get((await app.patient()).token, path)).data).toEqual([]);
    expect((await get(stranger.token, path)).data).toEqual([]);
  });
});

/** The patient gets a mail for each access. */
async function countAccesses(): Promise<number> {
  const { rows } = await app.db.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM break_glass WHERE client_id = $1',
    [patient.clientId],
  );
  return rows[0]?.n ?? 0;
}
