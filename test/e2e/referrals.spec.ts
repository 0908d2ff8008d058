import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientMergeService } from '../../src/modules/clients/index.js';
import { LinkTokens } from '../../src/modules/notifications/index.js';
import { ReferralRemindersTask } from '../../src/modules/notifications/referral-reminders.task.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';

/** Referrals: tickets with which one patient books one service once. */
let app: TestApp;
let clinic: TestClinic;
let elsewhere: TestClinic;
/** It can only be booked with a referral. */
let serviceId: string;
let openServiceId: string;
let doctor: string;
let patient: TestPatient;
/** Each test has three days of its own. */
let day = 2;

beforeAll(async () => {
  app = await TestApp.start({ VISIT_CHANGES_PER_10_MINUTES: '1000' });
  clinic = await openClinic(app, { doctors: 2, policy: { horizonDays: 365 } });
  elsewhere = await openClinic(app);
  serviceId = await aService(app, clinic, { requiresReferral: true });
  openServiceId = await aService(app, clinic);
  const [doctorId = ''] = clinic.doctorIds;
  const userId = await addDoctorAccount(doctorId);
  doctor = app.tokenFor({ userId, role: 'DOCTOR', doctorId, clinicIds: [clinic.id] });
});

afterAll(() => app.close());

beforeEach(async () => {
  day += 3;
  patient = await app.patient();
});

async function addDoctorAccount(doctorId: string): Promise<string> {
  const { rows } = await app.db.query(
    `WITH account AS (INSERT INTO user_account (id, role, first_name, last_name) VALUES (uuid7(), 'DOCTOR', 'Doc', 'No 1') RETURNING id)
     UPDATE doctor d SET user_id = account.id FROM account WHERE d.id = $1 RETURNING d.user_id AS id`,
    [doctorId],
  );
  return rows[0].id;
}

const localDay = (daysAhead: number): string => at(daysAhead).slice(0, 10);

const create = (body: object, token = clinic.staff, headers = {}): Promise<Answer> =>
  app.call('POST', '/api/v1/referrals', {
    token,
    headers,
    body: { clientId: patient.clientId, serviceId, validTo: localDay(90), ...body },
  });

async function created(body: object = {}, token = clinic.staff): Promise<any> {
  const { status, data } = await create(body, token);
  expect(status).toBe(201);
  return data;
}

const book = (referralId: string | undefined, fields: object = {}, token = patient.token): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', {
    token,
    body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(day), referralId, ...fields },
  });

const hold = (referralId: string | undefined, fields: object = {}): Promise<Answer> =>
  app.call('POST', '/api/v1/holds', {
    token: patient.token,
    body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(day), referralId, ...fields },
  });

const list = async (query: string, token: string): Promise<any[]> => {
  const { status, data } = await app.call('GET', `/api/v1/referrals?${query}`, { token });
  expect(status).toBe(200);
  return data;
};
const own = async (query = ''): Promise<any[]> => list(query, patient.token);
const cancel = (id: string, token = patient.token): Promise<Answer> =>
  app.call('DELETE', `/api/v1/appointments/${id}`, { token });
const toReason = ({ status, body }: Answer): [number, unknown] => [status, body.error?.details?.reason];
const toErrorField = ({ status, body }: Answer): [number, unknown] => [status, body.error?.details?.[0]?.field];

