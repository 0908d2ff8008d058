import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientMergeService } from '../../src/modules/clients/index.js';
import { ErasureService } from '../../src/modules/privacy/erasure.service.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits, lockTable } from '../support/locks.js';
import { allPublished } from '../support/outbox.js';
import { SettableClock } from '../support/settable-clock.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { SocketClient } from '../support/sockets.js';

/** Guardians: the front desk lets a parent act for a child. */

const CAIRO = 'Africa/Cairo';
const BORN = '2020-05-06';

let app: TestApp;
let smtp: SmtpSink;
const clock = new SettableClock();
const START = new Date(clock.now()).toISOString();
let here: TestClinic;
let there: TestClinic;
let serviceId: string;
/** Each test has a day of its own. */
let day = 2;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  const env = {
    SMTP_URL: smtp.url(),
    JOBS_SWEEP_SECONDS: '1',
    VISIT_CHANGES_PER_10_MINUTES: '1000',
    // The clock moves to a birthday in two days.
    JWT_EXPIRES_IN: '72h',
  };
  app = await TestApp.start(env, undefined, clock);
  [here, there] = [
    await openClinic(app, { doctors: 3, timeZone: CAIRO, policy: { horizonDays: 365 } }),
    await openClinic(app),
  ];
  serviceId = await aService(app, here);
});

afterEach(() => clock.set(START));

afterAll(async () => {
  await app.close();
  await smtp.close();
});

const call = (method: string, path: string, token: string | undefined, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });
const get = (path: string, token: string): Promise<Answer> => call('GET', path, token);

/** A patient with an account whom the clinics know. */
async function person(born: string | null = null, clinics = [here]): Promise<TestPatient> {
  const [patient] = (await app.patients(1)) as [TestPatient];
  for (const { id } of clinics)
    await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
      patient.clientId,
      id,
    ]);
  if (born) {
    const { staff } = clinics[0] as TestClinic;
    const changed = await call('PUT', `clients/${patient.clientId}`, staff, { dateOfBirth: born });
    expect(changed.status).toBe(200);
  }
  return patient;
}

const link = (child: TestPatient, parent: TestPatient, token = here.staff): Promise<Answer> =>
  call('POST', `clients/${child.clientId}/guardians`, token, { clientId: parent.clientId });

const unlink = (child: TestPatient, guardianId: string, token = here.staff): Promise<Answer> =>
  call('DELETE', `clients/${child.clientId}/guardians/${guardianId}`, token);

async function family(born = BORN): Promise<{ child: TestPatient; parent: TestPatient; linkId: string }> {
  const [child, parent] = [await person(born), await person()];
  const { status, data } = await link(child, parent);
  expect(status).toBe(201);
  return { child, parent, linkId: data.id };
}

const book = (token: string, startDateTime: string, fields: object = {}): Promise<Answer> =>
  call('POST', 'appointments', token, { serviceId, doctorId: here.doctorIds[0], startDateTime, ...fields });

async function booked(token: string, startDateTime: string, fields: object = {}): Promise<any> {
  const { status, data } = await book(token, startDateTime, fields);
  expect(status).toBe(201);
  return data;
}

const ids = ({ data }: Answer): string[] => data.map(({ id }: { id: string }) => id);

