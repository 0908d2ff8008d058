import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MaintenanceScheduler } from '../../src/core/jobs/maintenance-scheduler.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { allPublished } from '../support/outbox.js';
import { WebhookReceiver, verifyHook, type HookReply, type ReceivedHook } from '../support/webhook-receiver.js';

const PATH = '/api/v1/webhooks';
/** Milliseconds that a slow receiver takes at least. */
const DURATION = 50;
const VISITS = ['appointment:created', 'appointment:updated', 'appointment:cancelled'];

let app: TestApp;
let receiver: WebhookReceiver;
let here: TestClinic;
let there: TestClinic;
let serviceId: string;
let serviceThere: string;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  app = await TestApp.start({ WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1' });
  [here, there] = [await openClinic(app), await openClinic(app)];
  [serviceId, serviceThere] = [await aService(app, here), await aService(app, there)];
});

/** Endpoints of other tests get no events. */
afterEach(async () => {
  await app.db.query('DELETE FROM webhook_endpoint');
  receiver.hooks.length = 0;
  receiver.replies.length = 0;
  receiver.reply = 200;
});

afterAll(async () => {
  await app.close();
  await receiver.close();
});

interface TestHook {
  id: string;
  secret: string;
  path: string;
  url: string;
}

/** Another manager of the clinic, with rate limits of their own. */
async function aManager(clinicIds = [here.id]): Promise<{ userId: string; token: string }> {
  const userId = await createAccount(app, 'MANAGER', { clinicIds });
  return { userId, token: app.tokenFor({ userId, role: 'MANAGER', clinicIds }) };
}

async function addHook(fields: object = {}, by?: string): Promise<TestHook> {
  const token = by ?? (await aManager()).token;
  const path = `/${randomUUID()}`;
  const url = `${receiver.url}${path}`;
  const { status, data, body } = await app.call('POST', PATH, { token, body: { url, events: VISITS, ...fields } });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { id: data.id, secret: data.secret, path, url };
}

let minutes = 0;
/** Books another free time at each call. */
async function book(clinic = here, fields: object = {}): Promise<any> {
  const patient = await app.patient();
  const startDateTime = new Date(Date.parse(at(5, '00:00')) + (minutes += 30) * 60_000).toISOString();
  const service = clinic === here ? serviceId : serviceThere;
  const body = { serviceId: service, doctorId: clinic.doctorIds[0], startDateTime, ...fields };
  const { data, status } = await app.call('POST', '/api/v1/appointments', { token: patient.token, body });
  expect(status).toBe(201);
  return data;
}

const received = (hook: TestHook, count: number): Promise<ReceivedHook[]> =>
  eventually(() => {
    const hooks = receiver.to(hook.path);
    expect(hooks).toHaveLength(count);
    return Promise.resolve(hooks);
  });

const listDeliveries = (hook: TestHook, query = '', token = here.manager): Promise<Answer> =>
  app.call('GET', `${PATH}/${hook.id}/deliveries${query}`, { token });

/** Waits until the newest delivery is as expected. */
const newest = (hook: TestHook, expected: object): Promise<any> =>
  eventually(async () => {
    const { data } = await listDeliveries(hook);
    expect(data[0]).toMatchObject(expected);
    return data[0];
  });

const get = async (hook: TestHook): Promise<any> =>
  (await app.call('GET', `${PATH}/${hook.id}`, { token: here.manager })).data;

/** Makes the deliveries that wait for their next attempt due now. @param fields SQL */
const makeDue = (hook: TestHook, fields = ''): Promise<unknown> =>
  app.db.query(
    `UPDATE webhook_delivery SET next_attempt_at = now() ${fields} WHERE endpoint_id = $1 AND state = 'PENDING'`,
    [hook.id],
  );

const redeliver = (hook: TestHook, id: string, token = here.manager): Promise<Answer> =>
  app.call('POST', `${PATH}/${hook.id}/deliveries/${id}/redeliver`, { token });

