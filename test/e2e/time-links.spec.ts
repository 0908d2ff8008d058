import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LinkTokens, type AppointmentLink } from '../../src/modules/notifications/link-tokens.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { linkGuardian } from '../support/guardians.js';
import { countLockWaits, inTransaction } from '../support/locks.js';
import { startsIn } from '../support/visits.js';

/** The links in messages with which patients move an appointment, or book a cancelled one again. */
let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let patient: TestPatient;
let visit: Visit;
let day = 3;

interface Visit {
  id: string;
  startDateTime: string;
  doctorId: string;
  status: string;
  version: number;
}

interface Page {
  status: number;
  text: string;
  /** The times that can be chosen. */
  times: string[];
}

beforeAll(async () => {
  app = await TestApp.start();
  clinic = await openClinic(app, { doctors: 2, hours: { start: '09:00', end: '12:00' } });
  serviceId = await aService(app, clinic);
});

afterAll(() => app.close());

beforeEach(async () => {
  patient = await app.patient();
  visit = await book(patient, at((day += 1)));
});

async function book({ token }: TestPatient, startDateTime: string, fields: object = {}): Promise<Visit> {
  const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime, ...fields };
  const { status, data } = await app.call('POST', '/api/v1/appointments', { token, body });
  expect(status).toBe(201);
  return data;
}

const cancel = (id: string): Promise<unknown> =>
  app.call('DELETE', `/api/v1/appointments/${id}`, { token: clinic.staff });

function pathTo(
  action: AppointmentLink['action'],
  { id, startDateTime }: Visit = visit,
  guardianUserId?: string,
): string {
  const link = { action, appointmentId: id, start: Date.parse(startDateTime), guardianUserId };
  return new URL(app.app.get(LinkTokens).url(link)).pathname;
}

const toPage = (status: number, text: string): Page => ({
  status,
  text,
  times: [...text.matchAll(/name="start" value="([^"]+)"/g)].map(([, value]) => value ?? ''),
});

async function open(path: string): Promise<Page> {
  const answer = await fetch(`${app.url}${path}`);
  return toPage(answer.status, await answer.text());
}

/** Presses the button of the page. */
async function choose(path: string, start?: string): Promise<Page> {
  const body = new URLSearchParams(start === undefined ? {} : { start });
  const answer = await fetch(`${app.url}${path}`, { method: 'POST', body });
  return toPage(answer.status, await answer.text());
}

const read = async (id: string): Promise<Visit> =>
  (await app.call('GET', `/api/v1/appointments/${id}`, { token: patient.token })).data;

const upcoming = async ({ token }: TestPatient): Promise<Visit[]> =>
  (await app.call('GET', '/api/v1/appointments?status=PENDING,CONFIRMED', { token })).data;

/** Sets policies of the service while the work runs. */
async function withPolicy(policy: Record<string, number | boolean>, work: () => Promise<void>): Promise<void> {
  const service = await app.call('GET', `/api/v1/services/${serviceId}`);
  const set = async (value: object): Promise<void> => {
    const answer = await app.call('PUT', `/api/v1/services/${serviceId}`, {
      token: clinic.admin,
      body: { policy: value },
    });
    expect(answer.status).toBe(200);
  };
  await set(policy);
  try {
    await work();
  } finally {
    await set(service.data.policy);
  }
}