describe('the front desk', () => {
  it('links a guardian to a child, and both lists show it', async () => {
    const [child, parent] = [await person(BORN), await person()];
    const { status, data } = await link(child, parent);
    expect([status, data]).toEqual([
      201,
      expect.objectContaining({ clientId: parent.clientId, clinicId: here.id, endsOn: '2038-05-06', firstName: 'Pat' }),
    ]);
    expect((await get(`clients/${child.clientId}/guardians`, here.staff)).data).toEqual([data]);
    const children = await get(`clients/${parent.clientId}/children`, parent.token);
    expect(children.data).toEqual([
      { id: data.id, clientId: child.clientId, firstName: 'Pat', lastName: 'Ient', endsOn: '2038-05-06' },
    ]);
    expect((await get(`clients/${child.clientId}/children`, parent.token)).status).toBe(404);
    const { rows } = await app.db.query(
      `SELECT changes FROM audit_log WHERE object_id = $1 AND action = 'client.guardian-added'`,
      [child.clientId],
    );
    expect(rows).toEqual([{ changes: { guardianId: parent.clientId, clientIds: [child.clientId, parent.clientId] } }]);
  });

  it('links a guardian once of 20 at the same time, and ends the link once', async () => {
    const [child, parent] = [await person(BORN), await person()];
    const added = await Promise.all(Array.from({ length: 20 }, () => link(child, parent)));
    expect(added.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
    const ended = await Promise.all(Array.from({ length: 20 }, () => unlink(child, parent.clientId)));
    expect(ended.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(404)]);
    expect((await link(child, parent)).status).toBe(201);
  });

  it('repeats the answer to the same Idempotency-Key', async () => {
    const [child, parent] = [await person(BORN), await person()];
    const request = {
      token: here.staff,
      body: { clientId: parent.clientId },
      headers: { 'idempotency-key': `link-${child.clientId}` },
    };
    const path = `/api/v1/clients/${child.clientId}/guardians`;
    const first = await app.call('POST', path, request);
    const again = await app.call('POST', path, request);
    expect([again.status, again.data, again.headers.get('idempotency-replayed')]).toEqual([201, first.data, 'true']);
  });

  it('needs access to both patients', async () => {
    const child = await person(BORN);
    const elsewhere = await person(null, [there]);
    const stranger = await person(null, []);
    expect((await link(child, elsewhere)).status).toBe(404);
    expect((await link(child, stranger)).status).toBe(403);
    const parent = await person();
    expect((await link(child, parent, there.staff)).status).toBe(404);
    expect((await link(child, parent)).status).toBe(201);
    expect((await unlink(child, parent.clientId, there.staff)).status).toBe(404);
    expect((await get(`clients/${child.clientId}/guardians`, there.staff)).status).toBe(404);
  });

  it('needs a clinic that knows both, also as an administrator', async () => {
    const [child, parent] = [await person(BORN, [here]), await person(null, [there])];
    expect((await link(child, parent, here.admin)).status).toBe(403);
  });

  it('refuses the patient themselves, adults, and patients without a date of birth', async () => {
    const [child, parent] = [await person(BORN), await person()];
    const self = await link(child, child);
    expect(self.body.error.details).toEqual([{ field: 'clientId', error: 'must be another patient' }]);
    const unknown = await link(await person(), parent);
    expect([unknown.status, unknown.body.error.details]).toEqual([409, { reason: 'NO_DATE_OF_BIRTH' }]);
    const adult = await link(await person('1990-01-01'), parent);
    expect([adult.status, adult.body.error.details]).toEqual([409, { reason: 'ADULT' }]);
  });

  it('links at most ten guardians', async () => {
    const child = await person(BORN);
    for (let n = 0; n < 10; n += 1) expect((await link(child, await person())).status).toBe(201);
    expect((await link(child, await person())).body.error.details).toEqual({ reason: 'TOO_MANY_GUARDIANS' });
  });
});

