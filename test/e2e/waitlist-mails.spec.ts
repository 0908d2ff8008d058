import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LinkTokens, type Link } from '../../src/modules/notifications/link-tokens.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { linkGuardian } from '../support/guardians.js';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink.js';
import { SocketClient } from '../support/sockets.js';

/** Offers reach patients by mail, with links that answer by one click. The jobs run in this process. */

let app: TestApp;
let smtp: SmtpSink;
let clinic: TestClinic;
let serviceId: string;
let day = 2;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false', JOBS_SWEEP_SECONDS: '1' });
  clinic = await openClinic(app, { timeZone: 'Africa/Cairo', policy: { horizonDays: 365 } });
  serviceId = await aService(app, clinic);
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

const call = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });

interface Offered extends TestPatient {
  entryId: string;
  start: string;
  mail: ReceivedMail['mail'];
}

const mailsTo = (userId: string): ReceivedMail[] =>
  smtp.mails.filter(({ to }) => to.includes(`${userId}@patients.test`));

/** A patient whose visit is cancelled, and another one who waits for its time and gets it offered. */
async function offered(locale = 'en', waiter?: TestPatient, fields: object = {}): Promise<Offered> {
  const [holder, patient] = [await app.patient(), waiter ?? (await app.patient())];
  await app.db.query('UPDATE user_account SET locale = $2 WHERE id = $1', [patient.userId, locale]);
  const start = at((day += 1), '09:00');
  const doctorId = clinic.doctorIds[0];
  const visit = await call('POST', 'appointments', holder.token, { serviceId, doctorId, startDateTime: start });
  const entry = await call('POST', 'waitlist', patient.token, {
    ...{ serviceId, from: start.slice(0, 10), to: start.slice(0, 10), ...fields },
  });
  expect([visit.status, entry.status]).toEqual([201, 201]);
  expect((await call('DELETE', `appointments/${visit.data.id}`, holder.token)).status).toBe(200);
  const mail = await eventually(() => {
    const found = mailsTo(patient.userId).find(({ mail: { text } }) => /\/links\//.test(text ?? ''));
    if (!found) return Promise.reject(new Error('no mail with links'));
    return Promise.resolve(found.mail);
  });
  return { ...patient, entryId: entry.data.id, start, mail };
}

/** The paths of the links to accept, to decline and to unsubscribe. */
const linksIn = ({ text }: ReceivedMail['mail']): string[] =>
  [...(text ?? '').matchAll(/https?:\/\/\S+\/links\/\S+/g)].map(([url]) => new URL(url).pathname);

const readStatus = async ({ token, entryId }: Offered): Promise<string> =>
  (await call('GET', 'waitlist', token)).data.find(({ id }: { id: string }) => id === entryId).status;

describe('an offer', () => {
  it('is in the inbox and a mail; opening its link changes nothing, and its button books the time once', async () => {
    const one = await offered();
    expect(one.mail.subject).toMatch(/^A time is free for you: /);
    const [accept] = linksIn(one.mail) as [string];
    const page = await app.call('GET', accept);
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('<form method="post">')]);
    expect(page.body).toContain('Do you want this appointment?');
    expect(await readStatus(one)).toBe('OFFERED');
    expect((await app.call('POST', accept)).status).toBe(200);
    expect(await readStatus(one)).toBe('BOOKED');
    const visits = await call('GET', 'appointments', one.token);
    expect(visits.data.map(({ startDateTime }: { startDateTime: string }) => startDateTime)).toEqual([one.start]);
    expect([(await app.call('POST', accept)).status, (await app.call('GET', accept)).status]).toEqual([410, 410]);
    const inbox = await eventually(async () => {
      const { data } = await call('GET', 'notifications', one.token);
      expect(data.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['APPOINTMENT_BOOKED', 'WAITLIST_OFFER']);
      return data;
    });
    expect(JSON.stringify(inbox)).toContain('A time is free for you');
    expect(await app.overlaps()).toBe(0);
  });

  it('is declined by its other link, and the patient waits on', async () => {
    const one = await offered();
    const [accept, decline] = linksIn(one.mail) as [string, string];
    expect((await app.call('GET', decline)).body).toContain('Do you not want this appointment?');
    expect((await app.call('POST', decline)).status).toBe(200);
    expect(await readStatus(one)).toBe('WAITING');
    expect((await app.call('POST', accept)).status).toBe(410);
  });

  it.each([
    ['ar', 'موعد متاح لك', 'هل تريد هذا الموعد؟'],
    ['hi', 'आपके लिए समय खाली है', 'क्या आप यह अपॉइंटमेंट चाहते हैं?'],
  ])('is written in %s', async (locale, subject, question) => {
    const one = await offered(locale);
    expect(one.mail.subject).toContain(subject);
    expect((await app.call('GET', linksIn(one.mail)[0] as string)).body).toContain(question);
  });

  it('works once of five clicks at the same time', async () => {
    const one = await offered();
    const [accept] = linksIn(one.mail) as [string];
    const answers = await Promise.all(Array.from({ length: 5 }, () => app.call('POST', accept)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410]);
  });

  it('is shown to the clinic’s dashboards and the patient without a name', async () => {
    const desk = await SocketClient.connected(app.url, clinic.staff, { transports: ['websocket'] });
    const patient = await app.patient();
    const own = await SocketClient.connected(app.url, patient.token, { transports: ['websocket'] });
    try {
      const one = await offered('en', patient);
      for (const client of [desk, own]) {
        const { data } = await client.waitFor(
          'waitlist:updated',
          ({ id, status }) => id === one.entryId && status === 'OFFERED',
        );
        expect(data).toEqual({
          ...{ id: one.entryId, clinicId: clinic.id, clientId: patient.clientId, serviceId, doctorId: null },
          status: 'OFFERED',
        });
      }
    } finally {
      desk.close();
      own.close();
    }
  });

  it('goes to guardians too, whose links work only while they may act for the child', async () => {
    const [child, parent] = [await app.patient(), await app.patient()];
    await linkGuardian(app, clinic, child, parent);
    const one = await offered('en', parent, { clientId: child.clientId });
    expect(one.mail.text).toContain('Pat Ient');
    const [accept] = linksIn(one.mail) as [string];
    await call('DELETE', `clients/${child.clientId}/guardians/${parent.clientId}`, clinic.staff);
    expect((await app.call('POST', accept)).status).toBe(404);
    await call('POST', `clients/${child.clientId}/guardians`, clinic.staff, { clientId: parent.clientId });
    expect((await app.call('POST', accept)).status).toBe(200);
    const visits = await call('GET', `appointments?clientId=${child.clientId}`, parent.token);
    expect(visits.data).toHaveLength(1);
  });

  it('has links that nobody can forge', async () => {
    const path = (link: Link): string => new URL(app.app.get(LinkTokens).url(link)).pathname;
    const unknown = path({ action: 'accept-offer', offerId: clinic.id });
    expect((await app.call('POST', unknown)).status).toBe(404);
    expect((await app.call('POST', `${unknown.slice(0, -2)}xx`)).status).toBe(404);
  });
});
