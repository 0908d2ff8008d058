import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer } from '../support/app.js';
import { createMaker } from '../support/api-keys.js';
import { openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits, inTransaction } from '../support/locks.js';
import { png } from '../support/pictures.js';
import { secondApp, type SecondApp } from '../support/second-app.js';
import { enrol, PASSWORD, signInMember } from '../support/second-factor.js';
import { SocketClient } from '../support/sockets.js';
import { upload } from '../support/uploads.js';

/** Roles of a clinic's people that must have a second factor by its policy, in two processes. */

let app: TestApp;
let second: SecondApp;
let folder: string;
const clients: SocketClient[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-mfa-'));
  app = await TestApp.start({ STORAGE_DIR: folder });
  second = await secondApp(app, { STORAGE_DIR: folder });
});

afterAll(async () => {
  for (const client of clients) client.close();
  await second.close();
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

/** By an administrator who has just proven who they are, which a role that is taken away needs. */
const setPolicy = async (clinic: TestClinic, roles: unknown, token?: string): Promise<Answer> => {
  const body = { policy: { mfaRequiredRoles: roles } };
  const by = token ?? (await createMaker(app, [], 'ADMIN')).token;
  return app.call('PUT', `/api/v1/clinics/${clinic.id}`, { token: by, body });
};

const isAllowed = async (token: string, url = app.url): Promise<boolean> => {
  const { status, body } = await app.call('GET', `${url}/api/v1/notifications`, { token });
  if (status === 200) return true;
  expect([status, body.error.details]).toEqual([403, { reason: 'MFA_ENROLMENT' }]);
  return false;
};

const untilAllowed = (token: string, allowed: boolean): Promise<void> =>
  eventually(async () => expect(await isAllowed(token, second.url)).toBe(allowed));

async function connect(token: string, url = app.url): Promise<SocketClient> {
  const client = SocketClient.open(url, token, { transports: ['websocket'] });
  clients.push(client);
  return client;
}

describe('the policy of a clinic', () => {
  it('refuses its people of a role at once, and nobody else, until it is withdrawn', async () => {
    const [clinic, other] = [await openClinic(app), await openClinic(app)];
    expect((await setPolicy(clinic, ['STAFF'])).data.policy.mfaRequiredRoles).toEqual(['STAFF']);
    expect(await isAllowed(clinic.staff)).toBe(false);
    await untilAllowed(clinic.staff, false);
    for (const token of [clinic.manager, clinic.admin, other.staff]) {
      expect(await isAllowed(token)).toBe(true);
      expect(await isAllowed(token, second.url)).toBe(true);
    }
    expect((await setPolicy(clinic, [])).status).toBe(200);
    expect(await isAllowed(clinic.staff)).toBe(true);
    await untilAllowed(clinic.staff, true);
  });

  it('applies to people of several clinics, also if they join later', async () => {
    const [clinic, other] = [await openClinic(app), await openClinic(app)];
    await setPolicy(clinic, ['STAFF', 'DOCTOR']);
    const doctor = await signInMember(app, 'DOCTOR', [other.id, clinic.id]);
    const staff = await signInMember(app, 'STAFF', [other.id]);
    expect([await isAllowed(doctor.token), await isAllowed(staff.token)]).toEqual([false, true]);
    const path = `/api/v1/users/${staff.userId}`;
    const change = (clinicIds: string[]) => app.call('PUT', path, { token: clinic.admin, body: { clinicIds } });
    expect((await change([other.id, clinic.id])).status).toBe(200);
    expect(await isAllowed(staff.token)).toBe(false);
    await untilAllowed(staff.token, false);
    expect((await change([other.id])).status).toBe(200);
    expect(await isAllowed(staff.token)).toBe(true);
  });

  it('applies from the creation of a clinic, and ends with its deletion', async () => {
    const manager = await signInMember(app, 'MANAGER');
    const body = { name: 'Strict', timeZone: 'Africa/Cairo', policy: { mfaRequiredRoles: ['MANAGER'] } };
    const created = await app.call('POST', '/api/v1/clinics', { token: manager.token, body });
    expect(created.status).toBe(201);
    expect(await isAllowed(manager.token)).toBe(false);
    const token = app.tokenFor({ userId: manager.userId, role: 'ADMIN' });
    expect((await app.call('DELETE', `/api/v1/clinics/${created.data.id}`, { token })).status).toBe(200);
    expect(await isAllowed(manager.token)).toBe(true);
    await untilAllowed(manager.token, true);
  });

  it('is known to a process that starts later, and so is who has a second factor', async () => {
    const clinic = await openClinic(app);
    const [without, enrolled] = [
      await signInMember(app, 'STAFF', [clinic.id]),
      await signInMember(app, 'STAFF', [clinic.id]),
    ];
    await setPolicy(clinic, ['STAFF']);
    await enrol(app, enrolled.token);
    const later = await signInMember(app, 'STAFF', [clinic.id]);
    await enrol(app, later.token);
    const body = { refreshToken: later.refreshToken };
    const refreshed = (await app.call('POST', '/api/v1/auth/refresh', { body })).data.accessToken;
    await app.db.query(`UPDATE mfa_factor SET changed_at = now() - interval '1 year' WHERE user_id = $1`, [
      later.userId,
    ]);
    const third = await secondApp(app);
    try {
      expect(await isAllowed(without.token, third.url)).toBe(false);
      // The token is from before the second factor.
      expect(await isAllowed(enrolled.token, third.url)).toBe(true);
      // So long ago that only the token contains it.
      expect(await isAllowed(refreshed, third.url)).toBe(true);
    } finally {
      await third.close();
    }
  });

  it('lets through who sets the second factor up, at once and in other processes', async () => {
    const clinic = await openClinic(app);
    await setPolicy(clinic, ['MANAGER']);
    const manager = await signInMember(app, 'MANAGER', [clinic.id]);
    expect(await isAllowed(manager.token)).toBe(false);
    await untilAllowed(manager.token, false);
    await enrol(app, manager.token);
    expect(await isAllowed(manager.token)).toBe(true);
    await untilAllowed(manager.token, true);
    const disable = await app.call('POST', '/api/v1/auth/mfa/disable', { token: manager.token, body: {} });
    expect(disable.status).toBe(403);
    await setPolicy(clinic, []);
    expect((await app.call('POST', '/api/v1/auth/mfa/disable', { token: manager.token, body: {} })).status).toBe(200);
  });

  it('is audited in plain text, obeys If-Match, and is changed only by managers of the clinic', async () => {
    const [clinic, other] = [await openClinic(app), await openClinic(app)];
    const path = `/api/v1/clinics/${clinic.id}`;
    const body = { policy: { mfaRequiredRoles: ['MANAGER', 'STAFF'] } };
    const stale = await app.call('PUT', path, { token: clinic.admin, body, headers: { 'if-match': '"7"' } });
    expect(stale.code).toBe('VERSION_MISMATCH');
    expect(await isAllowed(clinic.staff)).toBe(true);
    expect((await app.call('PUT', path, { token: clinic.staff, body })).status).toBe(403);
    expect((await app.call('PUT', path, { token: other.manager, body })).status).toBe(403);
    expect((await app.call('PUT', path, { token: clinic.manager, body, headers: { 'if-match': '"1"' } })).status).toBe(
      200,
    );
    expect(await isAllowed(clinic.manager)).toBe(false);
    const { rows } = await app.db.query(
      `SELECT changes, clinic_id FROM audit_log WHERE action = 'clinic.updated' AND object_id = $1`,
      [clinic.id],
    );
    expect(rows).toEqual([{ changes: { mfaRequiredRoles: [[], ['MANAGER', 'STAFF']] }, clinic_id: clinic.id }]);
  });

  it('is shown only to those who manage the clinic', async () => {
    const [clinic, other] = [await openClinic(app), await openClinic(app)];
    const doctor = app.tokenFor({ userId: newId(), role: 'DOCTOR', clinicIds: [clinic.id] });
    const { token: patient } = await app.patient();
    await setPolicy(clinic, ['DOCTOR']);
    const path = `/api/v1/clinics/${clinic.id}`;
    const inList = async (token?: string): Promise<any> =>
      (await app.call('GET', '/api/v1/clinics?sort=-createdAt', { token })).data.find(
        (one: any) => one.id === clinic.id,
      );
    // Twice: an answer for one caller must not be that of another one.
    for (let round = 0; round < 2; round += 1) {
      for (const token of [clinic.manager, clinic.admin]) {
        expect((await app.call('GET', path, { token })).data.policy.mfaRequiredRoles).toEqual(['DOCTOR']);
        expect((await inList(token)).policy.mfaRequiredRoles).toEqual(['DOCTOR']);
      }
      for (const token of [undefined, patient, doctor, clinic.staff, other.manager]) {
        const { data } = await app.call('GET', path, { token });
        expect(Object.keys(data.policy)).toContain('slotStepMinutes');
        expect(Object.keys(data.policy)).not.toContain('mfaRequiredRoles');
        expect(Object.keys((await inList(token)).policy)).not.toContain('mfaRequiredRoles');
      }
    }
  });

  it('is relaxed only after fresh proof of identity, and made stricter without', async () => {
    const clinic = await openClinic(app);
    const manager = await signInMember(app, 'MANAGER', [clinic.id]);
    const change = (roles: string[], more: object = {}): Promise<Answer> =>
      app.call('PUT', `/api/v1/clinics/${clinic.id}`, {
        ...{ token: manager.token, body: { policy: { mfaRequiredRoles: roles }, ...more } },
      });
    expect((await change(['STAFF', 'DOCTOR'])).status).toBe(200);
    for (const roles of [[], ['STAFF'], ['STAFF', 'MANAGER']]) {
      const refused = await change(roles);
      expect([refused.status, refused.body.error.details]).toEqual([403, { reason: 'REAUTHENTICATE' }]);
      expect((await change(roles, { password: 'not-the-password' })).status).toBe(403);
    }
    expect((await setPolicy(clinic, [], clinic.admin)).status).toBe(403);
    // Others are not asked for proof.
    const elsewhere = await openClinic(app);
    expect(await setPolicy(clinic, [], elsewhere.manager)).toMatchObject({
      status: 403,
      body: { error: { code: 'FORBIDDEN', details: null } },
    });
    expect((await change(['DOCTOR', 'STAFF'])).status).toBe(200);
    expect((await change(['STAFF'], { password: PASSWORD })).data.policy.mfaRequiredRoles).toEqual(['STAFF']);
    const { rows } = await app.db.query(`SELECT changes::text FROM audit_log WHERE object_id = $1`, [clinic.id]);
    expect(JSON.stringify(rows)).not.toContain(PASSWORD);
  });

  it('is not relaxed without proof by a request that waited for one that made it stricter', async () => {
    const clinic = await openClinic(app);
    const { body } = await inTransaction(app.db, async (stricter) => {
      await stricter.query(`UPDATE clinic SET mfa_required_roles = '{STAFF}' WHERE id = $1`, [clinic.id]);
      const request = setPolicy(clinic, [], clinic.manager);
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await stricter.query('COMMIT');
      return request;
    });
    expect(body.error.details).toEqual({ reason: 'REAUTHENTICATE' });
  });

  it.each([[['CLIENT']], [['ADMIN']], [['staff']], [['STAFF', 'STAFF']], ['STAFF'], [null], [[1]]])(
    'refuses %j with the name of the field',
    async (roles) => {
      const clinic = await openClinic(app);
      const { code, body } = await setPolicy(clinic, roles);
      expect(code).toBe('VALIDATION_ERROR');
      expect(body.error.details).toEqual([expect.objectContaining({ field: 'policy.mfaRequiredRoles' })]);
    },
  );
});

describe('a socket', () => {
  it('is closed when its user must set up a second factor, in every process', async () => {
    const clinic = await openClinic(app);
    const sockets = [await connect(clinic.staff), await connect(clinic.staff, second.url)];
    const manager = await connect(clinic.manager);
    for (const socket of [...sockets, manager]) expect(await socket.outcome()).toBeNull();
    await setPolicy(clinic, ['STAFF']);
    for (const socket of sockets) {
      await socket.disconnected();
      expect(socket.endedBecause).toMatchObject({ code: 'FORBIDDEN', details: { reason: 'MFA_ENROLMENT' } });
    }
    expect(manager.disconnectedBecause).toBeNull();
  });

  it('is closed when its user joins a clinic that requires a second factor', async () => {
    const [clinic, other] = [await openClinic(app), await openClinic(app)];
    await setPolicy(clinic, ['STAFF']);
    const staff = await signInMember(app, 'STAFF', [other.id]);
    const socket = await connect(staff.token);
    expect(await socket.outcome()).toBeNull();
    const body = { clinicIds: [other.id, clinic.id] };
    await app.call('PUT', `/api/v1/users/${staff.userId}`, { token: clinic.admin, body });
    await socket.disconnected();
    expect(socket.endedBecause).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('is refused until the second factor is set up', async () => {
    const clinic = await openClinic(app);
    await setPolicy(clinic, ['STAFF']);
    const staff = await signInMember(app, 'STAFF', [clinic.id]);
    const error = await (await connect(staff.token)).outcome();
    expect(error?.data).toMatchObject({ code: 'FORBIDDEN', details: { reason: 'MFA_ENROLMENT' } });
    await enrol(app, staff.token);
    expect(await (await connect(staff.token)).outcome()).toBeNull();
  });
});

it('a signed link to a scan is refused to a doctor who must set up a second factor', async () => {
  const clinic = await openClinic(app);
  const doctor = await signInMember(app, 'DOCTOR', [clinic.id]);
  const doctorId = clinic.doctorIds[0];
  await app.db.query(`UPDATE doctor SET user_id = $1 WHERE id = $2`, [doctor.userId, doctorId]);
  const { clientId } = await app.patient();
  await app.db.query(`INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())`, [
    clientId,
    clinic.id,
  ]);
  await app.db.query(
    `INSERT INTO service (id, clinic_id, name, duration_minutes, currency) VALUES (gen_random_uuid(), $1, 'S', 30, 'EGP')`,
    [clinic.id],
  );
  await app.db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
     SELECT gen_random_uuid(), $1, $2, $3, s.id, now(), now() + interval '30 minutes', 'CONFIRMED', 0, 'EGP' FROM service s
     WHERE s.clinic_id = $1 LIMIT 1`,
    [clinic.id, clientId, doctorId],
  );
  const token = app.tokenFor({ userId: doctor.userId, role: 'DOCTOR', doctorId, clinicIds: [clinic.id] });
  const { status, data } = await upload(app, { token, bytes: await png(), fields: { clientId } });
  expect(status).toBe(201);
  const open = (): Promise<number> => fetch(app.url + data.fileUrl).then(({ status: one }) => one);
  expect(await open()).toBe(200);
  await setPolicy(clinic, ['DOCTOR']);
  expect(await open()).toBe(403);
  await enrol(app, doctor.token);
  expect(await open()).toBe(200);
});
