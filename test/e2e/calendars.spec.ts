import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import ICAL from 'ical.js';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { SettableClock } from '../support/settable-clock.js';

/** The clock of the test moves by days. */
const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000', JWT_EXPIRES_IN: '24h' };

let app: TestApp;
const clock = new SettableClock();
const START = new Date(clock.now()).toISOString();
let clinic: TestClinic;
let serviceId: string;
let patient: TestPatient;
let other: TestPatient;
let doctor: { userId: string; token: string };
let day = 2;

beforeAll(async () => {
  app = await TestApp.start(ENV, undefined, clock);
  clinic = await openClinic(app, { doctors: 2, policy: { maxUpcomingPerClient: 100, horizonDays: 365 } });
  serviceId = await aService(app, clinic, { name: 'Removal of a tattoo' });
  [patient, other] = (await app.patients(2)) as [TestPatient, TestPatient];
  await app.db.query(`UPDATE user_account SET first_name = 'Zubaida', last_name = 'Qasim' WHERE id = $1`, [
    patient.userId,
  ]);
  doctor = await createDoctorAccount(clinic.doctorIds[0] as string);
});

afterEach(() => clock.set(START));

afterAll(() => app.close());

async function createDoctorAccount(doctorId: string, clinicId = clinic.id): Promise<{ userId: string; token: string }> {
  const userId = await createAccount(app, 'DOCTOR', { clinicIds: [clinicId] });
  await app.db.query('UPDATE doctor SET user_id = $1 WHERE id = $2', [userId, doctorId]);
  return { userId, token: app.tokenFor({ userId, role: 'DOCTOR', doctorId, clinicIds: [clinicId] }) };
}

/** Books an appointment on a day of its own. */
async function book(who: TestPatient = patient, fields: object = {}): Promise<any> {
  const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at((day += 1)), ...fields };
  const answer = await app.call('POST', '/api/v1/appointments', { token: who.token, body });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.data;
}

const ics = (id: string, token?: string, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call('GET', `/api/v1/appointments/${id}/calendar.ics`, { token, headers });

interface Entry {
  uid: string;
  summary: string;
  status: string;
  sequence: number;
  start: string;
  end: string;
}

/** The method and the entries of a calendar, as ical.js reads them. */
function parse(text: string): { method: string; entries: Entry[] } {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const entries = calendar.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      summary: event.summary,
      status: String(component.getFirstPropertyValue('status')),
      sequence: event.sequence,
      start: event.startDate.toJSDate().toISOString(),
      end: event.endDate.toJSDate().toISOString(),
    };
  });
  return { method: String(calendar.getFirstPropertyValue('method')), entries };
}

