import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import { newId } from '../../src/core/kernel/id.js';
import { Redis } from 'ioredis';
import { SocketServer } from '../../src/core/realtime/socket-server.js';
import { toClaims } from '../../src/core/security/tokens.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { aService, at, openClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { allPublished } from '../support/outbox.js';
import { findBookableService, type BookableService } from '../support/slots.js';
import { SocketClient } from '../support/sockets.js';
import { emailIndex } from '../support/encrypted.js';

const ALLOWED = 'https://app.careslot.test';

let app: TestApp;
let video: BookableService;
let staff: string;
let patients: TestPatient[];
const clients: SocketClient[] = [];

beforeAll(async () => {
  // Without jobs, so that no notifications are sent.
  app = await TestApp.start({ SOCKET_IO_CORS_ORIGIN: ALLOWED, JOBS_IN_PROCESS: 'false' });
  video = await findBookableService(app, 'Video visit');
  staff = await app.login('staff@careslot.test');
  patients = await app.patients(10);
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

afterAll(() => app.close());

const keep = (client: SocketClient): SocketClient => {
  clients.push(client);
  return client;
};
const connect = async (token: string, options = {}): Promise<SocketClient> =>
  keep(await SocketClient.connected(app.url, token, options));
const refusal = async (token: string | undefined, options = {}) =>
  (await keep(SocketClient.open(app.url, token, options)).outcome()) as Error & { data?: { code: string } };

async function book(token: string, of: BookableService = video, extra: object = {}): Promise<any> {
  const startDateTime = of.slots.splice(0, 4)[0];
  const answer = await app.call('POST', '/api/v1/appointments', {
    token,
    body: { serviceId: of.serviceId, doctorId: of.doctorId, startDateTime, ...extra },
  });
  if (answer.status !== 201) throw new Error(`booking answered ${answer.status} ${answer.code}`);
  return answer.data;
}

const patient = (n: number) => patients[n] as TestPatient;

/** Returns everything that was sent through Redis. */
async function redisText(): Promise<string> {
  const { REDIS_URL, DATABASE_URL } = app.environment;
  const redis = new Redis(REDIS_URL as string);
  const entries = await redis.xrange(`careslot:${new URL(DATABASE_URL as string).pathname.slice(1)}:live`, '-', '+');
  redis.disconnect();
  expect(entries.length).toBeGreaterThan(0);
  const texts = entries.flatMap(([, fields]) => fields);
  return texts.flatMap((text) => [text, Buffer.from(text, 'base64').toString('utf8')]).join('\n');
}

describe('connecting', () => {
  it('works with the defaults of socket.io-client, by polling alone, and by websocket alone', async () => {
    for (const transports of [undefined, ['polling'], ['websocket']]) {
      const client = await connect(patient(0).token, transports && { transports });
      expect(client.socket.connected).toBe(true);
    }
  });

  it('is rejected with the error code of the API (W-01)', async () => {
    const actor = { userId: newId(), sessionId: newId(), role: 'CLIENT' as const, clientId: null, doctorId: null };
    const claims = toClaims({ ...actor, clinicIds: [] });
    const jwt = app.app.get(JwtService);
    const expired = jwt.sign(claims, { expiresIn: -10 });
    const good = jwt.sign(claims);
    const tampered = `${good.slice(0, -4)}AAAA`;
    expect((await refusal(undefined)).data?.code).toBe('UNAUTHENTICATED');
    expect((await refusal('')).data?.code).toBe('UNAUTHENTICATED');
    expect((await refusal(tampered)).data?.code).toBe('UNAUTHENTICATED');
    expect((await refusal(expired)).data?.code).toBe('TOKEN_EXPIRED');
    expect((await refusal(jwt.sign({ ...claims, typ: 'refresh' }))).data?.code).toBe('UNAUTHENTICATED');
    expect((await refusal(undefined, { query: { token: good } })).data?.code).toBe('UNAUTHENTICATED');
    expect((await refusal(undefined, { auth: { token: { toString: 'x' } } })).data?.code).toBe('UNAUTHENTICATED');
  });

  it('is rejected after a sign-out, also for a reconnecting socket (W-04)', async () => {
    const token = await app.login('doctor@careslot.test');
    await app.call('POST', '/api/v1/auth/logout', { token });
    expect((await refusal(token)).data?.code).toBe('TOKEN_REVOKED');
    expect((await refusal(undefined, { auth: { token, pid: 'a', offset: '1-0' } })).data?.code).toBe('TOKEN_REVOKED');
  });

  it('is rejected for pages of other origins, on every transport (W-01)', async () => {
    for (const transport of ['websocket', 'polling']) {
      for (const origin of ['https://evil.test', 'null', `${ALLOWED}.evil.test`]) {
        const error = await refusal(patient(0).token, { transports: [transport], extraHeaders: { origin } });
        expect({ transport, origin, refused: error !== null }).toEqual({ transport, origin, refused: true });
      }
      await connect(patient(0).token, { transports: [transport], extraHeaders: { origin: ALLOWED } });
    }
  });
});

describe('a booking', () => {
  it('is sent to its patient, its doctor and the front desk only (W-02)', async () => {
    const { rows } = await app.db.query<{ clinicId: string }>(
      `SELECT clinic_id AS "clinicId" FROM doctor WHERE id = $1`,
      [video.doctorId],
    );
    const clinicId = rows[0]?.clinicId as string;
    const doctorActor = { userId: newId(), role: 'DOCTOR' as const, doctorId: video.doctorId, clinicIds: [clinicId] };
    const desk = { userId: newId(), role: 'STAFF' as const, clinicIds: [clinicId] };
    const insiders = {
      patient: await connect(patient(1).token),
      doctor: await connect(app.tokenFor(doctorActor)),
      desk: await connect(app.tokenFor(desk), { transports: ['websocket'] }),
      admin: await connect(await app.login('admin@careslot.test')),
    };
    const outsiders = {
      otherPatient: await connect(patient(2).token),
      otherDoctor: await connect(app.tokenFor({ ...doctorActor, userId: newId(), doctorId: newId() })),
      otherDesk: await connect(app.tokenFor({ ...desk, userId: newId(), clinicIds: [newId()] })),
      patientWithClinics: await connect(
        app.tokenFor({ userId: newId(), role: 'CLIENT', clinicIds: [clinicId], doctorId: video.doctorId }),
      ),
    };
    const canary = `canary-${newId()}`;
    const booked = await book(patient(1).token, video, { notes: canary });
    const shortObjects = {
      client: { id: booked.clientId, firstName: 'Pat', lastName: 'Ient' },
      doctor: expect.objectContaining({ id: video.doctorId, lastName: expect.any(String) }),
      service: expect.objectContaining({ id: booked.serviceId, name: 'Video visit' }),
    };
    for (const client of Object.values(insiders)) {
      const { data, meta } = await client.waitFor('appointment:created', ({ id }) => id === booked.id);
      // The patient knows their own name.
      expect(data).toEqual(client === insiders.patient ? booked : { ...booked, ...shortObjects });
      expect(meta).toEqual({
        eventId: expect.any(String),
        occurredAt: expect.any(String),
        sequence: expect.any(Number),
      });
    }
    const moved = await app.call('PUT', `/api/v1/appointments/${booked.id}`, {
      token: patient(1).token,
      body: { startDateTime: video.slots.splice(0, 4)[0] },
    });
    expect(moved.status).toBe(200);
    await insiders.patient.waitFor('appointment:updated', ({ version }) => version === moved.data.version);
    await app.call('DELETE', `/api/v1/appointments/${booked.id}?reason=${canary}`, { token: patient(1).token });
    for (const client of Object.values(insiders)) {
      expect((await client.waitFor('appointment:cancelled')).data).toBe(booked.id);
    }
    // After these events, earlier events have arrived.
    const [mine] = await Promise.all([book(patient(2).token), insiders.desk.waitFor('appointment:cancelled')]);
    await outsiders.otherPatient.waitFor('appointment:created', ({ id }) => id === mine.id);
    for (const [who, client] of Object.entries(outsiders)) {
      const text = JSON.stringify(client.seen);
      expect({ who, leaked: text.includes(canary) || text.includes(booked.id) }).toEqual({ who, leaked: false });
    }
    expect(await redisText()).not.toContain(canary);
    expect(outsiders.otherDoctor.seen).toEqual([]);
    expect(outsiders.otherDesk.seen).toEqual([]);
    expect(outsiders.patientWithClinics.seen).toEqual([]);
    expect(insiders.patient.seen.map(({ event }) => event)).toEqual([
      'appointment:created',
      'appointment:updated',
      'appointment:cancelled',
    ]);
    const sequences = insiders.desk.seen.map(({ meta }) => meta.sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });

  it('that moves to another doctor sends the first one a cancellation, and two changed days', async () => {
    const { rows } = await app.db.query<{ id: string; clinicId: string }>(
      `SELECT d.id, d.clinic_id AS "clinicId" FROM service_doctor sd JOIN doctor d ON d.id = sd.doctor_id
       WHERE sd.service_id = (SELECT id FROM service WHERE name = 'Neurology consultation' LIMIT 1) ORDER BY d.id`,
    );
    expect(rows.length).toBeGreaterThan(1);
    const neurology = await findBookableService(app, 'Neurology consultation');
    const other = rows.find(({ id }) => id !== neurology.doctorId) as { id: string; clinicId: string };
    const as = (doctorId: string): string =>
      app.tokenFor({ userId: newId(), role: 'DOCTOR', doctorId, clinicIds: [other.clinicId] });
    const first = await connect(as(neurology.doctorId));
    const second = await connect(as(other.id));
    const booked = await book(patient(3).token, neurology);
    await first.waitFor('appointment:created');
    const moved = await app.call('PUT', `/api/v1/appointments/${booked.id}`, {
      token: staff,
      body: { doctorId: other.id, overrideHours: true, overrideReason: 'Urgent' },
    });
    expect(moved.status).toBe(200);
    expect((await first.waitFor('appointment:cancelled')).data).toBe(booked.id);
    expect((await second.waitFor('appointment:updated')).data).toMatchObject({ id: booked.id, doctorId: other.id });
    const date = booked.startDateTime.slice(0, 10);
    await second.waitFor('availability:changed', (data) => data.doctorId === other.id && data.date === date);
    await first.waitUntil(
      'two changed days',
      () => first.seen.filter(({ event }) => event === 'availability:changed').length === 2,
    );
    expect(first.seen.some(({ event }) => event === 'appointment:updated')).toBe(false);
  });

  it('over midnight, and a hold, change the free times of both days, also if only a buffer is on the second', async () => {
    const clinic = await openClinic(app);
    const [doctorId] = clinic.doctorIds;
    const serviceId = await aService(app, clinic, { bufferAfterMinutes: 30 });
    // The events of opening the clinic.
    await allPublished(app);
    const desk = await connect(clinic.staff);
    const day = (daysAhead: number): string => at(daysAhead).slice(0, 10);
    const expectDays = async (...days: string[]): Promise<void> => {
      const seen = (): string[] =>
        desk.seen.filter(({ event }) => event === 'availability:changed').map(({ data }) => data.date as string);
      await desk.waitUntil('the changed days', () => days.every((one) => seen().includes(one)));
      expect(seen().sort()).toEqual(days);
      desk.seen.length = 0;
    };
    const send = (path: string, startDateTime: string): Promise<any> =>
      app.call('POST', `/api/v1/${path}`, { token: patient(8).token, body: { serviceId, doctorId, startDateTime } });
    const held = await send('holds', at(3, '23:15'));
    await expectDays(day(3), day(4));
    await app.call('DELETE', `/api/v1/holds/${held.data.id}`, { token: patient(8).token });
    await expectDays(day(3), day(4));
    const booked = await send('appointments', at(3, '23:15'));
    await expectDays(day(3), day(4));
    const body = { startDateTime: at(6, '23:00') };
    await app.call('PUT', `/api/v1/appointments/${booked.data.id}`, { token: patient(8).token, body });
    await expectDays(day(3), day(4), day(6));
  });

  it('of today makes the queue longer at check-in, and shorter at the start', async () => {
    const { path, desk, client, queue } = await checkedInToday(4);
    expect((await app.call('POST', `${path}/start`, { token: desk })).status).toBe(200);
    expect((await client.waitFor('queue:updated', (data) => data.waiting === 0)).data).toEqual({
      ...queue,
      waiting: 0,
    });
  });

  it('of today makes the queue shorter when it is moved to another day after the check-in', async () => {
    const { path, desk, client, queue } = await checkedInToday(9);
    const body = { startDateTime: video.slots.splice(0, 4)[0] };
    expect((await app.call('PUT', path, { token: desk, body })).data).toMatchObject({ checkedInAt: null });
    expect((await client.waitFor('queue:updated', (data) => data.waiting === 0)).data).toEqual({
      ...queue,
      waiting: 0,
    });
  });
});

/** A patient who has checked in today, and the socket of the front desk after the message about it. */
async function checkedInToday(n: number) {
  const { rows } = await app.db.query<{ clinicId: string }>(
    `SELECT clinic_id AS "clinicId" FROM doctor WHERE id = $1`,
    [video.doctorId],
  );
  const clinicId = rows[0]?.clinicId as string;
  const desk = app.tokenFor({ userId: newId(), role: 'STAFF', clinicIds: [clinicId] });
  const client = await connect(desk);
  const id = newId();
  await app.db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
     VALUES ($1, $2, $3, $4, $5, now(), now() + interval '15 minutes', 'CONFIRMED', 0, 'EGP')`,
    [id, clinicId, patient(n).clientId, video.doctorId, video.serviceId],
  );
  const path = `/api/v1/appointments/${id}`;
  expect((await app.call('POST', `${path}/check-in`, { token: desk })).status).toBe(200);
  await client.waitFor('queue:updated', (data) => data.waiting === 1);
  return { path, desk, client, queue: { clinicId, doctorId: video.doctorId } };
}

describe('sync', () => {
  it('sends the missed events that the client may read, in order, with their names and ids', async () => {
    const before = await connect(patient(5).token);
    const seen = await book(patient(5).token);
    const { meta } = await before.waitFor('appointment:created');
    before.close();
    const missed = await book(patient(5).token);
    await book(patient(6).token);
    await app.call('DELETE', `/api/v1/appointments/${seen.id}`, { token: patient(5).token });
    const witness = await connect(await app.login('admin@careslot.test'));
    const marker = await book(patient(6).token);
    await witness.waitFor('appointment:created', ({ id }) => id === marker.id);
    const back = await connect(patient(5).token);
    const answer = await back.sync(meta.sequence);
    expect(answer).toEqual({ sequence: expect.any(Number), count: 2 });
    expect(back.seen.map(({ event, data }) => [event, data.id ?? data])).toEqual([
      ['appointment:created', missed.id],
      ['appointment:cancelled', seen.id],
    ]);
    expect(answer.sequence).toBeGreaterThanOrEqual(back.last);
    expect(await back.sync(answer.sequence)).toEqual({ sequence: expect.any(Number), count: 0 });
    const again = await connect(patient(5).token);
    await again.sync(meta.sequence);
    expect(again.seen.map((one) => one.meta)).toEqual(back.seen.map((one) => one.meta));
  });

  it('sends small parts to a polling client, as some read at most 16 packets of a response', async () => {
    const desk = await connect(staff);
    const { sequence } = await desk.sync(undefined);
    for (let n = 0; n < 12; n += 1) await book(patient(7).token);
    await desk.waitUntil('all', () => desk.seen.filter(({ event }) => event === 'appointment:created').length === 12);
    const polling = `${app.url}/socket.io/?EIO=4&transport=polling`;
    const poll = async (url: string): Promise<string[]> => (await (await fetch(url)).text()).split('\x1e');
    const post = (url: string, body: string) => fetch(url, { method: 'POST', body });
    const [handshake = ''] = await poll(polling);
    const own = `${polling}&sid=${JSON.parse(handshake.slice(1)).sid}`;
    await post(own, `40${JSON.stringify({ token: staff })}`);
    await poll(own);
    await post(own, `421["sync",${sequence}]`);
    const packets: string[] = [];
    const sizes: number[] = [];
    await eventually(async () => {
      const response = await poll(own);
      sizes.push(response.length);
      packets.push(...response);
      expect(packets).toContainEqual(expect.stringMatching(/^431/));
    });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16);
    const sent = packets.filter((packet) => packet.startsWith('42'));
    expect(sent.length).toBeGreaterThan(16);
    expect(JSON.parse((packets.at(-1) as string).slice(3))[0].count).toBe(sent.length);
  });

  it('answers RESYNC if there is too much, also without an ack', async () => {
    const client = await connect(patient(5).token);
    const position = (await client.sync(0)).sequence as number;
    expect(await client.sync(position + 1_000_000)).toEqual({ code: 'RESYNC', sequence: expect.any(Number) });
    await app.db.query(`UPDATE outbox_relay SET swept_position = 2`);
    expect(await client.sync(1)).toEqual({ code: 'RESYNC', sequence: expect.any(Number) });
    client.socket.emit('sync', 1);
    expect((await client.waitFor('sync')).data).toEqual({ code: 'RESYNC', sequence: expect.any(Number) });
    await app.db.query(`UPDATE outbox_relay SET swept_position = 0`);
  });

  it('accepts only a sequence', async () => {
    const client = await connect(patient(5).token);
    for (const bad of ['1', -1, 1.5, {}, [1], true, 'x'])
      expect(await client.sync(bad)).toEqual({ code: 'VALIDATION_ERROR' });
    client.socket.emit('sync', 'x');
    await client.waitFor('sync', ({ code }) => code === 'VALIDATION_ERROR');
  });

  it('without a sequence returns the current position, and sends nothing', async () => {
    const client = await connect(patient(5).token);
    const answer = await client.sync(undefined);
    expect(answer).toEqual({ sequence: expect.any(Number), count: 0 });
    expect(await client.sync(null)).toEqual(answer);
    expect(await client.socket.emitWithAck('sync')).toEqual(answer);
    client.socket.emit('sync');
    expect((await client.waitFor('sync')).data).toEqual(answer);
    expect(client.seen).toHaveLength(1);
  });
});

describe('a socket is closed', () => {
  it('with the reason when its session ends, unlike other sockets of the user (W-03)', async () => {
    const ending = await app.login('staff@careslot.test');
    const gone = await connect(ending);
    const stays = await connect(staff);
    await app.call('POST', '/api/v1/auth/logout', { token: ending });
    expect(await gone.disconnected()).toBe('io server disconnect');
    expect(gone.endedBecause?.code).toBe('TOKEN_REVOKED');
    expect(stays.socket.connected).toBe(true);
  });

  it('when its token expires (P-03, W-03)', async () => {
    const actor = { userId: newId(), sessionId: newId(), role: 'CLIENT' as const, clientId: null, doctorId: null };
    const token = app.app.get(JwtService).sign(toClaims({ ...actor, clinicIds: [] }), { expiresIn: 2 });
    const client = await connect(token);
    await client.disconnected();
    expect(client.endedBecause?.code).toBe('TOKEN_EXPIRED');
  });

  it('when it sends too many or too large messages; the process continues (W-05)', async () => {
    const flood = await connect(patient(7).token, { transports: ['websocket'] });
    for (let n = 0; n < 10_000; n += 1) flood.socket.emit(`join`, 'user:x');
    await flood.disconnected();
    expect(flood.endedBecause?.code).toBe('RATE_LIMITED');
    const large = await connect(patient(7).token, { transports: ['websocket'], reconnection: false });
    large.socket.emit('sync', 'x'.repeat(2_000_000));
    await large.disconnected();
    await connect(patient(7).token);
  });

  it('not when it asks to join rooms, and it joins none (W-02)', async () => {
    const rooms = await connect(patient(7).token);
    for (const room of ['user:', 'clinic:*', `user:${patient(1).userId}`]) {
      rooms.socket.emit('join', room);
      rooms.socket.emit('subscribe', { room, userId: patient(1).userId });
    }
    const booked = await book(patient(1).token);
    const mine = await book(patient(7).token);
    await rooms.waitFor('appointment:created', ({ id }) => id === mine.id);
    expect(JSON.stringify(rooms.seen)).not.toContain(booked.id);
    expect(rooms.socket.connected).toBe(true);
  });

  it('not when the clinics of its user change; its rooms change', async () => {
    const { rows } = await app.db.query<{ id: string; userId: string }>(
      `SELECT c.id, u.id AS "userId" FROM clinic c, user_account u WHERE u.email_index = $2
         AND c.id = (SELECT clinic_id FROM doctor WHERE id = $1)`,
      [video.doctorId, await emailIndex(app, 'staff2@careslot.test')],
    );
    const { id: clinicId, userId } = rows[0] as { id: string; userId: string };
    const { rows: had } = await app.db.query<{ id: string }>(
      `SELECT clinic_id AS id FROM user_clinic WHERE user_id = $1 UNION SELECT $2::uuid`,
      [userId, clinicId],
    );
    const client = await connect(await app.login('staff2@careslot.test'));
    const changed = await app.call('PUT', `/api/v1/users/${userId}`, {
      token: await app.login('admin@careslot.test'),
      body: { clinicIds: had.map(({ id }) => id) },
    });
    expect(changed.status).toBe(200);
    // Rooms are updated each second.
    const { rooms } = app.app.get(SocketServer).io.sockets.adapter;
    await eventually(async () => expect(rooms.get(`clinic:${clinicId}`)?.has(client.socket.id as string)).toBe(true));
    const booked = await book(patient(8).token);
    await client.waitFor('appointment:created', ({ id }) => id === booked.id);
    expect(client.socket.connected).toBe(true);
  });
});