describe('a referral', () => {
  it('is made by the front desk, has a window of local days, and is seen by the patient and the desk', async () => {
    const made = await created({
      doctorId: clinic.doctorIds[1],
      validFrom: localDay(5),
      reason: 'Review of the cough',
    });
    expect(made).toMatchObject({
      ...{ clinicId: clinic.id, clientId: patient.clientId, serviceId, doctorId: clinic.doctorIds[1] },
      ...{ validFrom: localDay(5), validTo: localDay(90), reason: 'Review of the cough', appointmentId: null },
    });
    expect(await own()).toEqual([made]);
    expect(await list(`clientId=${patient.clientId}&serviceId=${serviceId}&unused=true`, clinic.staff)).toEqual([made]);
    expect(await list(`clientId=${patient.clientId}`, elsewhere.staff)).toEqual([]);
    expect(await list('', (await app.patient()).token)).toEqual([]);
    const stored = await app.db.query('SELECT reason FROM referral WHERE id = $1', [made.id]);
    expect(stored.rows[0].reason.toString()).not.toContain('cough');
    const { rows } = await app.db.query('SELECT action, changes FROM audit_log WHERE object_id = $1 ORDER BY id', [
      made.id,
    ]);
    expect(rows.map(({ action }) => action)).toEqual(['referral.created']);
    expect(JSON.stringify(rows)).not.toContain('cough');
    const read = await app.db.query(
      `SELECT changes FROM audit_log WHERE action = 'referral.list-read' AND changes -> 'clientIds' ? $1`,
      [patient.clientId],
    );
    expect(read.rows).toHaveLength(1);
  });

  it('is made by a doctor for their own patients, who are those with a visit', async () => {
    expect((await create({}, doctor)).status).toBe(404);
    expect((await book(undefined, { serviceId: openServiceId })).status).toBe(201);
    const made = await created({}, doctor);
    expect(await list(`clientId=${patient.clientId}`, doctor)).toEqual([made]);
  });

  it('of a review begins months after the visit, in local days of the clinic', async () => {
    const cairo = await openClinic(app, { timeZone: 'Africa/Cairo' });
    const cairoService = await aService(app, cairo);
    // 23:30 UTC is the next day in Cairo.
    const visit = await book(undefined, {
      serviceId: cairoService,
      doctorId: cairo.doctorIds[0],
      startDateTime: at(day, '23:30'),
    });
    const review = { serviceId: cairoService, validTo: undefined, afterMonths: 3, afterAppointmentId: visit.data.id };
    const { data } = await create(review, cairo.staff);
    const { rows } = await app.db.query(
      `SELECT (d + interval '3 months')::date::text AS "from", ((d + interval '3 months')::date + 30)::text AS "to"
       FROM (SELECT ($1::timestamptz AT TIME ZONE 'Africa/Cairo')::date AS d) v`,
      [visit.data.startDateTime],
    );
    expect(data).toMatchObject({ validFrom: rows[0].from, validTo: rows[0].to });
    expect(data.validFrom.slice(8)).not.toBe(visit.data.startDateTime.slice(8, 10));
    const ofOther = await create({ ...review, clientId: (await app.patient()).clientId }, cairo.staff);
    expect(toErrorField(ofOther)).toEqual([400, 'afterAppointmentId']);
    expect(toErrorField(await create({ ...review, afterMonths: undefined }, cairo.staff))).toEqual([
      400,
      'afterAppointmentId',
    ]);
  });

  it('names the wrong field: window, doctor, service, patient, clinic', async () => {
    expect(toErrorField(await create({ validTo: localDay(-1) }))).toEqual([400, 'validTo']);
    expect(toErrorField(await create({ validTo: undefined }))).toEqual([400, 'validTo']);
    expect(toErrorField(await create({ doctorId: elsewhere.doctorIds[0] }))).toEqual([400, 'doctorId']);
    expect((await create({ serviceId: patient.clientId })).status).toBe(404);
    expect((await create({ clientId: serviceId })).status).toBe(404);
    expect((await create({}, elsewhere.staff)).status).toBe(403);
    expect((await create({}, patient.token)).status).toBe(403);
  });

  it('is checked against the current doctors and the deletion of the service, also if the service was read before', async () => {
    const [first, second] = clinic.doctorIds;
    const service = await aService(app, clinic, { doctorIds: [first] });
    const path = `/api/v1/services/${service}`;
    expect(toErrorField(await create({ serviceId: service, doctorId: second }))).toEqual([400, 'doctorId']);
    const added = await app.call('PUT', path, { token: clinic.admin, body: { doctorIds: [first, second] } });
    expect(added.status).toBe(200);
    await created({ serviceId: service, doctorId: second });
    expect((await app.call('DELETE', path, { token: clinic.admin })).status).toBe(200);
    expect((await create({ serviceId: service })).status).toBe(404);
  });

  it('repeats the answer to the same Idempotency-Key', async () => {
    const [one, two] = [
      await create({}, clinic.staff, { 'idempotency-key': `k${day}` }),
      await create({}, clinic.staff, { 'idempotency-key': `k${day}` }),
    ];
    expect([two.status, two.data]).toEqual([201, one.data]);
    expect(await own()).toHaveLength(1);
  });

  it('can be withdrawn until it is used', async () => {
    const made = await created();
    const remove = (token: string): Promise<Answer> => app.call('DELETE', `/api/v1/referrals/${made.id}`, { token });
    expect((await remove(elsewhere.staff)).status).toBe(404);
    const { data: held } = await hold(made.id);
    expect((await remove(clinic.staff)).body.error.code).toBe('IN_USE');
    await app.call('DELETE', `/api/v1/holds/${held.id}`, { token: patient.token });
    const { data: booked } = await book(made.id);
    expect((await remove(clinic.staff)).body.error.code).toBe('IN_USE');
    await cancel(booked.id);
    expect((await remove(clinic.staff)).status).toBe(200);
    expect(await own()).toEqual([]);
  });

  it('of a child is read and used by the guardian', async () => {
    const parent = await app.patient();
    for (const { clientId } of [patient, parent]) {
      await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
        clientId,
        clinic.id,
      ]);
    }
    const path = `/api/v1/clients/${patient.clientId}`;
    await app.call('PUT', path, { token: clinic.staff, body: { dateOfBirth: '2020-05-06' } });
    const notYet = await created();
    expect(await list(`clientId=${patient.clientId}`, parent.token)).toEqual([]);
    await app.call('DELETE', `/api/v1/referrals/${notYet.id}`, { token: clinic.staff });
    await app.call('POST', `${path}/guardians`, { token: clinic.staff, body: { clientId: parent.clientId } });
    const made = await created();
    expect(await list(`clientId=${patient.clientId}`, parent.token)).toEqual([made]);
    const booked = await book(made.id, { clientId: patient.clientId }, parent.token);
    expect(booked.status).toBe(201);
    expect(await own()).toMatchObject([{ appointmentId: booked.data.id }]);
  });

  it('moves with a merged record', async () => {
    const made = await created();
    const other = await app.patient();
    await app.app.get(ClientMergeService).merge(other.clientId, patient.clientId);
    expect(await list('', other.token)).toMatchObject([{ id: made.id, clientId: other.clientId }]);
    await expect(
      app.db.query('UPDATE referral SET client_id = $2 WHERE id = $1', [made.id, patient.clientId]),
    ).rejects.toMatchObject({ constraint: 'client_not_merged' });
  });
});