describe('the calendar file of an appointment', () => {
  it('adds it, has the same UID and a higher SEQUENCE after a move, and removes it after a cancellation', async () => {
    const { id, startDateTime, endDateTime } = await book();
    const first = await ics(id, patient.token);
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'text/calendar; charset=utf-8']);
    expect(first.headers.get('cache-control')).toContain('private');
    const added = parse(first.body);
    expect(added).toMatchObject({
      method: 'PUBLISH',
      entries: [{ start: startDateTime, end: endDateTime, status: 'CONFIRMED', sequence: 0 }],
    });
    const path = `/api/v1/appointments/${id}`;
    const moved = await app.call('PUT', path, { token: patient.token, body: { startDateTime: at((day += 1)) } });
    const second = parse((await ics(id, patient.token)).body);
    expect(second.entries).toMatchObject([
      { uid: added.entries[0]?.uid, start: moved.data.startDateTime, sequence: 1, status: 'CONFIRMED' },
    ]);
    await app.call('DELETE', path, { token: patient.token });
    expect(parse((await ics(id, patient.token)).body)).toMatchObject({
      method: 'CANCEL',
      entries: [{ uid: added.entries[0]?.uid, sequence: 2, status: 'CANCELLED' }],
    });
  });

  it('has neither the service nor notes, and shows the doctor only initials', async () => {
    const { id } = await book(patient, { notes: 'I am afraid of needles' });
    const texts = await Promise.all([patient.token, doctor.token, clinic.staff].map((token) => ics(id, token)));
    for (const { body } of texts) expect(body).not.toMatch(/tattoo|needles|Zubaida|Qasim/);
    expect(texts.map(({ body }) => parse(body).entries[0]?.summary)).toEqual([
      'Appointment with Doc No 1, Test clinic',
      'Visit: Z. Q., Test clinic',
      'Appointment with Doc No 1, Test clinic',
    ]);
  });

  it('is in the language of its reader', async () => {
    const { id } = await book();
    await app.db.query(`UPDATE user_account SET locale = 'ar-EG' WHERE id = $1`, [patient.userId]);
    const { entries } = parse((await ics(id, patient.token)).body);
    await app.db.query(`UPDATE user_account SET locale = 'en' WHERE id = $1`, [patient.userId]);
    expect(entries[0]?.summary).toBe('موعد مع Doc No 1، Test clinic');
  });

  it('is not sent again to a client that has it', async () => {
    const { id } = await book();
    const { headers } = await ics(id, patient.token);
    const etag = headers.get('etag') as string;
    const again = await ics(id, patient.token, { 'if-none-match': etag });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, '', etag]);
    await app.call('POST', `/api/v1/appointments/${id}/check-in`, { token: clinic.staff });
    await app.call('PUT', `/api/v1/appointments/${id}`, {
      token: patient.token,
      body: { startDateTime: at((day += 1)) },
    });
    expect((await ics(id, patient.token, { 'if-none-match': etag })).status).toBe(200);
  });

  it('is unknown to others, and its reads by the clinic are in the audit log', async () => {
    const { id } = await book();
    for (const token of [other.token, (await openClinic(app)).staff]) expect((await ics(id, token)).status).toBe(404);
    expect((await ics(id)).status).toBe(401);
    await ics(id, clinic.staff);
    const { rows } = await app.db.query(
      `SELECT changes FROM audit_log WHERE object_id = $1 AND action = 'appointment.read'`,
      [id],
    );
    expect(rows).toEqual([{ changes: { clientIds: [patient.clientId] } }]);
  });
});

const PATH = '/api/v1/calendars';
const DAY = 86_400_000;

