import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { newId } from '../../src/core/kernel/id.js';
import { API_KEY_PERMISSIONS, PERMISSIONS } from '../../src/core/security/permissions.js';
import { AuditLinkerService } from '../../src/modules/audit/audit-linker.service.js';
import { AuditVerifierService } from '../../src/modules/audit/audit-verifier.service.js';
import { createMaker, insertApiKey, type TestMaker } from '../support/api-keys.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits, lockTable } from '../support/locks.js';
import { inLongForm } from '../support/long-form.js';
import { ApiProcess } from '../support/processes.js';
import { SocketClient } from '../support/sockets.js';
import { secondApp, type SecondApp } from '../support/second-app.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const PATH = '/api/v1/api-keys';
const APPOINTMENTS = '/api/v1/appointments';

let app: TestApp;
let other: SecondApp;
let here: TestClinic;
let there: TestClinic;
let serviceId: string;
let maker: TestMaker;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  other = await secondApp(app, { JOBS_IN_PROCESS: 'false' });
  here = await openClinic(app);
  there = await openClinic(app);
  serviceId = await aService(app, here);
  maker = await createMaker(app, [here.id, there.id]);
});

afterAll(async () => {
  await other.close();
  await app.close();
});

const insertKey = (permissions?: readonly string[], clinicIds = [here.id]) =>
  insertApiKey(app, { makerId: maker.userId, clinicIds, ...(permissions && { permissions }) });

const request = (fields: object = {}): Record<string, unknown> => ({
  name: 'Self check-in',
  permissions: ['appointment:read', 'appointment:book'],
  clinicIds: [here.id],
  ...fields,
});

const create = (by: TestMaker, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call('POST', PATH, { token: by.token, body, headers });

const list = (token: string, url = app.url): Promise<Answer> => app.call('GET', `${url}${APPOINTMENTS}`, { token });

const auditRows = async (where: string, values: unknown[]): Promise<any[]> =>
  (await app.db.query(`SELECT * FROM audit_log WHERE ${where} ORDER BY id`, values)).rows;

async function createPatient(clinic: TestClinic): Promise<{ clientId: string; token: string }> {
  const patient = await app.patient();
  await registerAt(clinic, patient.clientId);
  return patient;
}

const registerAt = (clinic: TestClinic, clientId: string): Promise<unknown> =>
  app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
    clientId,
    clinic.id,
  ]);

let minutes = 0;
/** Another free time at each call. */
const visit = (): object => {
  const start = new Date(Date.parse(at(5, '00:00')) + (minutes += 30) * 60_000).toISOString();
  return { serviceId, doctorId: here.doctorIds[0], startDateTime: start };
};

