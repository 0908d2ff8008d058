import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import ICAL from 'ical.js';
import { sync as nodeIcal } from 'node-ical';
import { newId } from '../../src/core/kernel/id.js';
import { ClientMergeService } from '../../src/modules/clients/index.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { linkGuardian } from '../support/guardians.js';
import { countStatements } from '../support/statements.js';

/** Attempts to break calendar files and feeds, and to read in them what is somebody else’s. */

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
/** Each test has days of its own. */
let day = 2;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { doctors: 2, policy: { maxUpcomingPerClient: 200, horizonDays: 365 } });
  serviceId = await aService(app, clinic);
});

afterAll(() => app.close());

beforeEach(() => {
  day += 3;
});

const call = (method: string, path: string, token?: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });

async function book(who: TestPatient, fields: object = {}): Promise<Answer['data']> {
  const slot = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(day), ...fields };
  const { status, data, body } = await call('POST', 'appointments', who.token, slot);
  if (status !== 201) throw new Error(JSON.stringify(body));
  return data;
}

async function linkOf(token: string, body: object = {}): Promise<string> {
  const { status, data, body: answer } = await call('POST', 'calendars', token, body);
  if (status !== 201) throw new Error(JSON.stringify(answer));
  return new URL(data.url as string).pathname;
}

const read = (link: string, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call('GET', link, { headers });

/** The account of a doctor of the clinic who can sign in. */
async function createDoctor(
  place = clinic,
  doctorId = place.doctorIds[0] as string,
): Promise<{ userId: string; token: string }> {
  const userId = newId();
  await app.db.query(
    `INSERT INTO user_account (id, role, first_name, last_name) VALUES ($1, 'DOCTOR', 'Doc', 'No 1')`,
    [userId],
  );
  await app.db.query('INSERT INTO user_clinic (user_id, clinic_id) VALUES ($1, $2)', [userId, place.id]);
  await app.db.query('UPDATE doctor SET user_id = $1 WHERE id = $2', [userId, doctorId]);
  return { userId, token: app.tokenFor({ userId, role: 'DOCTOR', doctorId, clinicIds: [place.id] }) };
}

interface Entry {
  uid: string;
  summary: string;
  location: string;
  status: string;
  sequence: number;
}

/** The entries, as ical.js reads them. node-ical must read the same texts. */
function parse(text: string): Entry[] {
  const components = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent');
  const entries = components.map((component) => {
    const { uid, summary, location, sequence } = new ICAL.Event(component);
    return { uid, summary, location, sequence, status: String(component.getFirstPropertyValue('status')) };
  });
  const others = nodeIcal.parseICS(text);
  for (const { uid, summary, location } of entries) expect(others[uid]).toMatchObject({ summary, location });
  return entries;
}

const entryOf = async (link: string, id: string): Promise<Entry | undefined> =>
  parse((await read(link)).body as string).find(({ uid }) => uid.includes(id));

describe('names in a calendar', () => {
  it.each([
    ['line breaks and properties', 'Amal\r\nATTENDEE:mailto:evil@x.example', 'END:VEVENT\nBEGIN:VALARM'],
    ['a family of emoji and flags', '👩‍👩‍👧‍👦'.repeat(10), '🇪🇬🇮🇳'.repeat(10)],
    ['Arabic with marks and overrides', 'مُحَمَّد\u202eevil'.repeat(4), '\u2067عبد\u2069 الرحمن'],
    ['Hindi', 'क्षत्रिय'.repeat(6), 'श्री'],
    ['separators and quotes', 'A;B,C\\"D"\\', 'E:F;G="H"'],
    ['tabs and controls', 'A\tB\u0007C\u0085D', '\u2028E\u2029'],
  ])('with %s stay in one entry of the same text for every reader', async (_, firstName, lastName) => {
    const patient = await app.patient();
    const { id } = await book(patient);
    await app.db.query('UPDATE user_account SET first_name = $2, last_name = $3 WHERE id = $1', [
      ...[patient.userId, firstName, lastName],
    ]);
    const { token } = await createDoctor();
    const text = (await read(await linkOf(token, { detail: 'FULL' }))).body as string;
    expect(text).not.toMatch(/^(ATTENDEE|BEGIN:VALARM|TZID)/m);
    expect(text.match(/^BEGIN:VEVENT/gm)?.length).toBe(text.match(/^END:VEVENT/gm)?.length);
    for (const line of text.split('\r\n')) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      // No character is cut in two, and no line ends in the middle of the file.
      expect(line).not.toMatch(/\ufffd|[\r\n]/);
    }
    const entry = parse(text).find(({ uid }) => uid.includes(id as string));
    expect(entry?.summary).toMatch(/^Visit: .+, Test clinic$/);
    expect(entry?.summary).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
  });
});