const createFeed = (token: string, body: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call('POST', PATH, { token, body, headers });

/** The path of the secret link of a new feed. */
async function createLink(token: string, body: object = {}): Promise<string> {
  const answer = await createFeed(token, body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return new URL(answer.data.url).pathname;
}

const read = (link: string, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call('GET', link, { headers });

/** The entries of the given appointments in a feed. */
async function readEntries(link: string, ...ids: string[]): Promise<(Entry | undefined)[]> {
  const { entries } = parse((await read(link)).body);
  return ids.map((id) => entries.find(({ uid }) => uid.includes(id)));
}

describe('the link of a feed', () => {
  it('is shown once, and only its hash is stored', async () => {
    const made = await createFeed(patient.token);
    expect(made.data).toMatchObject({ doctorId: null, detail: 'LIMITED', makerId: patient.userId });
    const secret = /\/api\/v1\/calendars\/([\w-]{43})\.ics$/.exec(made.data.url)?.[1] as string;
    const listed = await app.call('GET', PATH, { token: patient.token });
    expect(listed.data[0]).toEqual({ ...made.data, url: null });
    const stored = await app.db.query(
      'SELECT f::text AS row FROM calendar_feed f UNION ALL SELECT a::text FROM audit_log a',
    );
    expect(JSON.stringify(stored.rows)).not.toContain(secret);
    expect((await read(new URL(made.data.url).pathname)).status).toBe(200);
  });

  it('is made once for each Idempotency-Key, and not shown again', async () => {
    const key = { 'idempotency-key': 'one-feed' };
    const [first, second] = [await createFeed(patient.token, {}, key), await createFeed(patient.token, {}, key)];
    expect([second.status, second.data]).toEqual([201, { ...first.data, url: null }]);
  });

  it('does not depend on the Host header of the request', async () => {
    const { data } = await createFeed(patient.token, {}, { 'x-forwarded-host': 'evil.example' });
    expect(data.url).not.toContain('evil.example');
  });

  it('stops working when it is revoked, and 20 parallel revocations succeed once', async () => {
    const { data } = await createFeed(patient.token);
    const link = new URL(data.url).pathname;
    const revoke = (token: string): Promise<Answer> => app.call('DELETE', `${PATH}/${data.id}`, { token });
    for (const token of [other.token, clinic.staff, clinic.admin, doctor.token]) {
      expect((await revoke(token)).status).toBe(404);
    }
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => revoke(patient.token)))).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([200, ...Array.from({ length: 19 }, () => 404)]);
    const [gone, unknown] = [await read(link), await read(`${PATH}/${'A'.repeat(43)}.ics`)];
    const plain = ({ status, body }: Answer): unknown => [status, { ...body, timestamp: '', requestId: '' }];
    expect(plain(gone)).toEqual(plain(unknown));
    expect(gone.status).toBe(404);
  });

  it('is limited for each feed', async () => {
    const [link, another] = [await createLink(patient.token), await createLink(patient.token)];
    const statuses: number[] = [];
    // The process counts on its own while Redis is slow, so up to twice the limit may pass.
    while (statuses.length <= 120 && statuses.at(-1) !== 429) statuses.push((await read(link)).status);
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.indexOf(429)).toBeGreaterThanOrEqual(60);
    expect((await read(another)).status).toBe(200);
  });

  it('of the front desk needs a doctor of its clinic, and never has names', async () => {
    const [doctorId] = clinic.doctorIds;
    const missing = await createFeed(clinic.staff);
    expect([missing.status, missing.body.error.details[0].field]).toEqual([400, 'doctorId']);
    expect((await createFeed(clinic.staff, { doctorId, detail: 'FULL' })).status).toBe(403);
    expect((await createFeed((await openClinic(app)).staff, { doctorId })).status).toBe(404);
    expect((await createFeed(doctor.token, { doctorId: clinic.doctorIds[1] })).status).toBe(404);
    expect((await createFeed(patient.token, { doctorId })).status).toBe(404);
    const { data } = await createFeed(clinic.staff, { doctorId });
    const listed = await app.call('GET', PATH, { token: doctor.token });
    expect(listed.data.map(({ id }: { id: string }) => id)).toContain(data.id);
    expect((await app.call('DELETE', `${PATH}/${data.id}`, { token: doctor.token })).status).toBe(200);
  });
});