describe('a guardian', () => {
  it('books, reads, reschedules and cancels for the child, whose own list has the visit too', async () => {
    const { child, parent } = await family();
    const { clientId } = child;
    const visit = await booked(parent.token, at((day += 1)), { clientId, notes: 'A cough' });
    expect(visit.clientId).toBe(clientId);
    expect(ids(await get(`appointments?clientId=${clientId}`, parent.token))).toEqual([visit.id]);
    expect(ids(await get('appointments', parent.token))).toEqual([]);
    expect(ids(await get('appointments', child.token))).toEqual([visit.id]);
    const path = `appointments/${visit.id}`;
    expect((await get(path, parent.token)).data).toEqual(visit);
    const startDateTime = at(day, '11:00');
    const moved = await call('PUT', path, parent.token, { startDateTime, notes: 'A worse cough' });
    expect([moved.status, moved.data.startDateTime]).toEqual([200, startDateTime]);
    const history = await get(`${path}/history`, parent.token);
    expect(history.data[0].actor).toEqual({ id: parent.userId, role: 'CLIENT', name: 'Pat Ient' });
    expect((await call('DELETE', path, parent.token)).data.status).toBe('CANCELLED');
    const { rows } = await app.db.query(
      `SELECT DISTINCT action FROM audit_log WHERE actor_user_id = $1 AND changes -> 'clientIds' ? $2 ORDER BY 1`,
      [parent.userId, clientId],
    );
    expect(rows.map(({ action }) => action)).toEqual(['appointment.list-read', 'appointment.read']);
  });

  it('does not see staff notes of the child’s visit', async () => {
    const { child, parent } = await family();
    const visit = await booked(here.staff, at((day += 1)), { clientId: child.clientId, staffNotes: 'secret' });
    const { body } = await get(`appointments/${visit.id}`, parent.token);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('holds a time for the child, books it, and releases another one', async () => {
    const { child, parent } = await family();
    const { clientId } = child;
    const [first, second] = [at((day += 1)), at(day, '10:00')];
    const slot = { serviceId, doctorId: here.doctorIds[0], clientId };
    const held = await call('POST', 'holds', parent.token, { ...slot, startDateTime: first });
    expect([held.status, held.data.clientId]).toEqual([201, clientId]);
    const visit = await booked(parent.token, first, { clientId, holdId: held.data.id });
    expect([visit.id, visit.clientId]).toEqual([held.data.id, clientId]);
    const other = await call('POST', 'holds', parent.token, { ...slot, startDateTime: second });
    expect((await call('DELETE', `holds/${other.data.id}`, parent.token)).status).toBe(200);
  });

  it('can be one of two parents', async () => {
    const { child, parent } = await family();
    const other = await person();
    expect((await link(child, other)).status).toBe(201);
    const visit = await booked(parent.token, at((day += 1)), { clientId: child.clientId });
    expect((await get(`appointments/${visit.id}`, other.token)).status).toBe(200);
    await unlink(child, other.clientId);
    expect((await get(`appointments/${visit.id}`, other.token)).status).toBe(404);
    expect((await get(`appointments/${visit.id}`, parent.token)).status).toBe(200);
  });

  it('can do nothing any more with the same token after the desk ended the link', async () => {
    const { child, parent, linkId } = await family();
    const { clientId } = child;
    const startDateTime = at((day += 1));
    const visit = await booked(parent.token, startDateTime, { clientId });
    const slot = { serviceId, doctorId: here.doctorIds[1], startDateTime: at(day, '12:00') };
    const held = await call('POST', 'holds', parent.token, { ...slot, clientId });
    expect((await unlink(child, linkId)).status).toBe(200);
    const path = `appointments/${visit.id}`;
    const answers = [
      await book(parent.token, at(day, '13:00'), { clientId }),
      await call('POST', 'appointments', parent.token, { ...slot, clientId, holdId: held.data.id }),
      await call('POST', 'appointments', parent.token, { ...slot, holdId: held.data.id }),
      await call('POST', 'holds', parent.token, { ...slot, clientId }),
      await get(path, parent.token),
      await get(`${path}/history`, parent.token),
      await call('PUT', path, parent.token, { notes: 'x' }),
      await call('DELETE', path, parent.token),
    ];
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(8).fill(404));
    expect((await get(`appointments?clientId=${clientId}`, parent.token)).data).toEqual([]);
    expect((await get(`clients/${parent.clientId}/children`, parent.token)).data).toEqual([]);
    expect((await get(path, child.token)).data.status).toBe('CONFIRMED');
  });

  it('loses the right in the booking statement too, if the desk ends the link while they book', async () => {
    const { child, parent } = await family();
    const { clientId } = child;
    // Only the booking statement writes to it, after the service has checked the link.
    const release = await lockTable(app.db, 'client_clinic');
    try {
      const booking = book(parent.token, at((day += 1)), { clientId });
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      expect((await unlink(child, parent.clientId)).status).toBe(200);
      await release();
      expect((await booking).status).toBe(404);
    } finally {
      await release();
    }
    expect((await get(`appointments?clientId=${clientId}`, here.staff)).data).toEqual([]);
  });

  it('gives no access to their own guardians, nor to strangers', async () => {
    const { child, parent } = await family();
    const young = await person('2012-01-01');
    expect((await link(child, young)).status).toBe(201);
    const grandparent = await person();
    expect((await link(young, grandparent)).status).toBe(201);
    const stranger = await person();
    const visit = await booked(parent.token, at((day += 1)), { clientId: child.clientId });
    for (const { token } of [grandparent, stranger]) {
      expect((await get(`appointments/${visit.id}`, token)).status).toBe(404);
      expect((await book(token, at(day, '15:00'), { clientId: child.clientId })).status).toBe(404);
    }
    // Nor in the other direction.
    expect((await book(child.token, at(day, '15:00'), { clientId: parent.clientId })).status).toBe(404);
  });

  it.each(['child', 'parent'] as const)('has no access after the account of the %s was closed', async (who) => {
    const members = await family();
    const { child, parent } = members;
    const visit = await booked(parent.token, at((day += 1)), { clientId: child.clientId });
    await app.db.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [members[who].userId]);
    expect((await get(`appointments/${visit.id}`, parent.token)).status).toBe(404);
    expect((await book(parent.token, at(day, '15:00'), { clientId: child.clientId })).status).toBe(404);
  });

  it.each(['child', 'parent'] as const)('is forgotten when the %s is erased', async (who) => {
    const members = await family();
    await app.app.get(ErasureService, { strict: false }).erase(members[who].userId, null, new Date());
    const { rowCount } = await app.db.query('SELECT FROM guardian WHERE client_id = $1', [members.child.clientId]);
    expect(rowCount).toBe(0);
  });
});