const change = async (hook: TestHook, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call('PUT', `${PATH}/${hook.id}`, { token: (await aManager()).token, body, headers });

/** The mails about paused endpoints that a manager was sent. */
const countMails = async (userId: string): Promise<number> => {
  const { rows } = await app.db.query(
    `SELECT FROM notification WHERE kind = 'WEBHOOK_PAUSED' AND user_id = $1 AND channel = 'EMAIL' AND state = 'SENT'`,
    [userId],
  );
  return rows.length;
};

describe('an endpoint', () => {
  it('shows its secret once', async () => {
    const body = { url: `${receiver.url}/once`, events: VISITS };
    const send = (): Promise<Answer> =>
      app.call('POST', PATH, { token: here.manager, body, headers: { 'idempotency-key': 'once' } });
    const made = await send();
    expect(made.status).toBe(201);
    const { secret, ...view } = made.data;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(view).toMatchObject({ ...body, clinicId: here.id, active: true, pausedReason: null, version: 1 });
    const again = await send();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.data).toEqual({ ...made.data, secret: null });
    const listed = await app.call('GET', PATH, { token: here.manager });
    expect(listed.data).toEqual([view]);
    const { rows } = await app.db.query('SELECT secret FROM webhook_endpoint');
    expect(rows[0].secret.includes(Buffer.from(secret.slice(6), 'base64'))).toBe(false);
    expect(rows[0].secret.includes(Buffer.from(secret))).toBe(false);
  });

  it('has a public http URL, also after a change (S-01)', async () => {
    const hook = await addHook();
    const { token } = await aManager();
    for (const url of [
      ...[
        'http://169.254.169.254/latest',
        'http://[::1]:8080/',
        'http://10.0.0.1/',
        'https://192.168.1.1/',
        'http://0/',
      ],
      ...['http://[::ffff:169.254.169.254]/', 'http://localhost:8080/', 'file:///etc/passwd', 'gopher://ehr.example/'],
      ...['https://user@ehr.example/', 'http://127.0.0.1:22/', 'ehr.example', ''],
    ]) {
      const answers = [
        await app.call('POST', PATH, { token, body: { url, events: VISITS } }),
        await app.call('PUT', `${PATH}/${hook.id}`, { token, body: { url } }),
      ];
      for (const { status, body } of answers)
        expect([url, status, body.error.code, body.error.details[0].field]).toEqual([
          ...[url, 400, 'VALIDATION_ERROR', 'url'],
        ]);
    }
    expect((await get(hook)).url).toBe(hook.url);
  });

  it.each<[object, string]>([
    [{ events: [] }, 'events'],
    [{ events: ['appointment:created', 'appointment:created'] }, 'events'],
    [{ events: ['appointment'] }, 'events'],
    [{ events: ['appointment:create'] }, 'events'],
    [{ events: ['notification:created'] }, 'events'],
    [{ clinicId: 'x' }, 'clinicId'],
    [{ secret: 'whsec_AAAA' }, 'secret'],
  ])('cannot be made with %j', async (fields, field) => {
    const body = { url: receiver.url, events: VISITS, ...fields };
    const answer = await app.call('POST', PATH, { token: here.manager, body });
    expect([answer.status, answer.code, answer.body.error.details[0].field.split('[')[0]]).toEqual([
      ...[400, 'VALIDATION_ERROR', field],
    ]);
  });

  it('belongs to its clinic, whoever made it', async () => {
    const leaver = await aManager();
    const hook = await addHook({}, leaver.token);
    await app.db.query('DELETE FROM user_clinic WHERE user_id = $1', [leaver.userId]);
    const former = app.tokenFor({ userId: leaver.userId, role: 'MANAGER', clinicIds: [there.id] });
    await book();
    await received(hook, 1);
    const { id } = await newest(hook, { state: 'DELIVERED' });
    for (const token of [former, there.manager]) {
      const calls = [
        app.call('GET', `${PATH}/${hook.id}`, { token }),
        app.call('PUT', `${PATH}/${hook.id}`, { token, body: { active: false } }),
        app.call('POST', `${PATH}/${hook.id}/rotate-secret`, { token }),
        listDeliveries(hook, '', token),
        redeliver(hook, id, token),
        app.call('DELETE', `${PATH}/${hook.id}`, { token }),
      ];
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
      expect((await app.call('GET', PATH, { token })).data).toEqual([]);
    }
    expect(await get(hook)).toMatchObject({ id: hook.id, active: true });
    const foreign = { url: receiver.url, events: VISITS, clinicId: here.id };
    expect((await app.call('POST', PATH, { token: there.manager, body: foreign })).status).toBe(403);
  });

  it('of a manager with several clinics names one of them', async () => {
    const { token } = await aManager([here.id, there.id]);
    const body = { url: receiver.url, events: VISITS };
    const unnamed = await app.call('POST', PATH, { token, body });
    expect([unnamed.status, unnamed.body.error.details[0].field]).toEqual([400, 'clinicId']);
    const named = await app.call('POST', PATH, { token, body: { ...body, clinicId: there.id } });
    expect([named.status, named.data.clinicId]).toEqual([201, there.id]);
  });

  it('has a URL that no other endpoint of its clinic has', async () => {
    const hook = await addHook();
    const body = { url: hook.url, events: ['queue:updated'] };
    expect(await app.call('POST', PATH, { token: here.manager, body })).toMatchObject({
      ...{ status: 409, code: 'ALREADY_EXISTS' },
    });
    const other = await addHook();
    expect((await change(other, { url: hook.url })).code).toBe('ALREADY_EXISTS');
    expect((await app.call('POST', PATH, { token: there.manager, body })).status).toBe(201);
    expect((await app.call('POST', PATH, { token: here.admin, body })).status).toBe(201);
    expect((await app.call('POST', PATH, { token: here.admin, body })).code).toBe('ALREADY_EXISTS');
  });

  it('is changed only at the version that was read, and each change is audited', async () => {
    const hook = await addHook();
    const events = ['queue:updated'];
    const changed = await change(hook, { events }, { 'if-match': '"1"' });
    expect(changed.data).toMatchObject({ events, version: 2 });
    expect((await change(hook, { events: VISITS }, { 'if-match': '"1"' })).code).toBe('VERSION_MISMATCH');
    await app.call('POST', `${PATH}/${hook.id}/rotate-secret`, { token: here.manager });
    await app.call('DELETE', `${PATH}/${hook.id}`, { token: here.manager });
    const { rows } = await app.db.query(`SELECT action, clinic_id FROM audit_log WHERE object_id = $1 ORDER BY id`, [
      hook.id,
    ]);
    expect(rows.map(({ action }) => action)).toEqual([
      ...['webhook.created', 'webhook.updated', 'webhook.secret-rotated', 'webhook.deleted'],
    ]);
    expect(new Set(rows.map(({ clinic_id }) => clinic_id))).toEqual(new Set([here.id]));
  });
});

