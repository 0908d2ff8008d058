import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { SocketServer } from '../../src/core/realtime/socket-server.js';
import { SocketClient } from '../support/sockets.js';

let app: TestApp;
let here: TestClinic;
let there: TestClinic;

beforeAll(async () => {
  app = await TestApp.start();
  [here, there] = [await openClinic(app), await openClinic(app)];
});

afterAll(() => app.close());

const PASSWORD = 'a-long-and-quiet-river';
const person = (fields: object = {}): Record<string, unknown> & { email: string } => ({
  email: `${randomUUID()}@work.test`,
  firstName: 'Sara',
  lastName: 'Adel',
  ...fields,
});
const create = (token: string, fields: object): Promise<Answer> =>
  app.call('POST', '/api/v1/users', { token, body: person(fields) });
const remove = (token: string, userId: string, clinicId: string): Promise<Answer> =>
  app.call('DELETE', `/api/v1/users/${userId}/clinics/${clinicId}`, { token });
const signIn = async (email: string): Promise<string> =>
  (await app.call('POST', '/api/v1/auth/login', { body: { email, password: PASSWORD } })).data.accessToken;

describe('a manager', () => {
  it('creates patients, staff and doctors of their own clinic, but no managers and administrators', async () => {
    for (const role of ['CLIENT', 'STAFF', 'DOCTOR']) {
      const { status, data } = await create(here.manager, { role });
      expect([status, data.role, data.clinicIds]).toEqual([201, role, [here.id]]);
    }
    for (const role of ['MANAGER', 'ADMIN']) expect((await create(here.manager, { role })).code).toBe('FORBIDDEN');
  });

  it('creates nobody at another clinic', async () => {
    for (const clinicIds of [[there.id], [here.id, there.id], []]) {
      expect((await create(here.manager, { role: 'STAFF', clinicIds })).code).toBe('FORBIDDEN');
    }
  });

  it('cannot turn the account of a patient into one of staff', async () => {
    const { data: patient } = await app.call('POST', '/api/v1/auth/register', {
      body: { ...person(), password: PASSWORD },
    });
    const { code } = await create(here.manager, { role: 'STAFF', email: patient.user.email });
    expect(code).toBe('EMAIL_TAKEN');
    const { data } = await app.call('GET', `/api/v1/users/${patient.user.id}`, { token: here.admin });
    expect([data.role, data.clinicIds]).toEqual(['CLIENT', []]);
  });
});

