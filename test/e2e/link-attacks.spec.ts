import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LinkTokens, type AppointmentLink } from '../../src/modules/notifications/link-tokens.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { linkGuardian } from '../support/guardians.js';

/** Attacks on the pages of the links in messages about appointments. No worker runs. */

let app: TestApp;
let clinic: TestClinic;
let patient: TestPatient;
let day = 3;

interface Visit {
  id: string;
  startDateTime: string;
}

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { doctors: 2, hours: { start: '09:00', end: '12:00' } });
});

afterAll(() => app.close());

beforeEach(async () => {
  patient = await app.patient();
  day += 2;
});

const call = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });

async function made(path: string, token: string, body: object): Promise<any> {
  const { status, data } = await call('POST', path, token, body);
  expect(status).toBe(201);
  return data;
}

const book = (serviceId: string, fields: object = {}): Promise<Visit> =>
  made('appointments', patient.token, { serviceId, startDateTime: at(day), ...fields });

const read = async (id: string): Promise<any> => (await call('GET', `appointments/${id}`, clinic.staff)).data;

function toUrl(action: AppointmentLink['action'], { id, startDateTime }: Visit, guardianUserId?: string): string {
  const link = { action, appointmentId: id, start: Date.parse(startDateTime), guardianUserId };
  return app.url + new URL(app.app.get(LinkTokens).url(link)).pathname;
}

interface Page {
  status: number;
  text: string;
  times: string[];
}

async function open(url: string, form?: Record<string, string>): Promise<Page> {
  const answer = await fetch(url, form && { method: 'POST', body: new URLSearchParams(form) });
  const text = await answer.text();
  const times = [...text.matchAll(/name="start" value="([^"]+)"/g)].map(([, value]) => value ?? '');
  return { status: answer.status, text, times };
}

describe('a link to confirm', () => {
  it('says that the patient will come, but does not confirm a booking that the clinic must confirm', async () => {
    const serviceId = await aService(app, clinic, { policy: { requiresConfirmation: true } });
    const visit = await book(serviceId);
    for (const status of [200, 410]) expect((await open(toUrl('confirm', visit), {})).status).toBe(status);
    const asked = await read(visit.id);
    expect(asked).toMatchObject({ status: 'PENDING', version: 2 });
    expect(asked.clientConfirmedAt).toEqual(expect.any(String));
    const confirmed = await call('POST', `appointments/${visit.id}/confirm`, clinic.staff);
    expect(confirmed.data).toMatchObject({ status: 'CONFIRMED', clientConfirmedAt: asked.clientConfirmedAt });
  });
});

describe('a link in a message to a guardian', () => {
  it('shows nothing of the visit after the desk ended the guardianship', async () => {
    const parent = await app.patient();
    await linkGuardian(app, clinic, patient, parent);
    const guardians = `clients/${patient.clientId}/guardians`;
    const visit = await book(await aService(app, clinic));
    const cancelled = await book(await aService(app, clinic), { startDateTime: at(day, '10:00') });
    await call('DELETE', `appointments/${cancelled.id}`, patient.token);
    const urls = [
      ...(['confirm', 'cancel', 'reschedule'] as const).map((action) => toUrl(action, visit, parent.userId)),
      toUrl('rebook', cancelled, parent.userId),
    ];
    for (const url of urls) expect((await open(url)).text).toMatch(/Test clinic|name="start"/);
    await call('DELETE', `${guardians}/${parent.clientId}`, clinic.staff);
    for (const url of urls) {
      const forms: (Record<string, string> | undefined)[] = [undefined, {}, { start: at(day, '11:00') }];
      for (const form of forms) {
        const { status, text, times } = await open(url, form);
        expect([status, times]).toEqual([410, []]);
        for (const fact of ['Test clinic', 'Doc No', '9:00', '10:00']) expect(text).not.toContain(fact);
      }
    }
    expect(await read(visit.id)).toMatchObject({ status: 'CONFIRMED', version: 1 });
  });
});

describe('a link to choose a time for a visit with a referral', () => {
  async function refer(serviceId: string, fields: object): Promise<any> {
    const days = { validFrom: at(day).slice(0, 10), validTo: at(day + 1).slice(0, 10) };
    return made('referrals', clinic.staff, { clientId: patient.clientId, serviceId, ...days, ...fields });
  }

  it('lists only the days of the referral, and only its doctor', async () => {
    const serviceId = await aService(app, clinic, { requiresReferral: true, durationMinutes: 60 });
    const [doctorId = ''] = clinic.doctorIds;
    const { id: referralId } = await refer(serviceId, { doctorId });
    const visit = await book(serviceId, { referralId });
    const allowed = [day, day + 1].flatMap((one) => ['09:00', '10:00', '11:00'].map((time) => at(one, time)));
    const onHour = ({ times }: Page): string[] => times.filter((time) => time.endsWith(':00:00.000Z'));
    expect(onHour(await open(toUrl('reschedule', visit)))).toEqual(allowed.filter((time) => time !== at(day)));
    expect((await open(`${toUrl('reschedule', visit)}?from=${at(day + 2).slice(0, 10)}`)).times).toEqual([]);
    expect((await call('DELETE', `appointments/${visit.id}`, patient.token)).status).toBe(200);
    // The other doctor is free at these times.
    await made('appointments', clinic.staff, {
      ...{ serviceId, doctorId, clientId: (await app.patient()).clientId, startDateTime: at(day) },
    });
    const rebook = `${toUrl('rebook', visit)}?doctor=any`;
    expect(onHour(await open(rebook))).toEqual(allowed.filter((time) => time !== at(day)));
    expect((await open(rebook, { start: at(day + 1) })).status).toBe(200);
  });

  it('books an open service again without the referral when its days are over', async () => {
    const serviceId = await aService(app, clinic);
    const { id: referralId } = await refer(serviceId, {});
    const visit = await book(serviceId, { referralId });
    await call('DELETE', `appointments/${visit.id}`, patient.token);
    await app.db.query(`UPDATE referral SET valid_from = '2020-01-01', valid_to = '2020-01-31' WHERE id = $1`, [
      referralId,
    ]);
    const { times } = await open(toUrl('rebook', visit));
    expect((await open(toUrl('rebook', visit), { start: times[0] ?? '' })).status).toBe(200);
  });
});