describe('an event', () => {
  it('is signed by Standard Webhooks, with ids, status and times only', async () => {
    const hook = await addHook();
    const visit = await book(here, { notes: 'A secret migraine.' });
    const [created] = (await received(hook, 1)) as [ReceivedHook];
    const body = verifyHook(hook.secret, created);
    expect(body).toMatchObject({ type: 'appointment:created', timestamp: expect.stringMatching(/Z$/) });
    expect(Object.keys(body.data).sort()).toEqual([
      ...['cancelledAt', 'checkedInAt', 'clientId', 'clinicId', 'completedAt', 'createdAt', 'doctorId', 'endDateTime'],
      ...['groupId', 'id', 'resourceIds', 'seriesId', 'serviceId', 'startDateTime', 'startedAt', 'status'],
      ...['updatedAt', 'version'],
    ]);
    const { clientId, startDateTime, version } = visit;
    expect(body.data).toMatchObject({
      id: visit.id,
      clinicId: here.id,
      clientId,
      startDateTime,
      version,
      status: 'CONFIRMED',
    });
    expect(created.body).not.toMatch(/migraine|Pat|Ient/);
    expect(created.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'CareSlot-Webhooks' });
    expect((await newest(hook, { state: 'DELIVERED' })).id).toBe(created.headers['webhook-id']);
  });

  it('cannot be changed, or sent again later by somebody else', async () => {
    const hook = await addHook();
    await book();
    const [created] = (await received(hook, 1)) as [ReceivedHook];
    const { body, headers } = created;
    const forged = { ...created, body: body.replace('CONFIRMED', 'CANCELLED') };
    const old = {
      ...created,
      headers: { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 301) },
    };
    const renamed = { ...created, headers: { ...headers, 'webhook-id': randomUUID() } };
    for (const one of [forged, old, renamed]) expect(() => verifyHook(hook.secret, one)).toThrow();
    const other = await addHook();
    expect(() => verifyHook(other.secret, created)).toThrow();
    expect(verifyHook(hook.secret, created)).toMatchObject({ type: 'appointment:created' });
  });

  it('is sent once for each change, whichever way it was made', async () => {
    const hook = await addHook({ events: [...VISITS, 'availability:changed'] });
    const [moved, cancelled, bulk] = [await book(), await book(), await book()];
    await app.call('PUT', `/api/v1/appointments/${moved.id}`, {
      token: here.staff,
      body: { startDateTime: new Date(Date.parse(at(6, '00:00')) + (minutes += 30) * 60_000).toISOString() },
    });
    await app.call('DELETE', `/api/v1/appointments/${cancelled.id}?reason=private`, { token: here.staff });
    await app.call('POST', '/api/v1/appointments/bulk', {
      token: here.staff,
      body: { action: 'CANCEL', appointmentIds: [bulk.id], reason: 'private' },
    });
    await allPublished(app);
    // Three bookings, a move between two days, and two cancellations, each with the free times that changed.
    const hooks = await received(hook, 6 + 3 + 2 + 2);
    const bodies = hooks.map((one) => verifyHook(hook.secret, one));
    const count = (type: string, id?: string): number =>
      bodies.filter((one) => one.type === type && (id === undefined || one.data.id === id)).length;
    for (const { id } of [moved, cancelled, bulk]) expect(count('appointment:created', id)).toBe(1);
    expect(count('appointment:updated', moved.id)).toBe(1);
    for (const { id } of [cancelled, bulk]) expect(count('appointment:cancelled', id)).toBe(1);
    expect(count('appointment:cancelled')).toBe(2);
    expect(bodies.find(({ type }) => type === 'appointment:cancelled').data).toMatchObject({
      ...{ status: 'CANCELLED', clinicId: here.id, cancelledAt: expect.any(String) },
    });
    expect(bodies.find(({ type }) => type === 'availability:changed').data).toEqual({
      ...{ clinicId: here.id, doctorId: here.doctorIds[0], date: at(5).slice(0, 10) },
    });
    expect(hooks.map(({ body }) => body).join()).not.toContain('private');
    expect(new Set(hooks.map(({ headers }) => headers['webhook-id'])).size).toBe(hooks.length);
  });

  it('goes to the endpoints of its clinic and of all clinics that chose it, and to no other', async () => {
    const own = await addHook();
    const everywhere = await addHook({}, here.admin);
    const foreign = await addHook({}, there.manager);
    const unrelated = await addHook({ events: ['queue:updated', 'waitlist:updated'] });
    const [visitHere, visitThere] = [await book(), await book(there)];
    await allPublished(app);
    const idsTo = (hook: TestHook): string[] => receiver.to(hook.path).map(({ body }) => JSON.parse(body).data.id);
    await received(everywhere, 2);
    await received(own, 1);
    await received(foreign, 1);
    expect(idsTo(everywhere).sort()).toEqual([visitHere.id, visitThere.id].sort());
    expect(idsTo(own)).toEqual([visitHere.id]);
    expect(idsTo(foreign)).toEqual([visitThere.id]);
    expect(idsTo(unrelated)).toEqual([]);
    const { rowCount } = await app.db.query('SELECT FROM webhook_delivery');
    expect(rowCount).toBe(4);
  });

  it('is delivered once to an endpoint, also if it is consumed again', async () => {
    const hook = await addHook();
    const visit = await book();
    await received(hook, 1);
    await app.db.query('UPDATE outbox SET published_at = NULL, position = NULL WHERE aggregate_id = $1', [visit.id]);
    await book();
    await received(hook, 2);
    await allPublished(app);
    expect((await app.db.query('SELECT FROM webhook_delivery WHERE endpoint_id = $1', [hook.id])).rowCount).toBe(2);
  });

  it('is not created if its change is rolled back, or while the endpoint is paused', async () => {
    const hook = await addHook();
    const visit = await book();
    await received(hook, 1);
    const { startDateTime, doctorId } = visit;
    const { token } = await app.patient();
    const taken = await app.call('POST', '/api/v1/appointments', {
      token,
      body: { serviceId, doctorId, startDateTime },
    });
    expect(taken.status).toBe(409);
    expect((await change(hook, { active: false })).data).toMatchObject({ active: false, pausedReason: 'REQUESTED' });
    await book();
    await allPublished(app);
    expect((await change(hook, { active: true })).data).toMatchObject({
      active: true,
      pausedReason: null,
      pausedAt: null,
    });
    await book();
    await received(hook, 2);
    expect((await app.db.query('SELECT FROM webhook_delivery WHERE endpoint_id = $1', [hook.id])).rowCount).toBe(2);
  });
});

