import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountLinkTokens } from '../../src/modules/account-links/index.js';
import { DATE_OF_BIRTH } from '../../src/modules/clients/index.js';
import { AccountMails, newAddress, PASSWORD } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { changeContacts, emailIndex, encrypted } from '../support/encrypted.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits } from '../support/locks.js';
import { allPublished, whileNothingIsPublished } from '../support/outbox.js';
import { SmtpSink } from '../support/smtp-sink.js';

const BORN = '1988-04-02';

let smtp: SmtpSink;
let app: TestApp;
let mails: AccountMails;
let here: TestClinic;
let there: TestClinic;
let callers = 0;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1', TRUST_PROXY: '1' });
  mails = new AccountMails(app, smtp);
  [here, there] = [await openClinic(app, { doctors: 2 }), await openClinic(app)];
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

/** Each call comes from another address, so that the limit of one address does not count. */
const post = (
  path: string,
  token?: string,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<Answer> => {
  callers += 1;
  return app.call('POST', `/api/v1/${path}`, {
    token,
    body,
    headers: { 'x-forwarded-for': `198.53.0.${callers}`, ...headers },
  });
};
const put = (id: string, token: string, body: object): Promise<Answer> =>
  app.call('PUT', `/api/v1/users/${id}`, { token, body });
const remove = (id: string, clinicId: string, token: string): Promise<Answer> =>
  app.call('DELETE', `/api/v1/users/${id}/clinics/${clinicId}`, { token });
const revoke = (id: string, token: string): Promise<Answer> =>
  app.call('DELETE', `/api/v1/users/${id}/invite`, { token });
const accept = (token: string, fields: object = {}): Promise<Answer> =>
  post('auth/invitations/accept', undefined, { token, password: PASSWORD, ...fields });
const profile = (token: string): Promise<Answer> => app.call('GET', '/api/v1/auth/profile', { token });

async function created(path: string, token: string, fields: object): Promise<any> {
  const body = { email: newAddress(), firstName: 'Sara', lastName: 'Adel', ...fields };
  const { status, data } = await post(path, token, body);
  expect(status).toBe(201);
  return data;
}
const user = (token: string, fields: object): Promise<any> => created('users', token, fields);
const patient = (fields: object = {}): Promise<any> => created('clients', here.staff, fields);
const requestToJoin = (email: string, clinic: TestClinic, role = 'STAFF'): Promise<any> =>
  user(clinic.manager, { email, role });

/** The tokens of the person's invitations, the oldest first. */
async function invitations(userId: string, count: number): Promise<string[]> {
  const sql = `SELECT id FROM account_link WHERE user_id = $1 AND purpose = 'INVITATION' ORDER BY id`;
  const rows = await eventually(async () => {
    const found = await app.db.query<{ id: string }>(sql, [userId]);
    expect(found.rows).toHaveLength(count);
    return found.rows;
  });
  return rows.map(({ id }) => app.app.get(AccountLinkTokens).create('accept-invitation', id));
}
const invitation = async (userId: string, count = 1): Promise<string> =>
  (await invitations(userId, count)).at(-1) as string;
const readClinics = async (email: string): Promise<string[]> => (await mails.login(email)).data.user.clinicIds;

describe('a person whose clinic is taken away by a change of the account', () => {
  it('loses their doctor, and their sessions end, as if they were removed', async () => {
    const doctor = await user(here.admin, { role: 'DOCTOR', clinicIds: [here.id, there.id], password: PASSWORD });
    const doctorId = here.doctorIds[0] as string;
    const path = `/api/v1/doctors/${doctorId}`;
    const link = await app.call('PUT', path, { token: here.manager, body: { userId: doctor.id } });
    expect(link.status).toBe(200);
    const token = (await mails.login(doctor.email)).data.accessToken;
    expect((await put(doctor.id, here.manager, { clinicIds: [] })).code).toBe('FORBIDDEN');
    expect((await profile(token)).data.doctorId).toBe(doctorId);
    expect((await put(doctor.id, here.admin, { clinicIds: [there.id] })).status).toBe(200);
    expect((await profile(token)).code).toBe('TOKEN_REVOKED');
    const { data } = await app.call('GET', path, { token: here.manager });
    expect([data.isActive, data.userId]).toEqual([false, null]);
    const again = await profile((await mails.login(doctor.email)).data.accessToken);
    expect([again.data.doctorId, again.data.clinicIds]).toEqual([null, [there.id]]);
  });

  it('keeps the doctor if the change is refused', async () => {
    const doctor = await user(here.admin, { role: 'DOCTOR', clinicIds: [there.id], password: PASSWORD });
    const doctorId = there.doctorIds[0] as string;
    const path = `/api/v1/doctors/${doctorId}`;
    await app.call('PUT', path, { token: there.manager, body: { userId: doctor.id } });
    const stale = { token: here.admin, body: { clinicIds: [here.id] }, headers: { 'if-match': '"99"' } };
    expect((await app.call('PUT', `/api/v1/users/${doctor.id}`, stale)).code).toBe('VERSION_MISMATCH');
    const { data } = await app.call('GET', path, { token: there.manager });
    expect([data.isActive, data.userId]).toEqual([true, doctor.id]);
  });

  it('cannot come back by an invitation of before', async () => {
    const staff = await user(there.manager, { role: 'STAFF', password: PASSWORD });
    await requestToJoin(staff.email, here);
    const token = await invitation(staff.id);
    expect((await put(staff.id, here.admin, { clinicIds: [here.id, there.id] })).status).toBe(200);
    expect((await put(staff.id, here.admin, { clinicIds: [there.id] })).status).toBe(200);
    expect((await accept(token)).status).toBe(400);
    expect(await readClinics(staff.email)).toEqual([there.id]);
  });

  it('has no open session if it was the last one', async () => {
    const staff = await user(here.manager, { role: 'STAFF', password: PASSWORD });
    const token = (await mails.login(staff.email)).data.accessToken;
    expect((await put(staff.id, here.admin, { clinicIds: [] })).status).toBe(200);
    expect((await profile(token)).code).toBe('TOKEN_REVOKED');
  });
});

describe('a person whose account is deleted', () => {
  it('cannot be booked any more', async () => {
    const doctor = await user(here.admin, { role: 'DOCTOR', clinicIds: [here.id], password: PASSWORD });
    const path = `/api/v1/doctors/${here.doctorIds[1]}`;
    await app.call('PUT', path, { token: here.manager, body: { userId: doctor.id } });
    const deleted = await app.call('DELETE', `/api/v1/users/${doctor.id}`, { token: here.manager });
    expect(deleted.status).toBe(200);
    const { data } = await app.call('GET', path, { token: here.manager });
    expect([data.isActive, data.userId]).toEqual([false, null]);
  });
});

describe('a removal from one clinic', () => {
  it('does not end what another clinic asked the person', async () => {
    const staff = await user(there.manager, { role: 'STAFF', password: PASSWORD });
    await requestToJoin(staff.email, here);
    const token = await invitation(staff.id);
    expect((await remove(staff.id, there.id, there.manager)).status).toBe(200);
    expect((await accept(token)).status).toBe(200);
    expect(await readClinics(staff.email)).toEqual([here.id]);
  });

  it('does not end the invitation of a person who still works elsewhere', async () => {
    const staff = await user(here.admin, { role: 'STAFF', clinicIds: [here.id, there.id] });
    const token = await invitation(staff.id);
    expect((await remove(staff.id, there.id, there.manager)).status).toBe(200);
    expect((await accept(token)).data.user.clinicIds).toEqual([here.id]);
  });

  it.each([
    ['who signed in before', PASSWORD],
    ['who never chose a password', undefined],
  ])('does not keep a person (%s) from being asked again', async (_, password) => {
    const staff = await user(here.manager, { role: 'STAFF', password });
    const before = password ? [] : await invitations(staff.id, 1);
    expect((await remove(staff.id, here.id, here.manager)).status).toBe(200);
    expect((await requestToJoin(staff.email, here)).joinRequested).toBe(true);
    expect((await app.call('GET', `/api/v1/users/${staff.id}`, { token: here.manager })).status).toBe(404);
    const token = await invitation(staff.id, before.length + 1);
    for (const old of before) expect((await accept(old)).status).toBe(400);
    expect((await accept(token)).data.user).toMatchObject({ id: staff.id, clinicIds: [here.id] });
    expect((await accept(token)).status).toBe(400);
  });
});

describe('an invitation to join a clinic', () => {
  it('is revoked by an administrator, who belongs to no clinic', async () => {
    const staff = await user(there.manager, { role: 'STAFF', password: PASSWORD });
    await requestToJoin(staff.email, here);
    const token = await invitation(staff.id);
    expect((await revoke(staff.id, there.manager)).status).toBe(404);
    expect((await revoke(staff.id, here.admin)).status).toBe(200);
    expect((await accept(token)).status).toBe(400);
  });

  it('does not let a person join a clinic that was closed', async () => {
    const closing = await openClinic(app, { doctors: 0 });
    const staff = await user(there.manager, { role: 'STAFF', password: PASSWORD });
    await requestToJoin(staff.email, closing);
    const token = await invitation(staff.id);
    const closed = await app.call('DELETE', `/api/v1/clinics/${closing.id}`, { token: here.admin });
    expect(closed.status).toBe(200);
    expect((await accept(token)).status).toBe(400);
    expect(await readClinics(staff.email)).toEqual([there.id]);
  });

  it('is not sent to an account that is deleted before, and its event does not fail', async () => {
    const staff = await user(there.manager, { role: 'STAFF', password: PASSWORD });
    await whileNothingIsPublished(app, async () => {
      await requestToJoin(staff.email, here);
      const deleted = await app.call('DELETE', `/api/v1/users/${staff.id}`, { token: there.manager });
      expect(deleted.status).toBe(200);
    });
    await allPublished(app);
    const { rowCount } = await app.db.query('SELECT FROM outbox WHERE aggregate_id = $1 AND attempts > 0', [staff.id]);
    expect(rowCount).toBe(0);
    await invitations(staff.id, 0);
  });
});

describe('a doctor who works elsewhere', () => {
  it('is made a doctor of a clinic only after accepting to join it, and not after leaving it', async () => {
    const doctor = await user(there.admin, { role: 'DOCTOR', clinicIds: [there.id], password: PASSWORD });
    const token = (await mails.login(doctor.email)).data.accessToken;
    const path = `/api/v1/doctors/${here.doctorIds[0]}`;
    const link = (): Promise<Answer> => app.call('PUT', path, { token: here.manager, body: { userId: doctor.id } });
    expect((await link()).status).toBe(404);
    await requestToJoin(doctor.email, here, 'DOCTOR');
    expect((await link()).status).toBe(404);
    expect((await profile(token)).data).toMatchObject({ firstName: 'Sara', doctorId: null, clinicIds: [there.id] });
    expect((await accept(await invitation(doctor.id))).status).toBe(200);
    expect((await link()).status).toBe(200);
    expect((await remove(doctor.id, here.id, here.manager)).status).toBe(200);
    expect((await link()).status).toBe(404);
    expect((await app.call('GET', path, { token: here.manager })).data.userId).toBeNull();
    const again = await profile((await mails.login(doctor.email)).data.accessToken);
    expect(again.data).toMatchObject({ doctorId: null, clinicIds: [there.id] });
  });
});

describe('an invitation', () => {
  it('of a patient does not open the account of a member of staff', async () => {
    const { userId } = await patient();
    const token = await invitation(userId);
    expect((await put(userId, here.admin, { role: 'STAFF', clinicIds: [here.id] })).status).toBe(200);
    expect((await accept(token)).status).toBe(400);
  });

  it('is sent once for requests with the same Idempotency-Key', async () => {
    const staff = await user(here.manager, { role: 'STAFF' });
    const record = await patient();
    await Promise.all([invitation(staff.id), invitation(record.userId)]);
    for (const [path, token, id] of [
      [`users/${staff.id}/invite`, here.manager, staff.id],
      [`clients/${record.id}/invite`, here.staff, record.userId],
    ]) {
      const headers = { 'idempotency-key': randomUUID() };
      for (const status of [200, 200]) expect((await post(path, token, {}, headers)).status).toBe(status);
      await invitations(id, 2);
    }
  });

  it('by SMS does not end because somebody registers with the number', async () => {
    const phone = `+2012${String(Date.now()).slice(-8)}`;
    const record = await patient({ email: null, phone });
    const token = await invitation(record.userId);
    await mails.register(newAddress(), { phone });
    expect((await accept(token, { email: newAddress() })).code).toBe('EMAIL_NOT_VERIFIED');
  });

  it('is not sent by itself to the address with which somebody registered, perhaps a parent', async () => {
    const mother = await mails.register();
    const child = await patient({ email: mother.email, dateOfBirth: BORN });
    await allPublished(app);
    await invitations(child.userId, 0);
    expect((await profile(mother.token)).status).toBe(200);
  });

  it('does not close an account with visits, which may be those of the same person', async () => {
    const mother = await mails.register();
    const serviceId = await aService(app, there);
    const [doctorId] = there.doctorIds;
    const record = await patient({ email: mother.email });
    expect((await post(`clients/${record.id}/invite`, here.staff)).status).toBe(200);
    const token = await invitation(record.userId);
    const visit = await post('appointments', mother.token, { serviceId, doctorId, startDateTime: at(3, '09:00') });
    expect(visit.status).toBe(201);
    expect((await accept(token)).code).toBe('EMAIL_TAKEN');
    const seen = await app.call('GET', '/api/v1/appointments', { token: mother.token });
    expect(seen.data.map(({ id }: { id: string }) => id)).toEqual([visit.data.id]);
  });
});

describe('a claim', () => {
  // A manager may create patients, too. The child's address was entered before the mother had an account.
  it.each([
    ['claimed their record', async (mother: any) => mails.verified(mother.email)],
    [
      'accepted an invitation',
      async (mother: any) => {
        const { data } = await accept(await invitation(mother.id));
        return { token: data.accessToken as string };
      },
    ],
  ])('does not get the record of a child after the mother %s', async (_, join) => {
    const mother = await user(here.manager, { role: 'CLIENT' });
    await invitation(mother.id);
    const { token } = await join(mother);
    await post('auth/claims', token);
    const child = await patient({ firstName: 'Omar' });
    await changeContacts(app, child.userId, { email: mother.email });
    expect((await post('auth/claims', token)).code).toBe('NOT_FOUND');
  });

  it.each([
    [
      'address',
      404,
      'UPDATE user_account SET email_index = $2 WHERE id = $1',
      async ({ userId, email }: any) => [userId, await emailIndex(app, `corrected-${email}`)],
    ],
    [
      'birth date',
      400,
      'UPDATE client SET date_of_birth = $2 WHERE id = $1',
      async ({ id }: any) => [id, encrypted(app, DATE_OF_BIRTH, BORN, id)],
    ],
  ])('does not get a record whose %s is corrected at the same time (%i)', async (_, status, change, getValues) => {
    const record = await patient();
    const person = await mails.verified(record.email);
    const values = await getValues(record);
    const desk = await app.db.connect();
    try {
      await desk.query('BEGIN');
      await desk.query(change, values);
      const claimed = post('auth/claims', person.token);
      await eventually(async () => expect(await countLockWaits(app.db)).toBeGreaterThan(0));
      await desk.query('COMMIT');
      expect((await claimed).status).toBe(status);
    } finally {
      desk.release();
    }
    expect((await profile(person.token)).data.clientId).toBe(person.clientId);
  });
});