describe('removing a person from a clinic', () => {
  it('leaves their other clinics, and their access token loses the clinic at once', async () => {
    const fields = person({ role: 'STAFF', clinicIds: [here.id, there.id], password: PASSWORD });
    const { data: user } = await create(here.admin, fields);
    const token = await signIn(fields.email);
    const list = (clinicId: string): Promise<Answer> =>
      app.call('GET', `/api/v1/clients?clinicId=${clinicId}`, { token });
    const { data: patient } = await app.call('POST', '/api/v1/clients', {
      token: here.staff,
      body: { firstName: 'Pa', lastName: 'Tient' },
    });
    expect((await list(here.id)).data.map(({ id }: { id: string }) => id)).toContain(patient.id);
    const { status, data } = await remove(here.manager, user.id, here.id);
    expect([status, data]).toEqual([200, { userId: user.id, clinicId: here.id, doctorId: null, appointments: [] }]);
    expect((await app.call('GET', `/api/v1/clients/${patient.id}`, { token })).status).toBe(404);
    expect((await list(here.id)).data).toEqual([]);
    const profile = await app.call('GET', '/api/v1/auth/profile', { token });
    expect([profile.status, profile.data.clinicIds]).toEqual([200, [there.id]]);
    const again = await remove(here.manager, user.id, here.id);
    expect(again.status).toBe(404);
  });

  it('takes their socket out of the room of the clinic', async () => {
    const fields = person({ role: 'STAFF', clinicIds: [here.id, there.id], password: PASSWORD });
    const { data: user } = await create(here.admin, fields);
    const { socket } = await SocketClient.connected(app.url, await signIn(fields.email));
    const rooms = (): string[] => [
      ...(app.app.get(SocketServer).io.sockets.sockets.get(socket.id as string)?.rooms ?? []),
    ];
    try {
      await socket.emitWithAck('sync', 0);
      expect(rooms()).toEqual(expect.arrayContaining([`clinic:${here.id}`, `clinic:${there.id}`]));
      expect((await remove(here.manager, user.id, here.id)).status).toBe(200);
      await eventually(() => Promise.resolve(expect(rooms()).not.toContain(`clinic:${here.id}`)));
      expect(rooms()).toContain(`clinic:${there.id}`);
    } finally {
      socket.disconnect();
    }
  });

  it('ends the sessions of a person who has no clinic left', async () => {
    const fields = person({ role: 'STAFF', password: PASSWORD });
    const { data: user } = await create(here.manager, fields);
    const token = await signIn(fields.email);
    expect((await remove(here.manager, user.id, here.id)).status).toBe(200);
    expect((await app.call('GET', '/api/v1/auth/profile', { token })).code).toBe('TOKEN_REVOKED');
  });

  it('makes their doctor not bookable, ends their sessions, and lists the appointments that remain', async () => {
    const fields = person({ role: 'DOCTOR', clinicIds: [here.id, there.id], password: PASSWORD });
    const { data: user } = await create(here.admin, fields);
    const doctorId = here.doctorIds[0] as string;
    const linked = await app.call('PUT', `/api/v1/doctors/${doctorId}`, {
      token: here.manager,
      body: { userId: user.id },
    });
    expect(linked.status).toBe(200);
    const serviceId = await aService(app, here);
    const book = async (startDateTime: string): Promise<Answer> => {
      const { clientId } = await app.patient();
      const body = { serviceId, doctorId, clientId, startDateTime };
      return app.call('POST', '/api/v1/appointments', { token: here.staff, body });
    };
    const [late, early] = [await book(at(3, '11:00')), await book(at(2, '09:00'))];
    const token = await signIn(fields.email);
    const { data } = await remove(here.manager, user.id, here.id);
    const short = ({ data: { id, startDateTime, endDateTime } }: Answer): object => ({
      id,
      startDateTime,
      endDateTime,
    });
    expect(data).toEqual({ userId: user.id, clinicId: here.id, doctorId, appointments: [short(early), short(late)] });
    expect((await app.call('GET', '/api/v1/auth/profile', { token })).code).toBe('TOKEN_REVOKED');
    expect((await book(at(4))).body.error.details).toEqual([expect.objectContaining({ field: 'doctorId' })]);
    const doctor = await app.call('GET', `/api/v1/doctors/${doctorId}`, { token: here.manager });
    expect([doctor.data.isActive, doctor.data.userId]).toEqual([false, null]);
    const profile = await app.call('GET', '/api/v1/auth/profile', { token: await signIn(fields.email) });
    expect([profile.data.doctorId, profile.data.clinicIds]).toEqual([null, [there.id]]);
  });

  it('is refused to managers of other clinics, of managers, and of oneself', async () => {
    const { data: user } = await create(here.admin, { role: 'STAFF', clinicIds: [here.id, there.id] });
    const { data: boss } = await create(here.admin, { role: 'MANAGER', clinicIds: [here.id], password: PASSWORD });
    const token = await signIn(boss.email);
    const answers = [
      await remove(there.manager, user.id, here.id),
      await remove(here.manager, user.id, there.id),
      await remove(here.manager, boss.id, here.id),
      await remove(token, boss.id, here.id),
      await remove(here.staff, user.id, here.id),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 403, 403]);
    expect((await remove(here.admin, boss.id, here.id)).status).toBe(200);
  });

  it('ends an invitation that the person has not accepted', async () => {
    const { data: user } = await create(here.manager, { role: 'STAFF' });
    const open = (): Promise<{ rows: { revoked_at: Date | null }[] }> =>
      app.db.query(`SELECT revoked_at FROM account_link WHERE user_id = $1 AND purpose = 'INVITATION'`, [user.id]);
    await eventually(async () => expect((await open()).rows).toEqual([{ revoked_at: null }]));
    expect((await remove(here.manager, user.id, here.id)).status).toBe(200);
    expect((await open()).rows).toEqual([{ revoked_at: expect.any(Date) }]);
  });

  it('is audited, and succeeds once of 20 at the same time', async () => {
    const { data: user } = await create(here.manager, { role: 'STAFF' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => remove(here.manager, user.id, here.id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(404)]);
    const { rows } = await app.db.query(
      `SELECT clinic_id, changes FROM audit_log WHERE object_id = $1 AND action = 'user.clinic-removed'`,
      [user.id],
    );
    expect(rows).toEqual([{ clinic_id: here.id, changes: { clinicIds: [[here.id], []] } }]);
  });
});