describe('a service that requires a referral', () => {
  it('lists its free times, and is booked by patients only with one, by the desk also without', async () => {
    expect((await app.call('GET', `/api/v1/services/${serviceId}`)).data.requiresReferral).toBe(true);
    expect((await app.call('GET', `/api/v1/services/${openServiceId}`)).data.requiresReferral).toBe(false);
    const free = await app.call(
      'GET',
      `/api/v1/availability?serviceId=${serviceId}&from=${localDay(day)}&to=${localDay(day)}`,
      {
        token: patient.token,
      },
    );
    expect(free.data.length).toBeGreaterThan(0);
    expect(toReason(await book(undefined))).toEqual([422, 'REFERRAL_REQUIRED']);
    expect(toReason(await hold(undefined))).toEqual([422, 'REFERRAL_REQUIRED']);
    expect((await book(undefined, { clientId: patient.clientId }, clinic.staff)).status).toBe(201);
    const series = await app.call('POST', '/api/v1/appointments/series', {
      token: patient.token,
      body: { serviceId, startDateTime: at(day, '13:00'), rrule: 'FREQ=DAILY;COUNT=2' },
    });
    expect(toReason(series)).toEqual([422, 'REFERRAL_REQUIRED']);
    const made = await created();
    const booked = await book(made.id, { startDateTime: at(day, '11:00') });
    expect(booked.status).toBe(201);
    expect(await own()).toMatchObject([{ id: made.id, appointmentId: booked.data.id }]);
    expect(await own('unused=true')).toEqual([]);
    expect(await own('unused=false')).toHaveLength(1);
  });

  it('is not booked with a referral of another patient, service, doctor or day, and the error names the field', async () => {
    const made = await created({ doctorId: clinic.doctorIds[0], validFrom: localDay(day), validTo: localDay(day + 1) });
    const other = await app.patient();
    expect(toErrorField(await book(made.id, {}, other.token))).toEqual([400, 'referralId']);
    expect(toErrorField(await book(patient.clientId))).toEqual([400, 'referralId']);
    expect(toErrorField(await book(made.id, { clientId: other.clientId }, clinic.staff))).toEqual([400, 'referralId']);
    expect(toErrorField(await book(made.id, { serviceId: openServiceId }))).toEqual([400, 'serviceId']);
    expect(toErrorField(await book(made.id, { doctorId: clinic.doctorIds[1] }))).toEqual([400, 'doctorId']);
    expect(toErrorField(await book(made.id, { startDateTime: at(day - 1) }))).toEqual([400, 'startDateTime']);
    expect(toErrorField(await book(made.id, { startDateTime: at(day + 2) }))).toEqual([400, 'startDateTime']);
    expect((await book(made.id, { startDateTime: at(day + 1, '23:30') })).status).toBe(201);
  });

  it('is booked with the doctor of the referral if the request names none', async () => {
    const made = await created({ doctorId: clinic.doctorIds[1] });
    const { data } = await book(made.id, { doctorId: undefined });
    expect(data.doctorId).toBe(clinic.doctorIds[1]);
  });

  it('is booked once of 20 at the same time with one referral', async () => {
    const made = await created();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        book(made.id, {
          startDateTime: at(day, `${String(n).padStart(2, '0')}:00`),
          doctorId: clinic.doctorIds[n % 2],
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(422)]);
    expect(answers.filter((answer) => answer.status === 422).map(toReason)).toEqual(
      Array(19).fill([422, 'REFERRAL_USED']),
    );
    const { rows } = await app.db.query(`SELECT id FROM appointment WHERE client_id = $1`, [patient.clientId]);
    expect(await own()).toMatchObject([{ appointmentId: rows[0].id }]);
    expect(rows).toHaveLength(1);
  });

  it('keeps nothing of the referral if the time is taken', async () => {
    const made = await created();
    const other = await app.patient();
    expect((await book(undefined, { clientId: other.clientId }, clinic.staff)).status).toBe(201);
    const lost = await book(made.id);
    expect([lost.status, lost.body.error.code]).toEqual([409, 'APPOINTMENT_CONFLICT']);
    expect(await own('unused=true')).toHaveLength(1);
    expect((await book(made.id, { startDateTime: at(day, '10:00') })).status).toBe(201);
  });

  it('gives the referral back when its appointment is cancelled, and a reinstated one takes it again', async () => {
    const made = await created();
    const { data: booked } = await book(made.id);
    expect(toReason(await book(made.id, { startDateTime: at(day, '15:00') }))).toEqual([422, 'REFERRAL_USED']);
    await cancel(booked.id);
    expect(await own('unused=true')).toHaveLength(1);
    const reinstate = (): Promise<Answer> =>
      app.call('POST', `/api/v1/appointments/${booked.id}/reinstate`, { token: clinic.staff });
    expect((await reinstate()).status).toBe(200);
    expect(await own()).toMatchObject([{ appointmentId: booked.id }]);
    await cancel(booked.id);
    const { data: second } = await book(made.id, { startDateTime: at(day, '16:00') });
    expect((await reinstate()).status).toBe(200);
    expect(await own()).toMatchObject([{ appointmentId: second.id }]);
  });

  it('lets patients move the appointment within the window of the referral, and the desk anywhere', async () => {
    const made = await created({ doctorId: clinic.doctorIds[0], validFrom: localDay(day), validTo: localDay(day + 1) });
    const { data: booked } = await book(made.id);
    const move = (body: object, token = patient.token): Promise<Answer> =>
      app.call('PUT', `/api/v1/appointments/${booked.id}`, { token, body });
    expect(toErrorField(await move({ startDateTime: at(day + 2) }))).toEqual([400, 'startDateTime']);
    expect(toErrorField(await move({ doctorId: clinic.doctorIds[1] }))).toEqual([400, 'doctorId']);
    expect((await move({ startDateTime: at(day + 1) })).status).toBe(200);
    expect((await move({ startDateTime: at(day + 2) }, clinic.staff)).status).toBe(200);
  });

  it('is booked again by the link of a cancellation, with the referral that it gave back', async () => {
    const made = await created();
    const { data: booked } = await book(made.id);
    await cancel(booked.id, clinic.staff);
    const start = Date.parse(booked.startDateTime);
    const { pathname } = new URL(app.app.get(LinkTokens).url({ action: 'rebook', appointmentId: booked.id, start }));
    const body = new URLSearchParams({ start: at(day, '13:00') });
    expect((await fetch(`${app.url}${pathname}`, { method: 'POST', body })).status).toBe(200);
    const [referral] = await own();
    expect(referral.appointmentId).not.toBe(booked.id);
    expect(await own('unused=true')).toEqual([]);
  });
});