describe('the ETag of a feed', () => {
  it('is compared as HTTP says: weakly, in lists, and with *', async () => {
    const patient = await app.patient();
    await book(patient);
    const link = await linkOf(patient.token);
    const first = await read(link);
    const etag = first.headers.get('etag') as string;
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, `"a","b",W/${etag}`, '*'])
      expect([value, (await read(link, { 'if-none-match': value })).status]).toEqual([value, 304]);
    for (const value of ['"other"', etag.slice(1, -1), '', 'W/"other"', etag.toUpperCase()])
      expect([value, (await read(link, { 'if-none-match': value })).status]).toEqual([value, 200]);
  });

  it('changes with everything that the text shows', async () => {
    const patient = await app.patient();
    const visit = await book(patient);
    const link = await linkOf(patient.token, { detail: 'FULL' });
    const etags = [(await read(link)).headers.get('etag')];
    const steps: (() => Promise<unknown>)[] = [
      () => call('PUT', `appointments/${visit.id}`, patient.token, { startDateTime: at(day, '11:00') }),
      () => call('DELETE', `appointments/${visit.id}`, patient.token),
      () => call('POST', `appointments/${visit.id}/reinstate`, clinic.staff),
      () => app.db.query(`UPDATE clinic SET address = 'Corniche 2' WHERE id = $1`, [clinic.id]),
    ];
    for (const step of steps) {
      await step();
      etags.push((await read(link)).headers.get('etag'));
    }
    expect(new Set(etags).size).toBe(steps.length + 1);
  });
});