describe('the child’s 18th birthday', () => {
  it('ends the link at midnight of the clinic’s time zone, with the same token', async () => {
    // The day after tomorrow in UTC: tomorrow may have begun in Cairo.
    const birthday = at(2).slice(0, 10);
    const { child, parent } = await family(`${Number(birthday.slice(0, 4)) - 18}${birthday.slice(4)}`);
    const { clientId } = child;
    const visit = await booked(parent.token, at((day += 1)), { clientId });
    const midnight = Date.parse(
      (await app.db.query(`SELECT ($1::date::timestamp AT TIME ZONE $2) AS at`, [birthday, CAIRO])).rows[0].at,
    );
    clock.set(new Date(midnight - 1).toISOString());
    expect((await get(`appointments/${visit.id}`, parent.token)).status).toBe(200);
    const last = await booked(parent.token, at(day, '16:00'), { clientId });
    clock.set(new Date(midnight).toISOString());
    expect((await get(`appointments/${visit.id}`, parent.token)).status).toBe(404);
    expect((await call('DELETE', `appointments/${last.id}`, parent.token)).status).toBe(404);
    expect((await book(parent.token, at(day, '18:00'), { clientId })).status).toBe(404);
    expect((await get(`clients/${parent.clientId}/children`, parent.token)).data).toEqual([]);
    expect((await get(`clients/${clientId}/guardians`, here.staff)).data).toEqual([]);
    expect((await get(`appointments/${visit.id}`, child.token)).status).toBe(200);
  });

  it('follows a corrected date of birth at once', async () => {
    const { child, parent } = await family();
    const visit = await booked(parent.token, at((day += 1)), { clientId: child.clientId });
    await call('PUT', `clients/${child.clientId}`, here.staff, { dateOfBirth: '1990-01-01' });
    expect((await get(`appointments/${visit.id}`, parent.token)).status).toBe(404);
  });
});

describe('a merge of records', () => {
  const merge = (stays: TestPatient, duplicate: TestPatient): Promise<unknown> =>
    app.app.get(ClientMergeService).merge(stays.clientId, duplicate.clientId);
  const listChildren = async ({ clientId, token }: TestPatient): Promise<string[]> =>
    (await get(`clients/${clientId}/children`, token)).data.map((child: { clientId: string }) => child.clientId);

  it('moves the links of a child and of a parent, and its end moves them back', async () => {
    const { child, parent } = await family();
    const [sameChild, sameParent] = [await person(BORN), await person()];
    await merge(sameChild, child);
    expect(await listChildren(parent)).toEqual([sameChild.clientId]);
    await merge(sameParent, parent);
    expect(await listChildren(sameParent)).toEqual([sameChild.clientId]);
    for (const { clientId } of [sameParent, sameChild])
      expect((await call('POST', `clients/${clientId}/unmerge`, here.staff, {})).status).toBe(200);
    expect(await listChildren(sameParent)).toEqual([]);
    expect((await get(`clients/${child.clientId}/guardians`, here.staff)).data).toHaveLength(1);
  });

  it('keeps one link if both records have it, and none of a patient to themselves', async () => {
    const { child, parent } = await family();
    const [sameChild, sameParent] = [await person(BORN), await person()];
    await link(sameChild, parent);
    await merge(sameChild, child);
    expect(await listChildren(parent)).toEqual([sameChild.clientId]);
    await link(sameChild, sameParent);
    await merge(sameChild, sameParent);
    expect((await get(`clients/${sameChild.clientId}/guardians`, here.staff)).data).toHaveLength(1);
  });

  it('does not give a right back that the desk ended, neither by an undo nor by the merge itself', async () => {
    const { child, parent } = await family();
    const [sameChild, sameParent] = [await person(BORN), await person()];
    await link(sameChild, parent);
    await link(sameChild, sameParent);
    await merge(sameChild, child);
    await merge(sameParent, parent);
    expect((await unlink(sameChild, sameParent.clientId)).status).toBe(200);
    for (const { clientId } of [sameParent, sameChild])
      expect((await call('POST', `clients/${clientId}/unmerge`, here.staff, {})).status).toBe(200);
    for (const { clientId } of [child, sameChild])
      expect((await get(`clients/${clientId}/guardians`, here.staff)).data).toEqual([]);

    const [first, second, guardian] = [await person(BORN), await person(BORN), await person()];
    for (const record of [first, second]) await link(record, guardian);
    expect((await unlink(first, guardian.clientId)).status).toBe(200);
    await merge(first, second);
    expect(await listChildren(guardian)).toEqual([]);
  });
});