describe('a hold', () => {
  it('keeps the referral while it lasts, and its appointment uses it', async () => {
    const made = await created();
    const { status, data: held } = await hold(made.id);
    expect(status).toBe(201);
    expect(await own('unused=true')).toEqual([]);
    expect(toReason(await book(made.id, { startDateTime: at(day, '17:00') }))).toEqual([422, 'REFERRAL_USED']);
    expect(toReason(await hold(made.id, { startDateTime: at(day, '18:00') }))).toEqual([422, 'REFERRAL_USED']);
    const other = await created();
    expect(toErrorField(await book(other.id, { holdId: held.id }))).toEqual([400, 'referralId']);
    const booked = await book(undefined, { holdId: held.id });
    expect([booked.status, booked.data.id]).toEqual([201, held.id]);
    expect((await own()).find(({ id }) => id === made.id)).toMatchObject({ appointmentId: held.id });
  });

  it('that expired or was released keeps nothing', async () => {
    const made = await created();
    const { data: released } = await hold(made.id);
    await app.call('DELETE', `/api/v1/holds/${released.id}`, { token: patient.token });
    const { data: expired } = await hold(made.id, { startDateTime: at(day, '17:00') });
    await app.db.query(`UPDATE hold SET expires_at = now() - interval '1 second' WHERE id = $1`, [expired.id]);
    await app.db.query(`UPDATE reservation SET expires_at = now() - interval '1 second' WHERE appointment_id = $1`, [
      expired.id,
    ]);
    expect(await own('unused=true')).toHaveLength(1);
    expect((await book(made.id, { startDateTime: at(day, '18:00') })).status).toBe(201);
    expect((await book(undefined, { holdId: expired.id, startDateTime: at(day, '17:00') })).status).toBe(410);
  });

  it('is made once of 10 at the same time with one referral, and of holds and bookings one wins', async () => {
    const made = await created();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => {
        const fields = { startDateTime: at(day, `${String(n + 8).padStart(2, '0')}:00`) };
        return n % 2 ? hold(made.id, fields) : book(made.id, fields);
      }),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(422)]);
  });

  it('of the desk without a referral is not booked by the patient of a service that requires one', async () => {
    const { data: held } = await app.call('POST', '/api/v1/holds', {
      token: clinic.staff,
      body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(day), clientId: patient.clientId },
    });
    expect(toReason(await book(undefined, { holdId: held.id }))).toEqual([422, 'REFERRAL_REQUIRED']);
    const made = await created();
    expect((await book(made.id, { holdId: held.id })).status).toBe(201);
    expect(await own()).toMatchObject([{ appointmentId: held.id }]);
  });
});