describe('a feed', () => {
  it('has a visit that was cancelled and reinstated as confirmed, with a higher SEQUENCE each time', async () => {
    const patient = await app.patient();
    const { id } = await book(patient);
    const link = await linkOf(patient.token);
    const seen = [await entryOf(link, id as string)];
    await call('DELETE', `appointments/${id}`, patient.token);
    seen.push(await entryOf(link, id as string));
    await call('POST', `appointments/${id}/reinstate`, clinic.staff);
    seen.push(await entryOf(link, id as string));
    expect(seen).toMatchObject([
      { status: 'CONFIRMED', sequence: 0 },
      { status: 'CANCELLED', sequence: 1 },
      { status: 'CONFIRMED', sequence: 2 },
    ]);
    expect(new Set(seen.map((entry) => entry?.uid)).size).toBe(1);
  });

  it('of a participant of a session has only their own seat', async () => {
    const session = await aService(app, clinic, { capacity: 5 });
    const [first, second] = (await app.patients(2)) as [TestPatient, TestPatient];
    await app.db.query(`UPDATE user_account SET first_name = 'Zubaida' WHERE id = $1`, [second.userId]);
    const own = await book(first, { serviceId: session });
    await book(second, { serviceId: session });
    const text = (await read(await linkOf(first.token, { detail: 'FULL' }))).body as string;
    expect(parse(text).map(({ uid }) => uid)).toEqual([`appointment-${own.id}@careslot`]);
    expect(text).not.toContain('Zubaida');
  });

  it('of a doctor loses a visit that moves to another doctor, who gets it', async () => {
    const patient = await app.patient();
    const { id } = await book(patient);
    const [from, to] = [await createDoctor(), await createDoctor(clinic, clinic.doctorIds[1])];
    const links = [await linkOf(from.token), await linkOf(to.token)] as const;
    await call('PUT', `appointments/${id}`, clinic.staff, { doctorId: clinic.doctorIds[1] });
    expect(await entryOf(links[0], id as string)).toBeUndefined();
    expect(await entryOf(links[1], id as string)).toMatchObject({ sequence: 1 });
  });

  it('shows an erased patient without their name', async () => {
    const patient = await app.patient();
    await app.db.query(`UPDATE user_account SET first_name = 'Rabia', last_name = 'Khalidi' WHERE id = $1`, [
      patient.userId,
    ]);
    const { id } = await book(patient);
    const { token } = await createDoctor();
    const [full, own] = [await linkOf(token, { detail: 'FULL' }), await linkOf(patient.token)];
    expect((await entryOf(full, id as string))?.summary).toContain('Rabia Khalidi');
    await app.db.query('UPDATE session SET proven_at = now() WHERE user_id = $1', [patient.userId]);
    expect((await call('POST', `users/${patient.userId}/erase`, patient.token, {})).status).toBe(200);
    expect((await read(full)).body).not.toMatch(/Rabia|Khalidi/);
    expect((await entryOf(full, id as string))?.status).toBe('CANCELLED');
    expect((await read(own)).status).toBe(404);
  });

  it('of a record that stays after a merge has the visits of both; that of the other account is closed', async () => {
    const [stays, duplicate] = (await app.patients(2)) as [TestPatient, TestPatient];
    const [first, second] = [await book(stays), await book(duplicate, { startDateTime: at(day, '15:00') })];
    const links = [await linkOf(stays.token), await linkOf(duplicate.token)] as const;
    await app.app.get(ClientMergeService).merge(stays.clientId, duplicate.clientId);
    const answers = [await read(links[0]), await read(links[1])] as const;
    expect(answers.map(({ status }) => status)).toEqual([200, 404]);
    const uids = parse(answers[0].body as string).map(({ uid }) => uid);
    expect(uids).toEqual([first, second].map(({ id }) => `appointment-${id}@careslot`));
    expect((await entryOf(links[0], second.id as string))?.sequence).toBe(1);
  });

  it('of a doctor whom a manager removes from the clinic stops at once', async () => {
    const place = await openClinic(app);
    const { userId, token } = await createDoctor(place);
    const link = await linkOf(token);
    expect((await read(link)).status).toBe(200);
    expect((await call('DELETE', `users/${userId}/clinics/${place.id}`, place.manager)).status).toBe(200);
    expect((await read(link)).status).toBe(404);
  });

  it('that is revoked while it is read is complete or unknown, and unknown afterwards', async () => {
    const patient = await app.patient();
    const { id } = await book(patient);
    const link = await linkOf(patient.token);
    const [feed] = (await call('GET', 'calendars', patient.token)).data as { id: string }[];
    const reads = Array.from({ length: 10 }, () => read(link));
    // The others go on.
    expect((await Promise.race(reads)).status).toBe(200);
    const revoked = call('DELETE', `calendars/${feed?.id}`, patient.token);
    const later = Array.from({ length: 10 }, () => read(link));
    expect((await revoked).status).toBe(200);
    for (const { status, body } of await Promise.all([...reads, ...later])) {
      expect([200, 404]).toContain(status);
      if (status === 200) expect(body).toContain(`appointment-${id}@careslot`);
    }
    expect((await read(link)).status).toBe(404);
  });

  it('is found only by its exact secret', async () => {
    const patient = await app.patient();
    const link = await linkOf(patient.token);
    const secret = link.slice(link.lastIndexOf('/') + 1, -'.ics'.length);
    const base = '/api/v1/calendars';
    const wrong = [
      `${base}/${secret.slice(0, -1)}.ics`,
      `${base}/${secret}A.ics`,
      `${base}/${secret.toUpperCase()}.ics`,
      `${base}/${secret}.ics.ics`,
      `${base}/${'A'.repeat(5_000)}.ics`,
      `${base}/${'A'.repeat(43)}.ics`,
    ];
    for (const path of wrong) expect([path.slice(0, 80), (await read(path)).status]).toEqual([path.slice(0, 80), 404]);
    expect((await read(link)).status).toBe(200);
  });

  it('takes as many statements with fifty visits as with one', async () => {
    const statements = countStatements(app);
    const count = async (link: string): Promise<number> => {
      const before = statements();
      expect((await read(link)).status).toBe(200);
      return statements() - before;
    };
    const [few, many] = (await app.patients(2)) as [TestPatient, TestPatient];
    await book(few);
    for (let index = 0; index < 50; index += 1) {
      const startDateTime = new Date(Date.parse(at(day + 1, '00:00')) + index * 30 * 60_000).toISOString();
      await book(many, { startDateTime });
    }
    const links = [await linkOf(few.token), await linkOf(many.token)] as const;
    expect(await count(links[1])).toBe(await count(links[0]));
    expect(parse((await read(links[1])).body as string)).toHaveLength(50);
  });
});

describe('a guardian', () => {
  it('gets the calendar file of the child’s visit until the right ends, and never in their own feed', async () => {
    const [child, parent] = (await app.patients(2)) as [TestPatient, TestPatient];
    await linkGuardian(app, clinic, child, parent);
    const guardians = `clients/${child.clientId}/guardians`;
    const { id } = await book(child);
    const link = await linkOf(parent.token);
    const path = `appointments/${id}/calendar.ics`;
    const file = await call('GET', path, parent.token);
    expect(file.status).toBe(200);
    expect(parse(file.body as string)).toMatchObject([{ uid: `appointment-${id}@careslot` }]);
    expect(parse((await read(link)).body as string)).toEqual([]);
    await call('DELETE', `${guardians}/${parent.clientId}`, clinic.staff);
    expect((await call('GET', path, parent.token)).status).toBe(404);
  });
});
