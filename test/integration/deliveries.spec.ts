import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Clock } from '../../src/core/kernel/clock.js';
import { newId } from '../../src/core/kernel/id.js';
import { DeliveryScheduler } from '../../src/modules/notifications/delivery-scheduler.js';
import { NotificationPlanner } from '../../src/modules/notifications/notification-planner.js';
import { NOTIFICATION_NOTE } from '../../src/modules/notifications/index.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import type { Contacts } from '../../src/modules/users/index.js';
import { changeContacts, encrypted } from '../support/encrypted.js';
import { calendarText } from '../support/calendar.js';
import { eventually } from '../support/eventually.js';
import { FakeFcm } from '../support/fake-fcm.js';
import { FakeTwilio } from '../support/fake-twilio.js';
import { lockTable } from '../support/locks.js';
import { allPublished } from '../support/outbox.js';
import { findBookableService, type BookableService } from '../support/slots.js';
import { SmtpSink } from '../support/smtp-sink.js';

/** Deliveries with faults, races and invalid data. No job runs by itself: each test starts the work that it needs. */
let app: TestApp;
let scheduler: DeliveryScheduler;
let planner: NotificationPlanner;
let smtp: SmtpSink;
let twilio: FakeTwilio;
let fcm: FakeFcm;
let offer: BookableService;
let clinicId: string;
let patient: TestPatient;

/** The clock of a process, which can be wrong. */
class SkewedClock extends Clock {
  aheadMilliseconds = 0;

  now(): number {
    return Date.now() + this.aheadMilliseconds;
  }
}
const clock = new SkewedClock();

beforeAll(async () => {
  [smtp, twilio, fcm] = await Promise.all([new SmtpSink().start(), new FakeTwilio().start(), new FakeFcm().start()]);
  const env = {
    JOBS_IN_PROCESS: 'false',
    JOBS_SWEEP_SECONDS: '60',
    SMTP_URL: smtp.url(),
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_FROM: '+15550001111',
    TWILIO_API_URL: twilio.url,
    FCM_SERVICE_ACCOUNT: JSON.stringify(fcm.serviceAccount),
    FCM_API_URL: fcm.url,
  };
  app = await TestApp.start(env, undefined, clock);
  scheduler = app.app.get(DeliveryScheduler);
  planner = app.app.get(NotificationPlanner);
  offer = await findBookableService(app, 'Video visit');
  const { rows } = await app.db.query(`SELECT clinic_id AS id FROM service WHERE id = $1`, [offer.serviceId]);
  clinicId = rows[0].id;
});

afterAll(async () => {
  await app.close();
  await Promise.all([smtp.close(), twilio.close(), fcm.close()]);
});

beforeEach(async () => {
  smtp.mails.length = twilio.messages.length = fcm.messages.length = 0;
  patient = await app.patient();
});

afterEach(async () => {
  smtp.faults.length = twilio.faults.length = 0;
  smtp.gate = null;
  clock.aheadMilliseconds = 0;
  await app.db.query(`DELETE FROM planned_notification`);
  await app.db.query(`UPDATE notification SET state = 'SKIPPED' WHERE state IN ('PENDING', 'SENDING')`);
});

const user = (set: string, ...values: unknown[]): Promise<unknown> =>
  app.db.query(`UPDATE user_account SET ${set} WHERE id = $1`, [patient.userId, ...values]);

const contact = (contacts: Partial<Contacts>): Promise<void> => changeContacts(app, patient.userId, contacts);

/** Books an appointment, about which no message is sent yet. */
async function book(): Promise<string> {
  const answer = await app.call('POST', '/api/v1/appointments', {
    token: patient.token,
    body: { serviceId: offer.serviceId, doctorId: offer.doctorId, startDateTime: offer.slots.shift() },
  });
  expect(answer.status).toBe(201);
  await allPublished(app);
  return answer.data.id as string;
}

interface MessageFields {
  channel?: string;
  appointmentId?: string;
  kind?: string;
  offset?: number;
  version?: number;
  dueSecondsAgo?: number;
  userId?: string;
}