describe('a reminder', () => {
  const remind = (): Promise<void> => app.app.get(ReferralRemindersTask).run();
  const makeDue = (id: string): Promise<unknown> =>
    app.db.query(`UPDATE referral SET remind_on = current_date - 1 WHERE id = $1`, [id]);
  const deliveries = async (id: string): Promise<any[]> => {
    const { rows } = await app.db.query(
      `SELECT n.channel, n.state, n.user_id AS "userId", m.body FROM notification n
       LEFT JOIN dev_mailbox m ON m.delivery_id = n.id::text WHERE n.referral_id = $1 ORDER BY n.channel`,
      [id],
    );
    return rows;
  };

  it('of an unused referral is sent once by each channel, however often the task runs, and names no service', async () => {
    const made = await created({ reason: 'Review of the cough' });
    await remind();
    expect(await deliveries(made.id)).toEqual([]);
    await makeDue(made.id);
    await Promise.all([remind(), remind(), remind()]);
    await remind();
    const [mail, ...others] = await eventually(async () => {
      const sent = await deliveries(made.id);
      expect(sent.map(({ channel, state }) => `${channel} ${state}`)).toEqual(['EMAIL SENT', 'IN_APP SENT']);
      return sent;
    });
    expect(others).toHaveLength(1);
    const until = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(
      Date.parse(made.validTo),
    );
    expect(mail.body).toContain(`The visit can be on any day until ${until}.`);
    expect(mail.body).not.toMatch(/cough|Visit\n/);
    const inbox = await app.call('GET', '/api/v1/notifications', { token: patient.token });
    expect(inbox.data).toMatchObject([{ kind: 'REFERRAL_REMINDER', title: 'Book your appointment' }]);
    await makeDue(made.id);
    await remind();
    expect(await deliveries(made.id)).toHaveLength(2);
  });

  it('is not sent for a referral that was used, is kept by a hold, or has ended', async () => {
    const [used, held, ended] = [await created(), await created(), await created()];
    await book(used.id);
    await hold(held.id, { startDateTime: at(day, '12:00') });
    await app.db.query(`UPDATE referral SET valid_from = '2020-01-01', valid_to = '2020-02-01' WHERE id = $1`, [
      ended.id,
    ]);
    for (const { id } of [used, held, ended]) await makeDue(id);
    await remind();
    for (const { id } of [used, held, ended]) expect(await deliveries(id)).toEqual([]);
  });

  it('that was created is skipped if the referral is used before it is sent', async () => {
    const made = await created();
    const { data: booked } = await book(made.id);
    await app.db.query(
      `INSERT INTO notification (user_id, clinic_id, referral_id, kind, channel, due_at, next_attempt_at)
       VALUES ($1, $2, $3, 'REFERRAL_REMINDER', 'EMAIL', now(), now())`,
      [patient.userId, clinic.id, made.id],
    );
    expect(booked.status).toBe('CONFIRMED');
    await eventually(async () => expect(await deliveries(made.id)).toMatchObject([{ state: 'SKIPPED', body: null }]));
  });
});