describe('a delivery', () => {
  it('that fails is sent again with the same id and body', async () => {
    const hook = await addHook();
    receiver.replies.push(500);
    await book();
    const failed = await newest(hook, { state: 'PENDING', attempts: 1, status: 500, error: 'STATUS' });
    const wait = Date.parse(failed.nextAttemptAt) - Date.parse(failed.lastAttemptAt);
    expect(wait).toBeGreaterThanOrEqual(5_000);
    expect(wait).toBeLessThan(60_000);
    receiver.replies.push((response) => setTimeout(() => response.writeHead(200).end(), 2 * DURATION));
    await makeDue(hook);
    const [first, second] = (await received(hook, 2)) as [ReceivedHook, ReceivedHook];
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.body).toBe(first.body);
    verifyHook(hook.secret, second);
    const done = await newest(hook, { state: 'DELIVERED', attempts: 2, status: 200, error: null, nextAttemptAt: null });
    expect(done.durationMilliseconds).toBeGreaterThanOrEqual(DURATION);
  });

  it('waits as long as the endpoint asks for, within an hour, and the others with it', async () => {
    const hook = await addHook();
    receiver.reply = (response) => response.writeHead(429, { 'retry-after': '1800' }).end();
    await book();
    const { lastAttemptAt, nextAttemptAt } = await newest(hook, { status: 429, state: 'PENDING' });
    const wait = Date.parse(nextAttemptAt) - Date.parse(lastAttemptAt);
    expect(wait).toBeGreaterThan(1_790_000);
    expect(wait).toBeLessThan(2_400_000);
    receiver.reply = (response) => response.writeHead(503, { 'retry-after': '999999' }).end();
    await makeDue(hook);
    const long = await newest(hook, { status: 503, state: 'PENDING' });
    expect(Date.parse(long.nextAttemptAt) - Date.parse(long.lastAttemptAt)).toBeLessThan(3_700_000);
  });

  it('to an endpoint that hangs does not delay the others', async () => {
    const held: (() => void)[] = [];
    const slow = await Promise.all([addHook(), addHook(), addHook()]);
    const quick = await addHook();
    const slowPaths = slow.map(({ path }) => path);
    const hangIfSlow: HookReply = (response, request) => {
      if (slowPaths.includes(request.url ?? '')) held.push(() => response.end());
      else response.end();
    };
    receiver.reply = hangIfSlow;
    for (let n = 0; n < 4; n += 1) await book();
    await received(quick, 4);
    await eventually(async () => {
      const { data } = await listDeliveries(quick);
      expect(data.map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('DELIVERED'));
    });
    await eventually(() => Promise.resolve(expect(held.length).toBeGreaterThanOrEqual(3)));
    receiver.reply = 200;
    for (const answer of held) answer();
    for (const hook of slow) await received(hook, 4);
  });

  it('of a process that died is sent again with the same id, when its lease has run out', async () => {
    const hook = await addHook();
    receiver.replies.push(500);
    await book();
    const { id } = await newest(hook, { state: 'PENDING', attempts: 1 });
    await makeDue(hook, `, state = 'SENDING', attempts = 2`);
    const [, second] = await received(hook, 2);
    expect(second?.headers['webhook-id']).toBe(id);
    await newest(hook, { state: 'DELIVERED', attempts: 3 });
  });

  it('that was not made is not sent after its endpoint was deleted', async () => {
    const hook = await addHook();
    receiver.replies.push(500);
    await book();
    await newest(hook, { state: 'PENDING', attempts: 1 });
    expect((await app.call('DELETE', `${PATH}/${hook.id}`, { token: here.manager })).status).toBe(200);
    const other = await addHook();
    await book();
    await received(other, 1);
    expect(receiver.to(hook.path)).toHaveLength(1);
    expect((await app.db.query('SELECT FROM webhook_delivery WHERE endpoint_id = $1', [hook.id])).rowCount).toBe(0);
    expect((await listDeliveries(hook)).status).toBe(404);
  });

  it('can be sent again, with the same id and all its retries', async () => {
    const hook = await addHook();
    await book();
    const { id } = await newest(hook, { state: 'DELIVERED' });
    receiver.replies.push(500);
    await app.db.query('UPDATE webhook_delivery SET attempts = 8 WHERE id = $1', [id]);
    expect((await redeliver(hook, id)).status).toBe(200);
    await newest(hook, { state: 'PENDING', attempts: 9, status: 500 });
    expect(await redeliver(hook, id)).toMatchObject({ status: 200, data: { id } });
    const hooks = await received(hook, 3);
    expect(new Set(hooks.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]));
    await newest(hook, { state: 'DELIVERED', attempts: 10 });
    expect((await redeliver(hook, randomUUID())).status).toBe(404);
    const other = await addHook();
    expect((await redeliver(other, id)).status).toBe(404);
    await change(hook, { active: false });
    expect(await redeliver(hook, id)).toMatchObject({ status: 409, code: 'INVALID_TRANSITION' });
  });

  it('is signed by the new and the replaced secret for a day after a rotation', async () => {
    const hook = await addHook();
    const headers = { 'idempotency-key': randomUUID() };
    const { token } = await aManager();
    const rotate = (): Promise<Answer> => app.call('POST', `${PATH}/${hook.id}/rotate-secret`, { token, headers });
    const { secret, previousSecretUntil } = (await rotate()).data;
    // A repeated request does not rotate again.
    expect((await rotate()).data).toMatchObject({ secret: null, previousSecretUntil, version: 2 });
    expect(secret).not.toBe(hook.secret);
    const hours = (Date.parse(previousSecretUntil) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThan(24.1);
    await book();
    const [both] = (await received(hook, 1)) as [ReceivedHook];
    for (const one of [secret, hook.secret]) verifyHook(one, both);
    expect(both.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    await app.db.query(
      `UPDATE webhook_endpoint SET previous_secret_until = now() - interval '1 second' WHERE id = $1`,
      [hook.id],
    );
    await book();
    const [, last] = (await received(hook, 2)) as [ReceivedHook, ReceivedHook];
    verifyHook(secret, last);
    expect(() => verifyHook(hook.secret, last)).toThrow();
    expect((await get(hook)).previousSecretUntil).toBeNull();
  });

  it('is deleted after 30 days', async () => {
    const hook = await addHook();
    await book();
    await book();
    await received(hook, 2);
    const [young, old] = (await listDeliveries(hook)).data;
    await app.db.query(`UPDATE webhook_delivery SET created_at = now() - interval '31 days' WHERE id = $1`, [old.id]);
    await app.db.query(`UPDATE webhook_delivery SET created_at = now() - interval '29 days' WHERE id = $1`, [young.id]);
    await app.app.get(MaintenanceScheduler, { strict: false }).find('delete-old-webhook-deliveries')?.run();
    expect((await listDeliveries(hook)).data.map(({ id }: { id: string }) => id)).toEqual([young.id]);
  });

  it('is listed by state and event, page by page', async () => {
    const hook = await addHook();
    for (let n = 0; n < 3; n += 1) await book();
    await received(hook, 3);
    await eventually(async () => expect((await listDeliveries(hook, '?state=DELIVERED')).data).toHaveLength(3));
    const first = await listDeliveries(hook, '?limit=2&withTotal=true');
    expect([first.data.length, first.body.meta.total]).toEqual([2, 3]);
    const second = await listDeliveries(hook, `?limit=2&cursor=${first.body.meta.nextCursor}`);
    expect(second.data).toHaveLength(1);
    expect((await listDeliveries(hook, '?state=FAILED')).data).toEqual([]);
    expect((await listDeliveries(hook, '?event=appointment:cancelled')).data).toEqual([]);
  });
});