/** Inserts a message that is due. @returns its id */
async function insertMessage(message: MessageFields = {}): Promise<string> {
  const { channel = 'EMAIL', appointmentId = null, offset = 0, dueSecondsAgo = 0 } = message;
  const { kind = appointmentId ? 'APPOINTMENT_REMINDER' : 'MESSAGE_FROM_CLINIC', version = 1 } = message;
  const id = newId();
  const note = encrypted(app, NOTIFICATION_NOTE, 'Bring your card.', id);
  await app.db.query(
    `INSERT INTO notification (id, user_id, clinic_id, appointment_id, kind, channel, offset_minutes, version, note, due_at, next_attempt_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $10, at, at FROM (SELECT now() - make_interval(secs => $9) AS at) x`,
    [
      id,
      message.userId ?? patient.userId,
      clinicId,
      appointmentId,
      kind,
      channel,
      offset,
      version,
      dueSecondsAgo,
      note,
    ],
  );
  return id;
}

const state = async (id: string): Promise<any> => {
  const { rows } = await app.db.query(
    `SELECT state, reason, attempts, extract(epoch FROM next_attempt_at - now())::float8 AS wait FROM notification WHERE id = $1`,
    [id],
  );
  return rows[0];
};

const mailIds = (): string[] => smtp.mails.map(({ mail }) => mail.messageId?.slice(1, 37) ?? '');