describe('an administrator', () => {
  it('stays if they are the last one, also if two remove each other at the same time', async () => {
    const administrators = [];
    for (let n = 0; n < 2; n += 1) {
      const fields = person({ role: 'ADMIN', password: PASSWORD });
      const { data } = await create(here.admin, fields);
      administrators.push({ id: data.id, token: await signIn(fields.email) });
    }
    // The others have no password, so they cannot sign in.
    await app.db.query(`UPDATE user_account SET email_verified_at = NULL WHERE role = 'ADMIN'`);
    const ids = administrators.map(({ id }) => id);
    await app.db.query(
      `UPDATE user_account SET password_hash = NULL WHERE role = 'ADMIN' AND NOT id = ANY ($1::uuid[])`,
      [ids],
    );
    const [a, b] = administrators as [{ id: string; token: string }, { id: string; token: string }];
    const answers = await Promise.all([
      app.call('DELETE', `/api/v1/users/${b.id}`, { token: a.token }),
      app.call('PUT', `/api/v1/users/${a.id}`, { token: b.token, body: { role: 'STAFF' } }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const { rows } = await app.db.query(
      `SELECT FROM user_account WHERE role = 'ADMIN' AND deleted_at IS NULL AND id = ANY ($1::uuid[])`,
      [ids],
    );
    expect(rows).toHaveLength(1);
  });

  it('cannot give up their role or delete their account', async () => {
    const fields = person({ role: 'ADMIN', password: PASSWORD });
    const { data } = await create(here.admin, fields);
    const token = await signIn(fields.email);
    const path = `/api/v1/users/${data.id}`;
    expect((await app.call('PUT', path, { token, body: { role: 'MANAGER' } })).status).toBe(403);
    expect((await app.call('DELETE', path, { token })).status).toBe(403);
  });

  it('cannot be reached by a manager, who also cannot raise themself or others', async () => {
    const fields = person({ role: 'MANAGER', clinicIds: [here.id], password: PASSWORD });
    const { data: manager } = await create(here.admin, fields);
    const { data: admin } = await create(here.admin, person({ role: 'ADMIN', clinicIds: [here.id] }));
    const { data: staff } = await create(here.admin, person({ role: 'STAFF', clinicIds: [here.id] }));
    const { data: stranger } = await create(here.admin, person({ role: 'STAFF', clinicIds: [there.id] }));
    const token = await signIn(fields.email);
    const put = (id: string, body: object): Promise<Answer> => app.call('PUT', `/api/v1/users/${id}`, { token, body });
    const raises = [
      await put(manager.id, { role: 'ADMIN' }),
      await put(manager.id, { clinicIds: [here.id, there.id] }),
      await put(staff.id, { role: 'MANAGER' }),
      await put(staff.id, { clinicIds: [here.id, there.id] }),
      await put(staff.id, { email: 'mine@evil.test' }),
    ];
    expect(raises.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    for (const { id } of [admin, stranger]) {
      const answers = [
        await put(id, { firstName: 'Mine' }),
        await app.call('DELETE', `/api/v1/users/${id}`, { token }),
        await app.call('GET', `/api/v1/users/${id}`, { token }),
        await app.call('POST', `/api/v1/users/${id}/invite`, { token }),
        await app.call('DELETE', `/api/v1/users/${id}/invite`, { token }),
        await remove(token, id, here.id),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    }
  });
});