describe('a link to move an appointment', () => {
  it('lists the free times of the same doctor, changes nothing when it is opened, and moves the appointment', async () => {
    const path = pathTo('reschedule');
    const page = await open(path);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Choose another time for this appointment');
    expect(page.text).toContain('Doc No 1');
    const listed = await app.call(
      'GET',
      `/api/v1/availability?serviceId=${serviceId}&doctorId=${clinic.doctorIds[0]}&from=${at(0).slice(0, 10)}&to=${at(20).slice(0, 10)}`,
    );
    const starts: string[] = listed.data.map(({ startDateTime }: Visit) => startDateTime);
    expect(page.times.length).toBeGreaterThan(20);
    expect(starts.slice(0, page.times.length)).toEqual(page.times);
    expect((await read(visit.id)).version).toBe(1);

    const [, chosen = ''] = page.times;
    const done = await choose(path, chosen);
    expect(done.status).toBe(200);
    expect(done.text).toContain('The appointment has a new time.');
    expect(await read(visit.id)).toMatchObject({ startDateTime: chosen, status: 'CONFIRMED', version: 2 });
    const history = await app.call('GET', `/api/v1/appointments/${visit.id}/history`, { token: patient.token });
    const moved = history.data.find(({ action }: { action: string }) => action === 'appointment.rescheduled');
    expect(moved).toMatchObject({ via: 'LINK', actor: { id: patient.userId, role: 'CLIENT' } });
    expect((await open(path)).status).toBe(410);
  });

  it('is done once if the button is pressed twice, and both presses get the same page', async () => {
    const path = pathTo('reschedule');
    const [chosen = '', other = ''] = (await open(path)).times;
    const pages = await Promise.all([choose(path, chosen), choose(path, chosen), choose(path, chosen)]);
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(pages.map(({ text }) => text)).size).toBe(1);
    expect(await read(visit.id)).toMatchObject({ startDateTime: chosen, version: 2 });
    expect((await choose(path, other)).status).toBe(410);
    expect(await read(visit.id)).toMatchObject({ startDateTime: chosen, version: 2 });
  });

  it('offers other times if the chosen one was taken meanwhile', async () => {
    const path = pathTo('reschedule');
    const [chosen = ''] = (await open(path)).times;
    await book(await app.patient(), chosen);
    const page = await choose(path, chosen);
    expect(page.status).toBe(409);
    expect(page.text).toContain('This time is not free any more.');
    expect(page.times.length).toBeGreaterThan(20);
    expect(page.times).not.toContain(chosen);
    expect(await read(visit.id)).toMatchObject({ startDateTime: visit.startDateTime, version: 1 });
  });

  it.each([['2026-99-99T09:00:00Z'], ['now'], ['']])('asks again without a time: %s', async (chosen) => {
    const page = await choose(pathTo('reschedule'), chosen);
    expect(page.status).toBe(400);
    expect(page.text).toContain('Please choose one of the times.');
    expect(page.times.length).toBeGreaterThan(20);
  });

  it('refuses times that are not offered: past, outside the hours, off the grid', async () => {
    for (const chosen of [at(-1), at(day, '20:00'), at(day, '09:07'), at(5_000)]) {
      expect((await choose(pathTo('reschedule'), chosen)).status).toBe(409);
    }
    expect((await read(visit.id)).version).toBe(1);
  });

  it('does nothing if the appointment is moved meanwhile', async () => {
    const path = pathTo('reschedule');
    const [chosen = ''] = (await open(path)).times;
    const { status } = await inTransaction(app.db, async (mover) => {
      await mover.query('SELECT FROM appointment WHERE id = $1 FOR NO KEY UPDATE', [visit.id]);
      const answer = choose(path, chosen);
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await mover.query(
        `UPDATE appointment SET start_at = start_at + interval '1 hour', end_at = end_at + interval '1 hour', version = version + 1
         WHERE id = $1`,
        [visit.id],
      );
      await mover.query('COMMIT');
      return answer;
    });
    expect(status).toBe(410);
    expect((await read(visit.id)).startDateTime).not.toBe(chosen);
  });

  it('works until the cut-off for patients', async () => {
    // The other visits that are today are with the first doctor.
    visit = await book(patient, at((day += 1)), { doctorId: clinic.doctorIds[1] });
    await startsIn(app, visit.id, 30);
    visit = await read(visit.id);
    expect((await open(pathTo('reschedule'))).status).toBe(200);
    await withPolicy({ cancellationCutoffMinutes: 60 }, async () => {
      const page = await open(pathTo('reschedule'));
      expect([page.status, page.times]).toEqual([422, []]);
      expect(page.text).toContain('It is too late to change the time here.');
      expect((await choose(pathTo('reschedule'), at(day, '10:00'))).status).toBe(422);
    });
    expect((await read(visit.id)).version).toBe(visit.version);
  });

  it('ends with the appointment: cancelled or started', async () => {
    await cancel(visit.id);
    expect((await open(pathTo('reschedule'))).status).toBe(410);
    const past = await book(patient, at((day += 1)), { doctorId: clinic.doctorIds[1] });
    await startsIn(app, past.id, -10);
    expect((await open(pathTo('reschedule', await read(past.id)))).status).toBe(410);
  });

  it('does not count the visit itself, but the others of a day with a limit', async () => {
    const other = await book(patient, at((day += 1)));
    await withPolicy({ maxPerDayPerClient: 1, maxUpcomingPerClient: 1 }, async () => {
      const path = pathTo('reschedule');
      const days = async (query = ''): Promise<string[]> =>
        (await open(path + query)).times.map((time) => time.slice(0, 10));
      const own = visit.startDateTime.slice(0, 10);
      expect(await days(`?from=${own}`)).toContain(own);
      expect(await days(`?from=${own}`)).not.toContain(other.startDateTime.slice(0, 10));
      expect((await choose(path, at(day, '11:00'))).status).toBe(409);
    });
  });

  it('leads to later days and back, and ignores what it does not know', async () => {
    const path = pathTo('reschedule');
    const first = await open(path);
    const [, escaped = ''] = /href="(\?from[^"]+)"/.exec(first.text) ?? [];
    const query = escaped.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
    const later = await open(path + query);
    expect(later.times[0]?.slice(0, 10)).toBe(query.slice('?from='.length));
    expect(new Set([...first.times, ...later.times]).size).toBe(first.times.length + later.times.length);
    expect(later.text).toContain('Back to the first times');
    const past = await open(`${path}?from=2020-01-01`);
    expect(past.times).toEqual(first.times);
    expect((await open(`${path}?from=tomorrow&utm_source=mail&doctor=any`)).times).toEqual(first.times);
    const none = await open(`${path}?from=2199-01-01`);
    expect(none.text).toContain('There are no free times to choose here.');
    expect(none.text).not.toContain('<button>');
  });

  it('of a guardian ends when the desk ends the link', async () => {
    const [child, parent] = [await app.patient(), await app.patient()];
    await linkGuardian(app, clinic, child, parent);
    const childs = await book(child, at((day += 1)));
    const path = pathTo('reschedule', childs, parent.userId);
    const [chosen = ''] = (await open(path)).times;
    expect((await choose(path, chosen)).status).toBe(200);
    const moved = { ...childs, startDateTime: chosen };
    await app.call('DELETE', `/api/v1/clients/${child.clientId}/guardians/${parent.clientId}`, { token: clinic.staff });
    expect((await open(pathTo('reschedule', moved, parent.userId))).status).toBe(410);
    expect((await choose(path, chosen)).status).toBe(410);
  });

  it('shows names as text, in the language, direction and zone of the patient', async () => {
    await app.db.query(`UPDATE user_account SET locale = 'ar-EG', time_zone = 'Africa/Cairo' WHERE id = $1`, [
      patient.userId,
    ]);
    await app.db.query(`UPDATE doctor SET last_name = '<img src=x>' WHERE id = $1`, [clinic.doctorIds[0]]);
    const { text } = await open(pathTo('reschedule'));
    await app.db.query(`UPDATE doctor SET last_name = 'No 1' WHERE id = $1`, [clinic.doctorIds[0]]);
    expect(text).toContain('<html lang="ar" dir="rtl">');
    expect(text).toContain('&lt;img src&#x3D;x&gt;');
    expect(text).toContain('اختر وقتًا آخر لهذا الموعد');
    // 09:00 UTC.
    expect(text).toMatch(/> (١١|١٢):٠٠ (ص|م)/);
    await app.db.query(`UPDATE user_account SET locale = 'hi' WHERE id = $1`, [patient.userId]);
    expect((await open(pathTo('reschedule'))).text).toContain('इस अपॉइंटमेंट के लिए दूसरा समय चुनें');
  });

  it('is limited for each appointment', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 61; n += 1) statuses.push((await choose(pathTo('reschedule'))).status);
    expect(statuses.slice(0, 60)).toEqual(Array<number>(60).fill(400));
    expect(statuses[60]).toBe(429);
    const other = await book(patient, at((day += 1)));
    expect((await open(pathTo('reschedule', other))).status).toBe(200);
  });
});