describe('the feed of a patient', () => {
  it('has their visits with doctor, clinic and place, and nothing clinical', async () => {
    const link = await createLink(patient.token);
    const mine = await book(patient, { notes: 'needles' });
    const theirs = await book(other);
    const feed = await read(link);
    expect(feed.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(feed.headers.get('cache-control')).toBe('private, no-cache');
    expect(feed.body).toContain('X-WR-CALNAME:CareSlot appointments\r\n');
    expect(feed.body).not.toMatch(/tattoo|needles|Zubaida|ATTENDEE|TZID/);
    expect(feed.body).not.toContain(theirs.id);
    const [entry] = await readEntries(link, mine.id);
    expect(entry).toEqual({
      uid: `appointment-${mine.id}@careslot`,
      ...{ summary: 'Appointment with Doc No 1, Test clinic', status: 'CONFIRMED', sequence: 0 },
      ...{ start: mine.startDateTime, end: mine.endDateTime },
    });
  });

  it('also has the service if the patient asks for it', async () => {
    const { id } = await book();
    const link = await createLink(patient.token, { detail: 'FULL' });
    expect(await readEntries(link, id)).toMatchObject([{ status: 'CONFIRMED' }]);
    expect((await read(link)).body).toContain('Removal of a tattoo');
  });

  it('shows moves and cancellations under the same UID with a higher SEQUENCE', async () => {
    const link = await createLink(patient.token);
    const { id } = await book();
    const path = `/api/v1/appointments/${id}`;
    const moved = await app.call('PUT', path, { token: patient.token, body: { startDateTime: at((day += 1)) } });
    expect(await readEntries(link, id)).toMatchObject([{ start: moved.data.startDateTime, sequence: 1 }]);
    await app.call('DELETE', path, { token: patient.token });
    expect(await readEntries(link, id)).toMatchObject([{ status: 'CANCELLED', sequence: 2 }]);
  });

  it('is not sent again before an appointment changes', async () => {
    const link = await createLink(patient.token);
    const etag = (await read(link)).headers.get('etag') as string;
    const same = await read(link, { 'if-none-match': etag });
    expect([same.status, same.body]).toEqual([304, '']);
    expect((await fetch(app.url + link, { method: 'HEAD' })).headers.get('etag')).toBe(etag);
    await book();
    expect((await read(link, { 'if-none-match': etag })).status).toBe(200);
  });

  it('ends with the account', async () => {
    const leaver = await app.patient();
    const link = await createLink(leaver.token);
    expect((await read(link)).status).toBe(200);
    await app.db.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [leaver.userId]);
    expect((await read(link)).status).toBe(404);
  });
});

describe('the feed of a doctor', () => {
  it('shows patients by initials, and by name only if the doctor asks for it', async () => {
    const { id } = await book();
    const byDesk = await createLink(clinic.staff, { doctorId: clinic.doctorIds[0] });
    const [own, full] = [await createLink(doctor.token), await createLink(doctor.token, { detail: 'FULL' })];
    for (const link of [byDesk, own]) {
      expect(await readEntries(link, id)).toMatchObject([{ summary: 'Visit: Z. Q., Test clinic' }]);
      expect((await read(link)).body).not.toMatch(/Zubaida|tattoo/);
    }
    expect(await readEntries(full, id)).toMatchObject([{ summary: 'Visit: Zubaida Qasim, Test clinic' }]);
    expect((await read(full)).body).toContain('tattoo');
  });

  it('has only the visits with this doctor, and each read is in the audit log', async () => {
    const link = await createLink(doctor.token);
    const { id } = await book(patient, { doctorId: clinic.doctorIds[1] });
    expect(await readEntries(link, id)).toEqual([undefined]);
    const { rows } = await app.db.query(
      `SELECT actor_user_id AS actor, clinic_id AS clinic, changes FROM audit_log WHERE action = 'calendar_feed.read' ORDER BY id DESC LIMIT 1`,
    );
    expect(rows).toMatchObject([{ actor: doctor.userId, clinic: clinic.id }]);
    expect(rows[0].changes.clientIds).toContain(patient.clientId);
  });

  it.each([
    ['becomes inactive', 'UPDATE doctor SET is_active = $2 WHERE id = $1', [false, true]],
    ['is deleted', `UPDATE doctor SET deleted_at = CASE WHEN $2 THEN now() END WHERE id = $1`, [true, false]],
  ] as const)('stops when the doctor %s, also if the front desk made it', async (_, sql, [left, back]) => {
    const [doctorId] = clinic.doctorIds;
    const links = [await createLink(doctor.token), await createLink(clinic.staff, { doctorId })];
    await app.db.query(sql, [doctorId, left]);
    for (const link of links) expect((await read(link)).status).toBe(404);
    await app.db.query(sql, [doctorId, back]);
    for (const link of links) expect((await read(link)).status).toBe(200);
  });

  it('stops when its maker loses the role', async () => {
    const { userId, token } = await createDoctorAccount(clinic.doctorIds[1] as string);
    const link = await createLink(token);
    expect((await read(link)).status).toBe(200);
    await app.db.query(`UPDATE user_account SET role = 'CLIENT' WHERE id = $1`, [userId]);
    expect((await read(link)).status).toBe(404);
    expect((await app.call('GET', PATH, { token })).data).toEqual([]);
  });

  it('stops when its maker is removed from the clinic', async () => {
    const place = await openClinic(app);
    const { userId, token } = await createDoctorAccount(place.doctorIds[0] as string, place.id);
    const link = await createLink(token);
    expect((await read(link)).status).toBe(200);
    const removed = await app.call('DELETE', `/api/v1/users/${userId}/clinics/${place.id}`, { token: place.manager });
    expect(removed.status).toBe(200);
    expect((await read(link)).status).toBe(404);
  });
});

