import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryScheduler } from '../../src/modules/notifications/delivery-scheduler.js';
import { ReferralRemindersTask } from '../../src/modules/notifications/referral-reminders.task.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { linkGuardian } from '../support/guardians.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { joinWaitlist, settleWaitlist } from '../support/waitlist.js';

/** What guardians had begun before their right ended: messages that wait to be sent, and times that they hold. No job runs by itself. */

let app: TestApp;
let smtp: SmtpSink;
let clinic: TestClinic;
let serviceId: string;
let day = 2;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  const env = { SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false', JOBS_IN_PROCESS: 'false' };
  app = await TestApp.start(env);
  clinic = await openClinic(app, { policy: { horizonDays: 365 } });
  serviceId = await aService(app, clinic);
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

const call = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });

interface Family {
  child: TestPatient;
  parent: TestPatient;
}

async function createFamily(): Promise<Family> {
  const [child, parent] = (await app.patients(2)) as [TestPatient, TestPatient];
  await linkGuardian(app, clinic, child, parent);
  return { child, parent };
}

type End = ({ child, parent }: Family) => Promise<void>;

const endLink: End = async ({ child, parent }) => {
  const path = `clients/${child.clientId}/guardians/${parent.clientId}`;
  expect((await call('DELETE', path, clinic.staff)).status).toBe(200);
};
const growUp: End = async ({ child: { clientId } }) => {
  expect((await call('PUT', `clients/${clientId}`, clinic.staff, { dateOfBirth: '1990-05-06' })).status).toBe(200);
};

const deliver = async (): Promise<void> => {
  for (const channel of ['IN_APP', 'EMAIL'] as const)
    await app.app.get(DeliveryScheduler, { strict: false }).deliver(channel);
};

const countMails = ({ userId }: TestPatient): number =>
  smtp.mails.filter(({ to }) => to.includes(`${userId}@patients.test`)).length;

async function readDeliveries({ userId }: TestPatient, kind: string): Promise<string[]> {
  const { rows } = await app.db.query(
    `SELECT concat_ws(' ', channel, state, reason) AS state FROM notification
     WHERE user_id = $1 AND kind = $2 AND channel IN ('IN_APP', 'EMAIL') ORDER BY 1`,
    [userId, kind],
  );
  return rows.map(({ state }) => state as string);
}

async function expectOnlyChildIsTold(family: Family, kind: string): Promise<void> {
  const { child, parent } = family;
  const mails = [countMails(child), countMails(parent)];
  await deliver();
  expect([countMails(child), countMails(parent)]).toEqual([(mails[0] ?? 0) + 1, mails[1]]);
  expect(await readDeliveries(child, kind)).toEqual(['EMAIL SENT', 'IN_APP SENT']);
  expect(await readDeliveries(parent, kind)).toEqual(['EMAIL SKIPPED NOT_RECIPIENT', 'IN_APP SKIPPED NOT_RECIPIENT']);
  expect((await call('GET', 'notifications', parent.token)).data).toEqual([]);
}

describe.each([
  ['the desk has ended the link', endLink],
  ['the child has grown up', growUp],
])('after %s, while messages wait to be sent,', (_, end) => {
  it('an offer of a freed time reaches only the patient', async () => {
    const family = await createFamily();
    const holder = await app.patient();
    const slot = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at((day += 1)) };
    const visit = await call('POST', 'appointments', holder.token, slot);
    await joinWaitlist(app, serviceId, { from: at(day).slice(0, 10), to: at(day).slice(0, 10) }, family.child);
    await call('DELETE', `appointments/${visit.data.id}`, clinic.staff);
    await settleWaitlist(app, clinic.id, 1);
    expect(await readDeliveries(family.parent, 'WAITLIST_OFFER')).toEqual(['EMAIL PENDING', 'IN_APP PENDING']);
    await end(family);
    await expectOnlyChildIsTold(family, 'WAITLIST_OFFER');
  });

  it('a reminder of a referral reaches only the patient', async () => {
    const family = await createFamily();
    const [validFrom, validTo] = [at(1).slice(0, 10), at(60).slice(0, 10)];
    const body = { clientId: family.child.clientId, serviceId, validFrom, validTo };
    const referral = await call('POST', 'referrals', clinic.staff, body);
    expect(referral.status).toBe(201);
    await app.db.query(`UPDATE referral SET remind_on = current_date - 2 WHERE id = $1`, [referral.data.id]);
    await app.app.get(ReferralRemindersTask, { strict: false }).run();
    expect(await readDeliveries(family.parent, 'REFERRAL_REMINDER')).toEqual(['EMAIL PENDING', 'IN_APP PENDING']);
    await end(family);
    if (end === growUp) await expectOnlyChildIsTold(family, 'REFERRAL_REMINDER');
    else {
      await deliver();
      expect(await readDeliveries(family.parent, 'REFERRAL_REMINDER')).toEqual([
        ...['EMAIL SKIPPED REFERRAL_CLOSED', 'IN_APP SKIPPED REFERRAL_CLOSED'],
      ]);
    }
  });

  it('a time that the guardian holds for the child can be released by the patient, and not by the guardian', async () => {
    const family = await createFamily();
    const { child, parent } = family;
    const slot = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at((day += 1)), clientId: child.clientId };
    const held = await call('POST', 'holds', parent.token, slot);
    expect(held.status).toBe(201);
    await end(family);
    const path = `holds/${held.data.id}`;
    expect((await call('DELETE', path, parent.token)).status).toBe(404);
    expect((await call('DELETE', path, (await app.patient()).token)).status).toBe(404);
    expect((await call('DELETE', path, child.token)).status).toBe(200);
  });
});