describe('a link to book a cancelled appointment again', () => {
  const bookedAgain = async (): Promise<Visit[]> => (await upcoming(patient)).filter(({ id }) => id !== visit.id);

  beforeEach(() => cancel(visit.id));

  it('books the same service with the same doctor at the chosen time, for the patient', async () => {
    const path = pathTo('rebook');
    const page = await open(path);
    expect(page.text).toContain('Choose a time for a new appointment');
    const [chosen = ''] = page.times;
    const done = await choose(path, chosen);
    expect([done.status, done.times]).toEqual([200, []]);
    expect(done.text).toContain('The new appointment is booked.');
    const [booked, ...others] = await bookedAgain();
    expect(others).toEqual([]);
    expect(booked).toMatchObject({
      startDateTime: chosen,
      serviceId,
      doctorId: clinic.doctorIds[0],
      clientId: patient.clientId,
    });
    const history = await app.call('GET', `/api/v1/appointments/${booked?.id}/history`, { token: patient.token });
    expect(history.data).toMatchObject([{ action: 'appointment.booked', via: 'LINK', actor: { id: patient.userId } }]);
    expect((await open(path)).status).toBe(410);
  });

  it('works once: of concurrent uses one books, and the same choice gets the same page', async () => {
    const path = pathTo('rebook');
    const [one = '', two = ''] = (await open(path)).times;
    const pages = await Promise.all([one, two, one, two, one].map((start) => choose(path, start)));
    const [booked, ...others] = await bookedAgain();
    expect(others).toEqual([]);
    const chosen = booked?.startDateTime;
    expect(pages.map(({ status }) => status)).toEqual(
      [one, two, one, two, one].map((start) => (start === chosen ? 200 : 410)),
    );
    expect((await choose(path, chosen)).status).toBe(200);
    expect((await choose(path, at(day, '11:30'))).status).toBe(410);
    expect(await bookedAgain()).toHaveLength(1);
  });

  it('can take any doctor, and then the first is not needed', async () => {
    const path = pathTo('rebook');
    const start = (await open(path)).times[0] ?? '';
    await book(await app.patient(), start);
    expect((await open(path)).times).not.toContain(start);
    expect((await open(`${path}?doctor=any`)).times).toContain(start);
    expect((await choose(path, start)).status).toBe(409);
    expect((await choose(`${path}?doctor=any`, start)).status).toBe(200);
    expect(await bookedAgain()).toMatchObject([{ startDateTime: start, doctorId: clinic.doctorIds[1] }]);
  });

  it('keeps to the limits of the clinic, and can be used when they allow it', async () => {
    const path = pathTo('rebook');
    const [chosen = ''] = (await open(path)).times;
    await book(patient, at((day += 1)));
    await withPolicy({ maxUpcomingPerClient: 1 }, async () => {
      const page = await open(path);
      expect(page.text).toContain('There are no free times to choose here.');
      const refused = await choose(path, chosen);
      expect(refused.status).toBe(422);
      expect(refused.text).toContain('Please call the clinic.');
    });
    expect((await choose(path, chosen)).status).toBe(200);
  });

  it('does not offer times of other visits of the patient', async () => {
    const path = pathTo('rebook');
    const [chosen = ''] = (await open(path)).times;
    await book(patient, chosen, { doctorId: clinic.doctorIds[1] });
    const page = await choose(path, chosen);
    expect(page.status).toBe(409);
    expect(page.times).not.toContain(chosen);
    expect(page.times.length).toBeGreaterThan(20);
  });

  it('says that the clinic must confirm, if it must', async () => {
    const path = pathTo('rebook');
    await app.db.query('UPDATE clinic SET requires_confirmation = true WHERE id = $1', [clinic.id]);
    const page = await choose(path, (await open(path)).times[0]);
    await app.db.query('UPDATE clinic SET requires_confirmation = false WHERE id = $1', [clinic.id]);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('until the clinic confirms it')]);
  });

  it('does nothing for an appointment that takes place, was reinstated, or was cancelled long ago', async () => {
    const upcomingVisit = await book(patient, at((day += 1)));
    expect((await open(pathTo('rebook', upcomingVisit))).status).toBe(410);
    await app.db.query(`UPDATE appointment SET cancelled_at = now() - interval '30 days' WHERE id = $1`, [visit.id]);
    expect((await open(pathTo('rebook'))).status).toBe(410);
    expect((await choose(pathTo('rebook'), at(day, '11:00'))).status).toBe(410);
    await app.db.query(`UPDATE appointment SET cancelled_at = now() WHERE id = $1`, [visit.id]);
    expect((await open(pathTo('rebook'))).status).toBe(200);
    await app.call('POST', `/api/v1/appointments/${visit.id}/reinstate`, { token: clinic.staff });
    expect((await choose(pathTo('rebook'), at(day, '11:00'))).status).toBe(410);
  });

  it('is not a link to move it, and the reverse', async () => {
    const [body = '', mac = ''] = pathTo('rebook').split('/').at(-1)?.split('.') ?? [];
    const text = Buffer.from(body, 'base64url').toString();
    const forged = Buffer.from(text.replace('rebook', 'reschedule')).toString('base64url');
    expect((await open(`/links/${forged}.${mac}`)).status).toBe(404);
    expect((await choose(`/links/${forged}.${mac}`, at(day))).status).toBe(404);
  });
});