describe('an endpoint that does not work', () => {
  let manager: string;

  beforeAll(async () => {
    manager = await createAccount(app, 'MANAGER', { clinicIds: [here.id] });
  });

  it('is paused after a day of failures; its managers get a mail, and a manager resumes it', async () => {
    const before = await countMails(manager);
    const hook = await addHook();
    receiver.reply = 500;
    await book();
    await book();
    await eventually(async () => {
      const { data } = await listDeliveries(hook, '?state=PENDING');
      expect(data.map(({ attempts }: { attempts: number }) => attempts)).toEqual([1, 1]);
    });
    await makeDue(
      hook,
      `, attempts = CASE id WHEN (SELECT min(id::text)::uuid FROM webhook_delivery) THEN 7 ELSE attempts END`,
    );
    await eventually(async () => expect(await get(hook)).toMatchObject({ active: false, pausedReason: 'FAILING' }));
    await eventually(async () => expect(await countMails(manager)).toBe(before + 1));
    const { data } = await listDeliveries(hook);
    expect(data.map(({ state }: { state: string }) => state).sort()).toEqual(['FAILED', 'PENDING']);
    expect((await redeliver(hook, data[0].id)).code).toBe('INVALID_TRANSITION');
    receiver.reply = 200;
    await makeDue(hook);
    const sent = receiver.to(hook.path).length;
    expect((await change(hook, { active: true })).data).toMatchObject({ active: true });
    await received(hook, sent + 1);
    const { rows } = await app.db.query(
      `SELECT changes FROM audit_log WHERE object_id = $1 AND action = 'webhook.paused'`,
      [hook.id],
    );
    expect(rows).toEqual([{ changes: { reason: 'FAILING' } }]);
  });

  it('is not paused if another delivery succeeded meanwhile', async () => {
    const hook = await addHook();
    receiver.replies.push(500);
    await book();
    const { id } = await newest(hook, { state: 'PENDING', attempts: 1 });
    await book();
    await newest(hook, { state: 'DELIVERED' });
    receiver.reply = 500;
    await makeDue(hook, ', attempts = 7');
    await eventually(async () => {
      const { data } = await listDeliveries(hook, '?state=FAILED');
      expect(data).toMatchObject([{ id, attempts: 8, status: 500 }]);
    });
    expect(await get(hook)).toMatchObject({ active: true });
  });

  it('is paused at once if it answers 410', async () => {
    const before = await countMails(manager);
    const hook = await addHook();
    receiver.reply = 410;
    await book();
    await eventually(async () => expect(await get(hook)).toMatchObject({ active: false, pausedReason: 'GONE' }));
    await eventually(async () => expect(await countMails(manager)).toBe(before + 1));
    await newest(hook, { state: 'FAILED', attempts: 1, status: 410 });
  });
});