describe('the link of a video visit', () => {
  const doctorUrl = 'https://video.example/dr';
  const ownUrl = 'https://video.example/once';
  let videoServiceId: string;

  beforeAll(async () => {
    videoServiceId = await aService(app, clinic, { mode: 'VIDEO' });
    const path = `/api/v1/doctors/${clinic.doctorIds[0]}`;
    const { status } = await app.call('PUT', path, { token: clinic.manager, body: { videoUrl: doctorUrl } });
    expect(status).toBe(200);
  });

  const get = async (id: string, token: string): Promise<any> =>
    (await app.call('GET', `/api/v1/appointments/${id}`, { token })).data;
  const change = (id: string, token: string, body: object): Promise<Answer> =>
    app.call('PUT', `/api/v1/appointments/${id}`, { token, body });

  it('is shown to the patient and the doctor, and to the front desk only if it was set for the appointment', async () => {
    const { id } = await book(patient, { serviceId: videoServiceId });
    expect((await get(id, patient.token)).videoUrl).toBe(doctorUrl);
    expect((await get(id, doctor.token)).videoUrl).toBe(doctorUrl);
    expect((await get(id, clinic.staff)).videoUrl).toBeNull();
    const set = await change(id, clinic.staff, { videoUrl: ownUrl });
    expect([set.status, set.data.videoUrl, set.data.version]).toEqual([200, ownUrl, 2]);
    for (const token of [patient.token, doctor.token, clinic.staff])
      expect((await get(id, token)).videoUrl).toBe(ownUrl);
    await change(id, clinic.staff, { videoUrl: null });
    expect((await get(id, patient.token)).videoUrl).toBe(doctorUrl);
  });

  it('is in the calendars of the patient and the doctor, and not in those of the front desk', async () => {
    const { id } = await book(patient, { serviceId: videoServiceId });
    const links = [await createLink(patient.token), await createLink(doctor.token)];
    for (const link of links) expect((await read(link)).body).toContain(doctorUrl);
    const byDesk = await createLink(clinic.staff, { doctorId: clinic.doctorIds[0] });
    expect((await read(byDesk)).body).not.toContain('video.example');
    for (const token of [patient.token, doctor.token])
      expect((await ics(id, token)).body).toContain(`URL;VALUE=URI:${doctorUrl}`);
    expect((await ics(id, clinic.staff)).body).not.toContain('video.example');
  });

  it('is not public, and neither in lists, events, the audit log and the database', async () => {
    const { id } = await book(patient, { serviceId: videoServiceId });
    await change(id, clinic.staff, { videoUrl: ownUrl });
    const paths = ['/api/v1/doctors', `/api/v1/doctors/${clinic.doctorIds[0]}`, '/api/v1/appointments'];
    for (const path of [...paths, `/api/v1/appointments/${id}/history`]) {
      for (const token of [clinic.staff, clinic.manager, other.token]) {
        expect(JSON.stringify((await app.call('GET', path, { token })).body)).not.toContain('video.example');
      }
    }
    for (const table of ['outbox', 'audit_log', 'doctor', 'appointment']) {
      const { rows } = await app.db.query(`SELECT t::text AS row FROM ${table} t`);
      expect(JSON.stringify(rows)).not.toContain('video.example');
    }
  });

  it('is removed when the visit moves to another doctor', async () => {
    const { id } = await book(patient, { serviceId: videoServiceId });
    await change(id, clinic.staff, { videoUrl: ownUrl });
    const moved = await change(id, clinic.staff, { doctorId: clinic.doctorIds[1] });
    expect([moved.status, moved.data.videoUrl]).toEqual([200, null]);
    expect((await get(id, patient.token)).videoUrl).toBeNull();
  });

  it('can be set only by the clinic, with https, and only for video visits', async () => {
    const video = await book(patient, { serviceId: videoServiceId });
    const atClinic = await book();
    expect((await change(video.id, patient.token, { videoUrl: ownUrl })).status).toBe(403);
    for (const videoUrl of [
      'http://video.example/x',
      'javascript:alert(1)',
      'https://me:pw@video.example',
      'video',
      7,
    ]) {
      const { status, body } = await change(video.id, clinic.staff, { videoUrl });
      expect([videoUrl, status, body.error.details[0].field]).toEqual([videoUrl, 400, 'videoUrl']);
    }
    const refused = await change(atClinic.id, clinic.staff, { videoUrl: ownUrl });
    expect([refused.status, refused.body.error.details[0].field]).toEqual([400, 'videoUrl']);
    expect(await get(atClinic.id, patient.token)).not.toHaveProperty('videoUrl');
  });

  it('of a doctor can be read and changed by the doctor and the managers of the clinic, with If-Match', async () => {
    const path = `/api/v1/doctors/${clinic.doctorIds[0]}/video-link`;
    const { data, headers } = await app.call('GET', path, { token: doctor.token });
    expect(data.videoUrl).toBe(doctorUrl);
    const set = (token: string, etag: string): Promise<Answer> =>
      app.call('PUT', path, { token, body: { videoUrl: doctorUrl }, headers: { 'if-match': etag } });
    const etag = headers.get('etag') as string;
    const answers = await Promise.all(Array.from({ length: 5 }, () => set(doctor.token, etag)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412]);
    const [, doctorId] = clinic.doctorIds as [string, string];
    const colleague = app.tokenFor({ userId: newId(), role: 'DOCTOR', doctorId, clinicIds: [clinic.id] });
    for (const token of [colleague, (await openClinic(app)).manager]) {
      expect((await app.call('GET', path, { token })).status).toBe(404);
    }
    expect((await app.call('GET', path, { token: clinic.staff })).status).toBe(403);
    const { version } = (await app.call('GET', path, { token: clinic.manager })).data;
    expect((await set(clinic.manager, `"${version}"`)).status).toBe(200);
  });
});

describe('the window of a feed', () => {
  it('has visits for 30 days, and cancelled ones for 30 days after the cancellation', async () => {
    const link = await createLink(patient.token);
    const past = await book();
    const future = await book(patient, { startDateTime: at(200) });
    const cancelled = await book(patient, { startDateTime: at(201) });
    await app.call('DELETE', `/api/v1/appointments/${cancelled.id}`, { token: patient.token });
    expect(await readEntries(link, past.id, future.id, cancelled.id)).toMatchObject([{}, {}, { status: 'CANCELLED' }]);
    clock.set(new Date(Date.parse(past.startDateTime) + 30 * DAY).toISOString());
    expect(await readEntries(link, past.id, future.id, cancelled.id)).toMatchObject([
      {},
      { status: 'CONFIRMED' },
      undefined,
    ]);
    clock.set(new Date(clock.now() + 1).toISOString());
    expect(await readEntries(link, past.id, future.id)).toMatchObject([undefined, { status: 'CONFIRMED' }]);
  });
});