describe('after an outage', () => {
  test('messages are sent in the order in which they were due, at most five at once', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 60; n += 1) ids.unshift(await insertMessage({ dueSecondsAgo: n }));
    smtp.maxInProgress = 0;
    await scheduler.deliver('EMAIL');
    const places = mailIds().map((id) => ids.indexOf(id));
    expect(places).toHaveLength(60);
    // One that is slow can be overtaken by many; without an order they would be 20 places from theirs on average.
    const distances = places.map((place, index) => Math.abs(place - index));
    expect(distances.reduce((sum, distance) => sum + distance) / places.length).toBeLessThan(5);
    expect(smtp.maxInProgress).toBeLessThanOrEqual(5);
  });

  test('of hundreds of reminders of one appointment only the closest is sent, also beyond one batch', async () => {
    const id = await book();
    await app.db.query(`DELETE FROM planned_notification WHERE appointment_id = $1`, [id]);
    await app.db.query(
      `INSERT INTO planned_notification (appointment_id, clinic_id, kind, offset_minutes, version, due_at)
       SELECT $1, $2, 'APPOINTMENT_REMINDER', n, 1, now() - make_interval(mins => n) FROM generate_series(1, 700) AS n`,
      [id, clinicId],
    );
    await planner.createDueDeliveries();
    const { rows } = await app.db.query(
      `SELECT DISTINCT offset_minutes AS n FROM notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_REMINDER'`,
      [id],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('a reminder that waited until the next one was due is not sent as well', async () => {
    const appointmentId = await book();
    const far = await insertMessage({ appointmentId, offset: 1440, dueSecondsAgo: 60 });
    const near = await insertMessage({ appointmentId, offset: 120 });
    await scheduler.deliver('EMAIL');
    expect(await state(far)).toMatchObject({ state: 'SKIPPED', reason: 'OVERTAKEN' });
    expect(mailIds()).toEqual([near]);
  });

  test('a reminder of a past appointment is skipped, by the database’s clock', async () => {
    const appointmentId = await book();
    const id = await insertMessage({ appointmentId, offset: 120 });
    // By this process's clock the appointment would be over.
    clock.aheadMilliseconds = 2 * 60 * 60_000;
    await app.db.query(`UPDATE appointment SET start_at = now() + interval '1 hour' WHERE id = $1`, [appointmentId]);
    await scheduler.deliver('EMAIL');
    expect((await state(id)).state).toBe('SENT');
    clock.aheadMilliseconds = -2 * 60 * 60_000;
    const late = await insertMessage({ appointmentId, offset: 60 });
    await app.db.query(`UPDATE appointment SET start_at = now() - interval '1 second' WHERE id = $1`, [appointmentId]);
    await scheduler.deliver('EMAIL');
    expect(await state(late)).toMatchObject({ state: 'SKIPPED', reason: 'VISIT_PAST' });
  });
});

describe('races', () => {
  test('a reminder is not sent if its appointment is cancelled while a slow provider delays earlier messages', async () => {
    const appointmentId = await book();
    const first = await Promise.all(Array.from({ length: 5 }, () => insertMessage({ dueSecondsAgo: 60 })));
    const reminder = await insertMessage({ appointmentId, offset: 120 });
    let release: () => void = () => undefined;
    smtp.gate = new Promise((resolve) => (release = resolve));
    const drained = scheduler.deliver('EMAIL');
    await eventually(async () => expect(smtp.inProgress).toBe(5));
    const cancelled = await app.call('DELETE', `/api/v1/appointments/${appointmentId}`, { token: patient.token });
    expect(cancelled.status).toBe(200);
    release();
    await drained;
    expect(await state(reminder)).toMatchObject({ state: 'SKIPPED', reason: 'NOT_UPCOMING' });
    for (const id of first) expect((await state(id)).state).toBe('SENT');
  });

  test('a sender whose lease ran out does not overwrite the result of the sender that took over', async () => {
    const id = await insertMessage();
    let release: () => void = () => undefined;
    smtp.gate = new Promise((resolve) => (release = resolve));
    const slow = scheduler.deliver('EMAIL');
    await eventually(async () => expect(smtp.inProgress).toBe(1));
    smtp.gate = null;
    // The first sender may renew its lease in between.
    await eventually(async () => {
      await app.db.query(`UPDATE notification SET next_attempt_at = now() WHERE id = $1`, [id]);
      await scheduler.deliver('EMAIL');
      expect(await state(id)).toMatchObject({ state: 'SENT', attempts: 2 });
    });
    await app.db.query(`UPDATE notification SET reason = 'AS IT WAS' WHERE id = $1`, [id]);
    release();
    await slow;
    expect(await state(id)).toMatchObject({ state: 'SENT', attempts: 2, reason: 'AS IT WAS' });
  });

  test('a mail whose result cannot be saved at first is not sent by another sender meanwhile', async () => {
    const id = await insertMessage();
    await app.db.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER refuse_results BEFORE UPDATE ON notification FOR EACH ROW WHEN (NEW.state = 'SENT') EXECUTE FUNCTION refuse()`);
    try {
      const delivering = scheduler.deliver('EMAIL');
      await eventually(async () => expect(smtp.mails).toHaveLength(1));
      const { rows } = await app.db.query(`SELECT next_attempt_at AS at FROM notification WHERE id = $1`, [id]);
      await eventually(async () => {
        const { rowCount } = await app.db.query(`SELECT WHERE now() > $1::timestamptz + interval '10 ms'`, [
          rows[0].at,
        ]);
        expect(rowCount).toBe(1);
      });
      const other = new AbortController();
      await scheduler.deliver('EMAIL', other.signal, () => other.abort());
      expect(smtp.mails).toHaveLength(1);
      // Not DROP TRIGGER, which locks all partitions and can deadlock with a repeated update.
      await app.db.query(
        `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`,
      );
      await delivering;
    } finally {
      await app.db.query(`DROP FUNCTION refuse() CASCADE`);
    }
  });

  test('an appointment that is moved by two concurrent requests has one notice, and reminders of its last time only', async () => {
    const id = await book();
    const move = (): Promise<Answer> =>
      app.call('PUT', `/api/v1/appointments/${id}`, {
        token: patient.token,
        body: { startDateTime: offer.slots.shift() },
      });
    expect((await Promise.all([move(), move()])).map(({ status }) => status)).toEqual([200, 200]);
    await allPublished(app);
    await planner.createDueDeliveries();
    await scheduler.deliver('IN_APP');
    await allPublished(app);
    const inbox = await app.call('GET', '/api/v1/notifications', { token: patient.token });
    expect(inbox.data.map(({ kind }: { kind: string }) => kind)).toEqual(['APPOINTMENT_MOVED']);
    const { rows } = await app.db.query(
      `SELECT p.version = a.schedule_version AS "isCurrent", p.due_at + make_interval(mins => p.offset_minutes) = a.start_at AS "isRight"
       FROM planned_notification p JOIN appointment a ON a.id = p.appointment_id WHERE a.id = $1`,
      [id],
    );
    expect(rows).toEqual([
      { isCurrent: true, isRight: true },
      { isCurrent: true, isRight: true },
    ]);
  });
});

test('a process that shuts down finishes what it has started and postpones the rest', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 30; n += 1) ids.push(await insertMessage());
  const stopping = new AbortController();
  let release: () => void = () => undefined;
  smtp.gate = new Promise((resolve) => (release = resolve));
  const drained = scheduler.deliver('EMAIL', stopping.signal);
  await eventually(async () => expect(smtp.inProgress).toBe(5));
  stopping.abort();
  release();
  await drained;
  const states = await Promise.all(ids.map(state));
  expect(states.filter((one) => one.state === 'SENT')).toHaveLength(5);
  expect(states.filter((one) => one.state === 'PENDING' && one.attempts === 0 && one.wait <= 0)).toHaveLength(25);
});

describe('faults', () => {
  test('a message that cannot be rendered is a dead letter at once, and the others are sent', async () => {
    const bad = await insertMessage({ kind: 'NO_SUCH_KIND', appointmentId: await book() });
    const badInbox = await insertMessage({ kind: 'NO_SUCH_KIND', appointmentId: await book(), channel: 'IN_APP' });
    const [good, goodInbox] = [await insertMessage(), await insertMessage({ channel: 'IN_APP' })];
    await scheduler.deliver('EMAIL');
    await scheduler.deliver('IN_APP');
    expect(await state(bad)).toMatchObject({ state: 'FAILED', reason: 'NOT_RENDERED' });
    expect(await state(badInbox)).toMatchObject({ state: 'FAILED', reason: 'NOT_RENDERED' });
    expect([(await state(good)).state, (await state(goodInbox)).state]).toEqual(['SENT', 'SENT']);
  });

  test('a message whose appointment cannot be read for lack of a connection uses no attempt, and is sent later', async () => {
    const id = await insertMessage({ appointmentId: await book() });
    const release = await lockTable(app.db, 'doctor', 'ACCESS EXCLUSIVE');
    let isDone = false;
    try {
      const delivered = scheduler.deliver('EMAIL').finally(() => (isDone = true));
      await eventually(async () => {
        await app.db.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'careslot' AND wait_event_type = 'Lock'`,
        );
        expect(isDone).toBe(true);
      });
      await delivered;
    } finally {
      await release();
    }
    expect(await state(id)).toMatchObject({ state: 'PENDING', reason: null, attempts: 0 });
    await eventually(async () => {
      await scheduler.deliver('EMAIL');
      expect(await state(id)).toMatchObject({ state: 'SENT', attempts: 1 });
    });
  });

  test('a recipient whose address cannot be decrypted gets no mail, but everybody else does, and so does the inbox', async () => {
    const other = await app.patient();
    const [mail, entry] = [await insertMessage(), await insertMessage({ channel: 'IN_APP' })];
    const mailToOther = await insertMessage({ userId: other.userId });
    await user(`email = '\\x00'`);
    await scheduler.deliver('EMAIL');
    await scheduler.deliver('IN_APP');
    expect(await state(mail)).toMatchObject({ state: 'PENDING', reason: 'INTERNAL' });
    expect([(await state(mailToOther)).state, (await state(entry)).state]).toEqual(['SENT', 'SENT']);
    await user(`email = NULL, email_index = NULL`);
  });

  test('before a dead letter is sent again, the provider is asked whether the first attempt arrived', async () => {
    await contact({ phone: '+201005550102' });
    const id = await insertMessage({ channel: 'SMS' });
    twilio.faults.push('RESET_AFTER_ACCEPT');
    await scheduler.deliver('SMS');
    await app.db.query(`UPDATE notification SET state = 'FAILED' WHERE id = $1`, [id]);
    const staff = app.tokenFor({ userId: patient.userId, role: 'STAFF', clinicIds: [clinicId] });
    expect((await app.call('POST', `/api/v1/notifications/${id}/replay`, { token: staff })).status).toBe(200);
    await scheduler.deliver('SMS');
    expect(await state(id)).toMatchObject({ state: 'SENT', reason: null });
    expect(twilio.messages).toHaveLength(1);
  });

  test('of two messages with the same text, one of which arrived, the other one is sent again', async () => {
    await contact({ phone: '+201005550103' });
    const ids = [await insertMessage({ channel: 'SMS' }), await insertMessage({ channel: 'SMS' })];
    twilio.faults.push('RESET_AFTER_ACCEPT', 'RESET');
    await scheduler.deliver('SMS');
    expect(twilio.messages).toHaveLength(1);
    await app.db.query(`UPDATE notification SET next_attempt_at = now() WHERE id = ANY ($1::uuid[])`, [ids]);
    await scheduler.deliver('SMS');
    const { rows } = await app.db.query<{ providerId: string }>(
      `SELECT provider_id AS "providerId" FROM notification WHERE id = ANY ($1::uuid[]) AND state = 'SENT'`,
      [ids],
    );
    expect(rows.map(({ providerId }) => providerId).sort()).toEqual(twilio.messages.map(({ sid }) => sid).sort());
    expect(twilio.messages).toHaveLength(2);
  });

  /** Registers two devices of the patient, of which one does not exist any more. */
  async function insertDevices(): Promise<{ gone: string; here: string }> {
    const [gone, here] = [`gone-${patient.userId}`, `here-${patient.userId}`];
    await app.db.query(
      `INSERT INTO notification_device (id, user_id, session_id, token, platform)
       SELECT d.id, s.user_id, s.id, d.token, 'WEB'
       FROM session s, (VALUES ($1::uuid, $2), ($3::uuid, $4)) AS d (id, token) WHERE s.user_id = $5`,
      [newId(), gone, newId(), here, patient.userId],
    );
    fcm.unregistered.add(gone);
    return { gone, here };
  }

  const tokens = async (): Promise<string[]> => {
    const { rows } = await app.db.query(`SELECT token FROM notification_device WHERE user_id = $1 ORDER BY token`, [
      patient.userId,
    ]);
    return rows.map(({ token }) => token);
  };

  test('a push reaches the remaining devices, and a token that the provider rejects is deleted', async () => {
    const { here } = await insertDevices();
    const id = await insertMessage({ channel: 'PUSH' });
    await scheduler.deliver('PUSH');
    expect((await state(id)).state).toBe('SENT');
    expect(fcm.messages.map(({ token }) => token)).toEqual([here]);
    expect(await tokens()).toEqual([here]);
  });

  test('a push is sent once if a rejected token cannot be deleted, which the next push does', async () => {
    const { gone, here } = await insertDevices();
    await app.db.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER refuse_deletes BEFORE DELETE ON notification_device FOR EACH ROW EXECUTE FUNCTION refuse()`);
    const first = await insertMessage({ channel: 'PUSH' });
    try {
      await scheduler.deliver('PUSH');
    } finally {
      await app.db.query(`DROP FUNCTION refuse() CASCADE`);
    }
    expect(await state(first)).toMatchObject({ state: 'SENT', attempts: 1 });
    expect(fcm.messages.map(({ token }) => token)).toEqual([here]);
    expect(await tokens()).toEqual([gone, here]);
    const second = await insertMessage({ channel: 'PUSH' });
    await scheduler.deliver('PUSH');
    expect(await state(second)).toMatchObject({ state: 'SENT' });
    expect(await tokens()).toEqual([here]);
  });

  test('hundreds of messages at once appear in the inbox once each, each with its event', async () => {
    await app.db.query(
      `INSERT INTO notification (user_id, clinic_id, kind, channel, due_at, next_attempt_at)
       SELECT $1, $2, 'MESSAGE_FROM_CLINIC', 'IN_APP', now(), now() FROM generate_series(1, 250) AS n`,
      [patient.userId, clinicId],
    );
    await Promise.all(Array.from({ length: 4 }, () => scheduler.deliver('IN_APP')));
    const { rows } = await app.db.query(
      `SELECT count(DISTINCT n.id)::int AS messages, count(o.id)::int AS events, count(a.id)::int AS audited
       FROM notification n JOIN outbox o ON o.aggregate_id = n.id JOIN audit_log a ON a.object_id = n.id
       WHERE n.user_id = $1 AND n.state = 'SENT'`,
      [patient.userId],
    );
    expect(rows).toEqual([{ messages: 250, events: 250, audited: 250 }]);
  });
});

describe('a telephone number in a local format', () => {
  test.each(['01001234567', '0020 100 123 4567', '+20-100-123-4567', '٠١٠٠١٢٣٤٥٦٧'])(
    'is converted to E.164 by the country of the clinic: %s',
    async (phone) => {
      await user(`time_zone = 'UTC'`);
      await contact({ phone });
      const id = await insertMessage({ channel: 'SMS' });
      await scheduler.deliver('SMS');
      expect(await state(id)).toMatchObject({ state: 'SENT' });
      expect(twilio.messages.map(({ to }) => to)).toEqual(['+201001234567']);
    },
  );

  test('is not used if it is invalid', async () => {
    await contact({ phone: '123' });
    const id = await insertMessage({ channel: 'SMS' });
    await scheduler.deliver('SMS');
    expect(await state(id)).toMatchObject({ state: 'SKIPPED', reason: 'INVALID_NUMBER' });
    expect(twilio.messages).toEqual([]);
  });
});

describe('recipients', () => {
  test('without an address, with this kind turned off, or with a deleted account get no message', async () => {
    await contact({ email: null, phone: null });
    const [noMail, noPhone, noDevice] = [
      await insertMessage(),
      await insertMessage({ channel: 'SMS' }),
      await insertMessage({ channel: 'PUSH' }),
    ];
    for (const channel of ['EMAIL', 'SMS', 'PUSH'] as const) await scheduler.deliver(channel);
    for (const id of [noMail, noPhone, noDevice]) {
      expect(await state(id)).toMatchObject({ state: 'SKIPPED', reason: 'NO_ADDRESS' });
    }
    await contact({ email: 'back@patients.test' });
    await app.call('PUT', '/api/v1/notifications/preferences', {
      token: patient.token,
      body: { channels: { MESSAGE_FROM_CLINIC: ['IN_APP'] } },
    });
    const unwanted = await insertMessage();
    await scheduler.deliver('EMAIL');
    expect(await state(unwanted)).toMatchObject({ state: 'SKIPPED', reason: 'UNWANTED' });
    await user('deleted_at = now()');
    const [gone, goneInbox] = [await insertMessage(), await insertMessage({ channel: 'IN_APP' })];
    await scheduler.deliver('EMAIL');
    await scheduler.deliver('IN_APP');
    expect(await state(gone)).toMatchObject({ state: 'SKIPPED', reason: 'RECIPIENT_GONE' });
    expect(await state(goneInbox)).toMatchObject({ state: 'SKIPPED', reason: 'RECIPIENT_GONE' });
    expect(smtp.mails).toEqual([]);
  });

  test('get their messages also from a deleted clinic, and with an unknown locale or time zone', async () => {
    await user(`locale = 'xx-!!', time_zone = 'Mars/Olympus'`);
    const id = await insertMessage({ appointmentId: await book(), offset: 120 });
    const note = await insertMessage();
    await app.db.query(`UPDATE clinic SET deleted_at = now() WHERE id = $1`, [clinicId]);
    await scheduler.deliver('EMAIL');
    await app.db.query(`UPDATE clinic SET deleted_at = NULL WHERE id = $1`, [clinicId]);
    expect([(await state(id)).state, (await state(note)).state]).toEqual(['SENT', 'SENT']);
    expect(smtp.mails.map(({ mail }) => mail.subject)).toContainEqual('Message from your clinic');
  });

  test('cannot inject markup, headers or direction marks by their names (I-08)', async () => {
    await user(`first_name = $2`, `<script>alert(1)</script>\r\nBcc: evil@example.org\u202egnorw`);
    await app.db.query(`UPDATE doctor SET last_name = $2 WHERE id = $1`, [
      offer.doctorId,
      `{{7*7}}\r\nSubject: no\u2066<b>`,
    ]);
    const id = await book();
    await planner.createDueDeliveries();
    await scheduler.deliver('EMAIL');
    const [received] = smtp.mails;
    const { mail, raw, to } = received as NonNullable<typeof received>;
    expect(to).toEqual([`${patient.userId}@patients.test`]);
    expect(mail.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(mail.headers.filter(({ key }) => key === 'subject')).toHaveLength(1);
    expect(mail.html).not.toMatch(/<script|<b>/);
    expect(mail.html).toContain('&lt;script&gt;');
    expect(`${mail.html}${mail.text}${mail.subject}${raw}`).not.toMatch(/[\u202a-\u202e\u2066\u2067]/);
    const appointment = await app.call('GET', `/api/v1/appointments/${id}`, { token: patient.token });
    expect(appointment.status).toBe(200);
    await app.db.query(`UPDATE doctor SET last_name = 'Plain' WHERE id = $1`, [offer.doctorId]);
  });

  test.each([
    [`o'brien+x@example.org`, `o'brien+x@example.org`],
    [`amina@bücher.example`, `amina@bücher.example`],
  ])('with an unusual address get the message at that address: %s', async (email, envelope) => {
    await contact({ email });
    const id = await insertMessage();
    await scheduler.deliver('EMAIL');
    expect((await state(id)).state).toBe('SENT');
    expect(smtp.mails.map(({ to }) => to)).toEqual([[envelope]]);
  });

  test.each([
    `"a b, b@example.org"@example.org`,
    `a@example.org, b@example.org`,
    `x@example.org\r\nRCPT TO:<evil@example.org>`,
    'no address',
  ])('with an invalid address get no message, and nobody else does: %j', async (email) => {
    await contact({ email });
    const id = await insertMessage();
    await scheduler.deliver('EMAIL');
    expect(await state(id)).toMatchObject({ state: 'FAILED', reason: 'SMTP_501' });
    expect(smtp.mails).toEqual([]);
  });

  test('with an address in doubled brackets get the message at the address in them', async () => {
    await contact({ email: '<a@b>>' });
    const id = await insertMessage();
    await scheduler.deliver('EMAIL');
    expect((await state(id)).state).toBe('SENT');
    expect(smtp.mails.map(({ to }) => to)).toEqual([['a@b']]);
  });
});

test('the calendar entry keeps its UID and increases its SEQUENCE when an appointment is booked, moved and cancelled', async () => {
  const id = await book();
  const sendMails = async (): Promise<void> => {
    await allPublished(app);
    await planner.createDueDeliveries();
    await scheduler.deliver('EMAIL');
  };
  await sendMails();
  await app.call('PUT', `/api/v1/appointments/${id}`, {
    token: patient.token,
    body: { startDateTime: offer.slots.shift() },
  });
  await sendMails();
  await app.call('DELETE', `/api/v1/appointments/${id}`, { token: patient.token });
  await sendMails();
  const entries = smtp.mails.map(({ mail }) => {
    const unfolded = calendarText(mail).replace(/\r?\n /g, '');
    const value = (name: string): string | undefined =>
      new RegExp(`^${name}[^:\\r\\n]*:(.*)$`, 'm').exec(unfolded)?.[1]?.trim();
    expect(unfolded.toLowerCase()).toContain(`mailto:${patient.userId}@patients.test`);
    return [value('METHOD'), value('UID'), Number(value('SEQUENCE')), value('STATUS')];
  });
  const uid = `appointment-${id}@careslot`;
  expect(entries.map(([method, entry, , status]) => [method, entry, status])).toEqual([
    ['REQUEST', uid, 'CONFIRMED'],
    ['REQUEST', uid, 'CONFIRMED'],
    ['CANCEL', uid, 'CANCELLED'],
  ]);
  const sequences = entries.map(([, , sequence]) => Number(sequence));
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  expect(new Set(sequences).size).toBe(3);
});

// The last test: it pauses the channel for a minute.
test('Retry-After pauses the channel: one message has used an attempt, the others wait without using one', async () => {
  await contact({ phone: '+201005550101' });
  const ids = [await insertMessage({ channel: 'SMS', dueSecondsAgo: 9 })];
  for (let n = 0; n < 20; n += 1) ids.push(await insertMessage({ channel: 'SMS' }));
  twilio.faults.push({ status: 429, headers: { 'retry-after': '60' } });
  await scheduler.deliver('SMS');
  const states = await Promise.all(ids.map(state));
  const refused = states.filter(({ reason }) => reason === 'TWILIO_429');
  expect(refused).toMatchObject([{ state: 'PENDING', attempts: 1 }]);
  expect(refused[0].wait).toBeGreaterThan(20);
  // Only those that were already being sent when the provider answered.
  expect(twilio.messages.length).toBeLessThanOrEqual(4);
  const untried = states.filter((one) => one.state === 'PENDING' && one.reason === null);
  expect(untried).toHaveLength(ids.length - 1 - twilio.messages.length);
  expect(untried.every(({ attempts }) => attempts === 0)).toBe(true);
});