describe('messages and events', () => {
  /** Waits for a mail. @returns its text */
  const mailTo = ({ userId }: TestPatient, subject: RegExp): Promise<string> =>
    eventually(() => {
      const found = smtp.mails.find(
        ({ to, mail }) => to.includes(`${userId}@patients.test`) && subject.test(mail.subject ?? ''),
      );
      if (!found) throw new Error(`no mail ${String(subject)}`);
      return Promise.resolve(found.mail.text ?? '');
    });
  const cancelLink = (text: string): string =>
    new URL(/http\S+\/links\/\S+(?=\s*$)/m.exec(text.slice(text.indexOf('Cancel the appointment')))?.[0] ?? '')
      .pathname;

  it('reach the guardian and the child, each with a link of their own', async () => {
    const { child, parent } = await family();
    await app.db.query(`UPDATE user_account SET first_name = 'Omar', last_name = 'Hassan' WHERE id = $1`, [
      child.userId,
    ]);
    const visit = await booked(here.staff, at((day += 1)), { clientId: child.clientId });
    const [toParent, toChild] = [await mailTo(parent, /booked/), await mailTo(child, /booked/)];
    expect(toParent).toMatch(/Patient:\s+\S*Omar Hassan/);
    expect(toChild).not.toContain('Patient:');
    await eventually(async () => {
      const { data } = await get('notifications', parent.token);
      expect(data.map(({ body }: { body: string }) => body).join()).toContain('Omar Hassan');
    });
    expect((await app.call('POST', cancelLink(toParent))).status).toBe(200);
    expect((await get(`appointments/${visit.id}`, child.token)).data.status).toBe('CANCELLED');
    const { data: history } = await get(`appointments/${visit.id}/history`, here.staff);
    expect(history.find(({ action }: { action: string }) => action === 'appointment.cancelled').actor.id).toBe(
      parent.userId,
    );
  });

  it('have links that end with the guardian’s right', async () => {
    const { child, parent } = await family();
    const visit = await booked(here.staff, at((day += 1)), { clientId: child.clientId });
    const path = cancelLink(await mailTo(parent, /booked/));
    await unlink(child, parent.clientId);
    expect((await app.call('POST', path)).status).toBe(410);
    expect((await get(`appointments/${visit.id}`, here.staff)).data.status).toBe('CONFIRMED');
  });

  it('are not sent to a guardian whose child has grown up', async () => {
    const { child, parent } = await family();
    await call('PUT', `clients/${child.clientId}`, here.staff, { dateOfBirth: '1990-01-01' });
    const visit = await booked(here.staff, at((day += 1)), { clientId: child.clientId });
    await mailTo(child, /booked/);
    await eventually(async () => {
      const { rows } = await app.db.query(
        `SELECT DISTINCT state, reason FROM notification WHERE appointment_id = $1 AND user_id = $2`,
        [visit.id, parent.userId],
      );
      expect(rows).toEqual([{ state: 'SKIPPED', reason: 'NOT_RECIPIENT' }]);
    });
    expect((await get('notifications', parent.token)).data).toEqual([]);
  });

  it('reach the guardian’s open socket, without staff notes, until the desk ends the link', async () => {
    const { child, parent } = await family();
    await allPublished(app);
    const client = await SocketClient.connected(app.url, parent.token);
    const created = (): { id: string; staffNotes?: string }[] =>
      client.seen.filter(({ event }) => event === 'appointment:created').map(({ data }) => data);
    try {
      const seen = await booked(here.staff, at((day += 1)), { clientId: child.clientId, staffNotes: 'secret' });
      await client.waitUntil('the child’s visit', () => created().length === 1);
      expect(created()[0]?.id).toBe(seen.id);
      expect(JSON.stringify(client.seen)).not.toContain('secret');
      await unlink(child, parent.clientId);
      await booked(here.staff, at(day, '11:00'), { clientId: child.clientId });
      const own = await booked(parent.token, at(day, '13:00'));
      await client.waitUntil('the own visit', () => created().some(({ id }) => id === own.id));
      expect(created().map(({ id }) => id)).toEqual([seen.id, own.id]);
    } finally {
      client.close();
    }
  });
});