describe('a new key', () => {
  it('is returned once, is listed without its secret, and works', async () => {
    const made = await create(maker, request({ expiresAt: at(30) }));
    expect(made.status).toBe(201);
    const { key, ...view } = made.data;
    expect(key).toMatch(/^csk_[0-9a-f]{32}_[\w-]{43}$/);
    expect(key).toContain(view.id.replaceAll('-', ''));
    expect(view).toMatchObject({ ...request(), makerId: maker.userId, status: 'ACTIVE', lastUsedAt: null });
    const listed = await app.call('GET', PATH, { token: maker.token });
    expect(listed.data.find(({ id }: { id: string }) => id === view.id)).toEqual(view);
    expect(JSON.stringify(listed.body)).not.toContain(key.slice(-43));
    expect((await list(key)).status).toBe(200);
  });

  it('needs fresh proof of identity', async () => {
    const token = await app.login('manager@careslot.test');
    const clinicId = (await app.call('GET', '/api/v1/auth/profile', { token })).data.clinicIds[0];
    const body = request({ clinicIds: [clinicId] });
    const send = (extra: object = {}): Promise<Answer> =>
      app.call('POST', PATH, { token, body: { ...body, ...extra } });
    for (const extra of [{}, { password: 'wrong' }, { otp: '123456' }]) {
      const { status, body: answer } = await send(extra);
      expect([status, answer.error.details]).toEqual([403, { reason: 'REAUTHENTICATE' }]);
    }
    expect((await send({ password: 'careslot-demo-1' })).status).toBe(201);
    expect((await send()).status).toBe(403);
    await app.call('POST', '/api/v1/auth/reauthenticate', { token, body: { password: 'careslot-demo-1' } });
    expect((await send()).status).toBe(201);
  });

  it('is not created if the session of its maker ends meanwhile', async () => {
    const thief = await createMaker(app, [here.id]);
    const release = await lockTable(app.db, 'api_key');
    const creation = create(thief, request());
    try {
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await app.db.query('UPDATE session SET revoked_at = now() WHERE user_id = $1', [thief.userId]);
    } finally {
      await release();
    }
    expect(await creation).toMatchObject({ status: 401, code: 'TOKEN_REVOKED' });
    expect((await app.db.query('SELECT FROM api_key WHERE maker_id = $1', [thief.userId])).rowCount).toBe(0);
  });

  it('names every invalid field', async () => {
    const bad = { name: '', permissions: ['user:manage'], clinicIds: ['x'], expiresAt: 'soon', role: 'ADMIN' };
    const { status, body } = await create(maker, bad);
    expect(status).toBe(400);
    expect(body.error.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'clinicIds',
      'expiresAt',
      'name',
      'permissions',
      'role',
    ]);
    for (const fields of [{ permissions: [] }, { clinicIds: [] }, { expiresAt: '2026-01-01T00:00:00Z' }]) {
      const answer = await create(maker, request(fields));
      expect([fields, answer.status, answer.body.error.details[0].field]).toEqual([
        fields,
        400,
        Object.keys(fields)[0],
      ]);
    }
  });

  it('gets no permission that is not for machines', async () => {
    const grantable = new Set<string>(API_KEY_PERMISSIONS);
    for (const permission of Object.keys(PERMISSIONS).filter((name) => !grantable.has(name))) {
      const { status } = await create(maker, request({ permissions: ['appointment:read', permission] }));
      expect([permission, status]).toEqual([permission, 400]);
    }
  });

  it('works only at clinics that its maker manages', async () => {
    const local = await createMaker(app, [here.id]);
    expect((await create(local, request({ clinicIds: [here.id, there.id] }))).status).toBe(403);
    expect((await create(local, request({ clinicIds: [newId()] }))).status).toBe(403);
    const admin = await createMaker(app, [], 'ADMIN');
    expect((await create(admin, request({ clinicIds: [newId()] }))).code).toBe('VALIDATION_ERROR');
    expect((await create(admin, request({ clinicIds: [there.id.toUpperCase()] }))).data.clinicIds).toEqual([there.id]);
    const { rows } = await app.db.query(`SELECT FROM api_key WHERE maker_id = $1`, [local.userId]);
    expect(rows).toEqual([]);
  });

  it('is not returned again to a repeated request', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await create(maker, request(), headers);
    const again = await create(maker, request(), headers);
    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
    expect(again.data).toEqual({ ...first.data, key: null });
    expect((await create(maker, request({ name: 'Other' }), headers)).code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('is created once by concurrent requests with one Idempotency-Key at two processes', async () => {
    const name = `Race ${newId()}`;
    const headers = { 'idempotency-key': newId() };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        app.call('POST', `${n % 2 ? other.url : app.url}${PATH}`, {
          ...{ token: maker.token, body: request({ name }), headers },
        }),
      ),
    );
    expect(answers.filter(({ data }) => data?.key).length).toBe(1);
    expect([...new Set(answers.map(({ status }) => status))].filter((status) => ![201, 409].includes(status))).toEqual(
      [],
    );
    const { rows } = await app.db.query(`SELECT count(*)::int AS n FROM api_key WHERE name = $1`, [name]);
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('is in the audit log of each of its clinics', async () => {
    const { data } = await create(maker, request({ clinicIds: [here.id, there.id] }));
    const rows = await auditRows('object_id = $1', [data.id]);
    expect(rows.map(({ action, clinic_id }) => [action, clinic_id]).sort()).toEqual(
      [here.id, there.id].map((id) => ['api_key.created', id]).sort(),
    );
    expect(rows[0]).toMatchObject({ actor_user_id: maker.userId, changes: { permissions: request().permissions } });
  });
});

describe('a caller with a key', () => {
  it('books for patients of its clinics; the audit log names the key and its maker', async () => {
    const { id, key } = await insertKey();
    const { clientId } = await createPatient(here);
    const booked = await app.call('POST', APPOINTMENTS, { token: key, body: { ...visit(), clientId } });
    expect(booked.status).toBe(201);
    const path = `${APPOINTMENTS}/${booked.data.id}`;
    expect((await app.call('PUT', path, { token: key, body: { staffNotes: 'Ground floor' } })).status).toBe(200);
    expect((await app.call('GET', path, { token: key })).data.staffNotes).toBe('Ground floor');
    const rows = await auditRows('object_id = $1', [booked.data.id]);
    expect(rows.map(({ action }) => action)).toEqual(['appointment.booked', 'appointment.updated', 'appointment.read']);
    for (const row of rows)
      expect(row).toMatchObject({ actor_user_id: maker.userId, actor_role: 'API_KEY', api_key_id: id });
    const { rows: created } = await app.db.query(`SELECT created_by FROM appointment WHERE id = $1`, [booked.data.id]);
    expect(created).toEqual([{ created_by: maker.userId }]);
    const history = await app.call('GET', `${path}/history`, { token: here.staff });
    expect(history.data[0].actor).toEqual({ id: maker.userId, role: 'API_KEY', name: 'Mona Maker' });
    const audit = await app.call('GET', `/api/v1/audit-logs?apiKeyId=${id}`, { token: here.manager });
    expect(audit.data[0].actor).toMatchObject({ id: maker.userId, role: 'API_KEY', apiKeyId: id });
  });

  it('sends messages to patients of its clinics', async () => {
    const { key } = await insertKey(['notification:send']);
    const { clientId } = await createPatient(here);
    const body = { clinicId: here.id, clientIds: [clientId], template: 'MESSAGE_FROM_CLINIC', message: 'Hello' };
    const sent = await app.call('POST', '/api/v1/notifications', {
      token: key,
      body: { ...body, channels: ['IN_APP'] },
    });
    expect(sent.status).toBe(201);
  });

  it('does not reach other clinics', async () => {
    const { key } = await insertKey(undefined, [there.id]);
    const patient = await createPatient(here);
    const booked = await app.call('POST', APPOINTMENTS, { token: patient.token, body: visit() });
    const { clientId } = patient;
    const expected: [string, string, object | undefined, number][] = [
      ['GET', `${APPOINTMENTS}/${booked.data.id}`, undefined, 404],
      ['GET', `${APPOINTMENTS}/${newId()}`, undefined, 404],
      ['DELETE', `${APPOINTMENTS}/${booked.data.id}`, undefined, 404],
      ['GET', `/api/v1/clients/${clientId}`, undefined, 404],
      ['PUT', `/api/v1/clients/${clientId}`, { mrn: '1' }, 404],
      ['GET', `/api/v1/doctors/${here.doctorIds[0]}/schedule`, undefined, 404],
      ['POST', APPOINTMENTS, { ...visit(), clientId }, 403],
    ];
    for (const [method, path, body, status] of expected) {
      const answer = await app.call(method, path, { token: key, ...(body && { body }) });
      expect([method, path, answer.status]).toEqual([method, path, status]);
    }
    expect((await list(key)).data).toEqual([]);
    expect((await app.call('GET', `${APPOINTMENTS}?clinicId=${here.id}`, { token: key })).data ?? []).toEqual([]);
  });

  it('is refused with 403 without the permission of a route, which is audited with the key', async () => {
    const { id, key } = await insertKey(['schedule:read']);
    expect((await list(key)).status).toBe(403);
    const [row] = await auditRows(`action = 'access.denied' AND api_key_id = $1`, [id]);
    expect(row).toMatchObject({ actor_user_id: maker.userId, changes: { route: APPOINTMENTS, code: 'FORBIDDEN' } });
  });

  it('does not share Idempotency-Keys with its maker', async () => {
    const { key } = await insertKey(undefined, [here.id]);
    const { clientId } = await createPatient(here);
    const headers = { 'idempotency-key': newId() };
    const body = { ...visit(), clientId };
    expect((await app.call('POST', APPOINTMENTS, { token: maker.token, body, headers })).status).toBe(201);
    const { code } = await app.call('POST', APPOINTMENTS, { token: key, body, headers });
    expect(code).toBe('APPOINTMENT_CONFLICT');
  });

  it('needs no query for the key once it was verified', async () => {
    const { key } = await insertKey(['resource:read']);
    const read = (): Promise<Answer> => app.call('GET', '/api/v1/resources', { token: key });
    await read();
    const client = await app.db.connect();
    try {
      await client.query('BEGIN');
      await client.query('LOCK TABLE api_key, user_account, user_clinic IN ACCESS EXCLUSIVE MODE');
      expect((await read()).status).toBe(200);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('works at a clinic that requires a second factor of its people', async () => {
    const clinic = await openClinic(app);
    await app.db.query(`UPDATE clinic SET mfa_required_roles = '{DOCTOR,STAFF,MANAGER}' WHERE id = $1`, [clinic.id]);
    const { key } = await insertApiKey(app, {
      makerId: (await createMaker(app, [], 'ADMIN')).userId,
      clinicIds: [clinic.id],
    });
    const third = await secondApp(app, { JOBS_IN_PROCESS: 'false' });
    try {
      expect((await list(key, third.url)).status).toBe(200);
      const socket = await SocketClient.connected(third.url, key, { transports: ['websocket'] });
      expect(await socket.sync(null)).toMatchObject({ count: 0 });
      socket.close();
    } finally {
      await third.close();
    }
  });

  it('writes its last use at most once a minute', async () => {
    const { id, key } = await insertKey();
    const read = async () =>
      (await app.db.query(`SELECT last_used_at AS at, last_used_ip AS ip FROM api_key WHERE id = $1`, [id])).rows[0];
    await list(key);
    const first = await eventually(async () => {
      const use = await read();
      expect(use.ip).toBe('127.0.0.1');
      return use;
    });
    await list(key, other.url);
    await list(key);
    expect(await read()).toEqual(first);
    await app.db.query(`UPDATE api_key SET last_used_at = now() - interval '2 minutes' WHERE id = $1`, [id]);
    const third = await secondApp(app, { JOBS_IN_PROCESS: 'false' });
    try {
      await list(key, third.url);
      await eventually(async () => expect((await read()).at.getTime()).toBeGreaterThanOrEqual(first.at.getTime()));
    } finally {
      await third.close();
    }
  });
});

describe('a key that is not valid', () => {
  const swapCase = (text: string): string =>
    [...text].map((c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join('');

  it('is refused with 401, whatever is wrong', async () => {
    const { id, key } = await insertKey();
    const prefix = key.slice(0, -43);
    const random = randomBytes(32).toString('base64url');
    const last = key.endsWith('A') ? 'B' : 'A';
    const wrong = [
      'csk_',
      `csk_${id}`,
      prefix,
      `${prefix}${random}`,
      `csk_${newId().replaceAll('-', '')}_${random}`,
      `${key.slice(0, -1)}${last}`,
      key.slice(0, -1),
      `${key}A`,
      `${key}=`,
      swapCase(key),
      key.toUpperCase(),
      key.slice(4),
      `${prefix}${swapCase(key.slice(-43))}`,
    ];
    for (const token of wrong) {
      const answer = await list(token);
      expect([token, answer.status, answer.code]).toEqual([token, 401, 'UNAUTHENTICATED']);
    }
    for (const authorization of [`Basic ${key}`, key, `Bearer ${key} ${key}`, `Bearer ${key},${key}`]) {
      const { status } = await app.call('GET', APPOINTMENTS, { headers: { authorization } });
      expect([authorization, status]).toEqual([authorization, 401]);
    }
    expect((await list(key)).status).toBe(200);
  });

  it('is ignored outside of the Authorization header', async () => {
    const { key } = await insertKey();
    for (const query of [`token=${key}`, `access_token=${key}`, `apiKey=${key}`]) {
      const { status } = await app.call('GET', `${APPOINTMENTS}?${query}`);
      expect([query, status]).toEqual([query, 401]);
    }
    for (const headers of [{ cookie: `token=${key}` }, { 'x-api-key': key }] as Record<string, string>[]) {
      expect((await app.call('GET', APPOINTMENTS, { headers })).status).toBe(401);
    }
    const refreshed = await app.call('POST', '/api/v1/auth/refresh', { body: { refreshToken: key } });
    expect(refreshed.status).toBe(401);
  });

  it('is audited if it exists, once a minute', async () => {
    const { id, key } = await insertKey();
    for (let n = 0; n < 3; n += 1) await list(`${key.slice(0, -43)}${randomBytes(32).toString('base64url')}`);
    const rows = await eventually(async () => {
      const found = await auditRows(`action = 'api_key.refused' AND object_id = $1`, [id]);
      expect(found.length).toBeGreaterThan(0);
      return found;
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ changes: { reason: 'WRONG_SECRET' }, ip: '127.0.0.1', actor_user_id: null });
  });
});

describe('a revoked key', () => {
  it('stops working at once in all processes', async () => {
    const { id, key } = await insertKey();
    expect([(await list(key)).status, (await list(key, other.url)).status]).toEqual([200, 200]);
    expect((await app.call('DELETE', `${PATH}/${id}`, { token: maker.token })).status).toBe(200);
    expect((await list(key)).code).toBe('TOKEN_REVOKED');
    await eventually(async () => expect((await list(key, other.url)).code).toBe('TOKEN_REVOKED'));
    const third = await secondApp(app, { JOBS_IN_PROCESS: 'false' });
    try {
      expect((await list(key, third.url)).code).toBe('TOKEN_REVOKED');
    } finally {
      await third.close();
    }
    const listed = await app.call('GET', PATH, { token: maker.token });
    expect(listed.data.map((view: { id: string }) => view.id)).not.toContain(id);
    expect((await auditRows('object_id = $1', [id])).map(({ action }) => action)).toContain('api_key.revoked');
  });

  it('is not accepted by a request that joins a read from before the revocation', async () => {
    const proxy = await TcpProxy.start(app.environment.DATABASE_URL ?? '');
    const third = await secondApp(app, { JOBS_IN_PROCESS: 'false', DATABASE_URL: proxy.url });
    try {
      const { id, key } = await insertKey();
      const { token } = await app.patient();
      const release = proxy.holdAnswersTo('FROM api_key k JOIN');
      const early = list(key, third.url);
      await eventually(async () => {
        const { rowCount } = await app.db.query(
          `SELECT FROM pg_stat_activity WHERE query LIKE '%FROM api_key k JOIN%' AND pid <> pg_backend_pid() AND state = 'idle'`,
        );
        expect(rowCount).toBe(1);
      });
      expect((await app.call('DELETE', `${PATH}/${id}`, { token: maker.token })).status).toBe(200);
      // Announcements arrive in the order of their commits.
      await app.call('POST', '/api/v1/auth/logout', { token });
      await eventually(async () =>
        expect((await app.call('GET', `${third.url}/api/v1/auth/profile`, { token })).status).toBe(401),
      );
      const late = list(key, third.url);
      // The late request has begun: this one came after it.
      await app.call('GET', `${third.url}/api/v1/auth/profile`, { token });
      release();
      expect([(await early).code, (await late).code]).toEqual(['TOKEN_REVOKED', 'TOKEN_REVOKED']);
    } finally {
      await third.close();
      await proxy.close();
    }
  });

  it('is revoked once by 20 concurrent requests', async () => {
    const { id } = await insertKey();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => app.call('DELETE', `${PATH}/${id}`, { token: maker.token })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(404)]);
    expect(await auditRows(`object_id = $1 AND action = 'api_key.revoked'`, [id])).toHaveLength(1);
  });

  it('is not revoked by a manager of other clinics, who does not see it', async () => {
    const { id } = await insertKey();
    const answer = await app.call('DELETE', `${PATH}/${id}`, { token: there.manager });
    const unknown = await app.call('DELETE', `${PATH}/${newId()}`, { token: there.manager });
    expect([answer.status, answer.body.error]).toEqual([404, unknown.body.error]);
    expect((await app.call('GET', PATH, { token: there.manager })).data.some((view: any) => view.id === id)).toBe(
      false,
    );
    expect((await app.call('DELETE', `${PATH}/${id}`, { token: here.manager })).status).toBe(200);
  });

  it('keeps the clinics of others if a manager of one of its clinics removes it', async () => {
    const { id, key } = await insertKey(undefined, [here.id, there.id]);
    const { clientId } = await createPatient(here);
    const read = (url = app.url): Promise<Answer> =>
      app.call('GET', `${url}/api/v1/clients/${clientId}`, { token: key });
    expect([(await read()).status, (await read(other.url)).status]).toEqual([200, 200]);
    const seen = (await app.call('GET', PATH, { token: here.manager })).data.find((view: any) => view.id === id);
    expect(seen.clinicIds).toEqual([here.id]);
    expect((await app.call('DELETE', `${PATH}/${id}`, { token: here.manager })).status).toBe(200);
    expect((await read()).status).toBe(404);
    await eventually(async () => expect((await read(other.url)).status).toBe(404));
    expect((await list(key)).status).toBe(200);
    expect((await app.call('DELETE', `${PATH}/${id}`, { token: here.manager })).status).toBe(404);
    expect((await app.call('DELETE', `${PATH}/${id}`, { token: there.manager })).status).toBe(200);
    expect((await list(key)).code).toBe('TOKEN_REVOKED');
  });
});

describe('a key whose maker', () => {
  const setUp = async (clinicIds = [here.id, there.id], role: 'MANAGER' | 'ADMIN' = 'MANAGER') => {
    const person = await createMaker(app, role === 'ADMIN' ? [] : clinicIds, role);
    const { id, key } = await insertApiKey(app, { makerId: person.userId, clinicIds });
    expect([(await list(key)).status, (await list(key, other.url)).status]).toEqual([200, 200]);
    const status = async (token = here.admin): Promise<string> =>
      (await app.call('GET', PATH, { token })).data.find((view: any) => view.id === id)?.status;
    return { ...person, id, key, status };
  };
  const change = (userId: string, body: object): Promise<Answer> =>
    app.call('PUT', `/api/v1/users/${userId}`, { token: here.admin, body });

  it('loses a clinic loses it at once in all processes, and gets it back with its maker', async () => {
    const { userId, key } = await setUp();
    const { clientId } = await createPatient(here);
    const read = async (url: string): Promise<number> =>
      (await app.call('GET', `${url}/api/v1/clients/${clientId}`, { token: key })).status;
    expect([await read(app.url), await read(other.url)]).toEqual([200, 200]);
    expect((await change(userId, { clinicIds: [there.id] })).status).toBe(200);
    expect(await read(app.url)).toBe(404);
    await eventually(async () => expect(await read(other.url)).toBe(404));
    expect((await list(key)).status).toBe(200);
    await change(userId, { clinicIds: [here.id, there.id] });
    expect(await read(app.url)).toBe(200);
    await eventually(async () => expect(await read(other.url)).toBe(200));
  });

  it('loses all clinics is refused', async () => {
    const { userId, key, status } = await setUp([here.id]);
    await change(userId, { clinicIds: [there.id] });
    expect((await list(key)).code).toBe('TOKEN_REVOKED');
    await eventually(async () => expect((await list(key, other.url)).code).toBe('TOKEN_REVOKED'));
    expect(await status()).toBe('INACTIVE');
    await change(userId, { clinicIds: [here.id] });
    expect((await list(key)).status).toBe(200);
  });

  it('is demoted is refused', async () => {
    const { userId, key, status } = await setUp();
    expect((await change(userId, { role: 'STAFF' })).status).toBe(200);
    expect((await list(key)).code).toBe('TOKEN_REVOKED');
    await eventually(async () => expect((await list(key, other.url)).code).toBe('TOKEN_REVOKED'));
    expect(await status()).toBe('INACTIVE');
  });

  it('was an administrator keeps only the clinics that the maker manages', async () => {
    const { userId, key } = await setUp([here.id, there.id], 'ADMIN');
    const { clientId } = await createPatient(here);
    expect((await change(userId, { role: 'MANAGER', clinicIds: [there.id] })).status).toBe(200);
    expect((await app.call('GET', `/api/v1/clients/${clientId}`, { token: key })).status).toBe(404);
    expect((await list(key)).status).toBe(200);
  });

  it('manages a clinic that is deleted loses it', async () => {
    for (const role of ['MANAGER', 'ADMIN'] as const) {
      const closed = await openClinic(app, { doctors: 0 });
      const { clientId } = await createPatient(closed);
      const { id, key } = await setUp([here.id, closed.id], role);
      const only = await setUp([closed.id], role);
      const read = () => app.call('GET', `/api/v1/clients/${clientId}`, { token: key });
      expect((await read()).status).toBe(200);
      // A clinic with registered patients cannot be deleted.
      await app.db.query('DELETE FROM client_clinic WHERE client_id = $1', [clientId]);
      expect((await app.call('DELETE', `/api/v1/clinics/${closed.id}`, { token: here.admin })).status).toBe(200);
      await registerAt(closed, clientId);
      expect((await read()).status).toBe(404);
      expect((await list(only.key)).code).toBe('TOKEN_REVOKED');
      await eventually(async () => expect((await list(only.key, other.url)).code).toBe('TOKEN_REVOKED'));
      const { data } = await app.call('GET', PATH, { token: here.admin });
      expect(data.find((view: any) => view.id === id).clinicIds).toEqual([here.id]);
    }
  });

  it('was deleted is refused', async () => {
    const { userId, key } = await setUp();
    expect((await app.call('DELETE', `/api/v1/users/${userId}`, { token: here.admin })).status).toBe(200);
    expect((await list(key)).code).toBe('TOKEN_REVOKED');
    await eventually(async () => expect((await list(key, other.url)).code).toBe('TOKEN_REVOKED'));
  });

  it('was erased is refused', async () => {
    const { id, userId, token, key } = await setUp();
    expect((await app.call('POST', `/api/v1/users/${userId}/erase`, { token, body: {} })).status).toBe(200);
    const { rows } = await app.db.query('SELECT length(secret_hash) AS length FROM api_key WHERE id = $1', [id]);
    expect(rows).toEqual([{ length: 0 }]);
    for (const url of [app.url, other.url]) {
      await eventually(async () =>
        expect(await list(key, url)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' }),
      );
    }
  });

  it('signs out everywhere still works', async () => {
    const { token, key } = await setUp();
    await app.call('POST', '/api/v1/auth/logout-all', { token });
    expect((await list(key)).status).toBe(200);
  });
});

describe('the secret of a key', () => {
  inLongForm(it)('is in no table, not in Redis, and not in the log', async () => {
    const headers = { 'idempotency-key': newId() };
    const { key, id } = (await create(maker, request(), headers)).data;
    const secret = key.slice(-43);
    const api = await ApiProcess.start({ ...app.environment, LOG_LEVEL: 'trace', JOBS_IN_PROCESS: 'false' });
    try {
      await list(key, api.url);
      await app.call('GET', `${api.url}${APPOINTMENTS}?key=${key}`);
      await app.call('GET', `${api.url}/api/v1/users`, { token: key });
      await list(`${key}A`, api.url);
      await app.call('DELETE', `${PATH}/${id}`, { token: maker.token });
      await eventually(async () => expect((await list(key, api.url)).status).toBe(401));
      await eventually(async () => {
        const lines = api.logLines.filter((line) => line.apiKeyId === id);
        expect(lines.some(({ userId }) => userId === maker.userId)).toBe(true);
      });
      expect(api.log).not.toContain(secret);
    } finally {
      await api.kill();
    }
    const { rows: tables } = await app.db.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const { rows } = await app.db.query(`SELECT FROM "${name}" AS t WHERE t::text LIKE '%' || $1 || '%'`, [secret]);
      expect([name, rows.length]).toEqual([name, 0]);
    }
    const redis = new Redis(app.environment.REDIS_URL as string);
    try {
      for (const name of await redis.keys('*')) {
        const dump = (await redis.dumpBuffer(name))?.toString('latin1') ?? '';
        expect([name, `${name} ${dump}`.includes(secret)]).toEqual([name, false]);
      }
    } finally {
      redis.disconnect();
    }
  });
});

describe('the chain of audit rows', () => {
  it('covers the key that acted', async () => {
    const { key } = await insertKey();
    const { clientId } = await createPatient(here);
    const booked = await app.call('POST', APPOINTMENTS, { token: key, body: { ...visit(), clientId } });
    await app.app.get(AuditLinkerService).linkAll();
    const verify = () => app.app.get(AuditVerifierService).verify();
    expect((await verify()).broken).toEqual([]);
    const client = await app.db.connect();
    try {
      await client.query(`SET session_replication_role = replica`);
      await client.query(`UPDATE audit_log SET api_key_id = NULL WHERE object_id = $1`, [booked.data.id]);
    } finally {
      await client.query(`SET session_replication_role = DEFAULT`);
      client.release();
    }
    expect((await verify()).broken).toMatchObject([{ clinicId: here.id, reason: 'ROW_CHANGED' }]);
  });
});