describe('messages', () => {
  const readMails = async (id: string, kind: string): Promise<string[]> => {
    const { rows } = await app.db.query(
      `SELECT m.body FROM notification n JOIN dev_mailbox m ON m.delivery_id = n.id::text
       WHERE n.appointment_id = $1 AND n.kind = $2 AND n.channel = 'EMAIL'`,
      [id, kind],
    );
    return rows.map(({ body }) => body);
  };
  const linkIn = (body: string): string => {
    const [, url = ''] = /Choose another time:\s+(\S+\/links\/\S+)/.exec(body) ?? [];
    return new URL(url).pathname;
  };

  it('of a booking have a link to move it, and of a cancellation one to book again', async () => {
    await eventually(async () => expect(await readMails(visit.id, 'APPOINTMENT_BOOKED')).toHaveLength(1));
    const moved = await open(linkIn((await readMails(visit.id, 'APPOINTMENT_BOOKED'))[0] ?? ''));
    expect(moved.text).toContain('Choose another time for this appointment');
    await cancel(visit.id);
    await eventually(async () => expect(await readMails(visit.id, 'APPOINTMENT_CANCELLED')).toHaveLength(1));
    const again = await open(linkIn((await readMails(visit.id, 'APPOINTMENT_CANCELLED'))[0] ?? ''));
    expect(again.text).toContain('Choose a time for a new appointment');
  });
});
