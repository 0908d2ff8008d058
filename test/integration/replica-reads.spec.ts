import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { pino } from 'pino';
import { registry } from '../../src/core/metrics/registry.js';
import { ReplicaLag, WRITTEN } from '../../src/core/database/replica-lag.js';
import { RateLimits } from '../../src/core/security/rate-limits.js';
import { newId } from '../../src/core/kernel/id.js';
import { findInstalledPostgres } from '../../tools/services/installed-postgres.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { BackupServer } from '../support/backup-server.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { PostgresNode, REPLICATION_SETTINGS } from '../support/postgres-node.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/**
 * The application beside a real replica that is frozen, so that everything that happens in the tests of the first part exists only on the
 * primary. A read that is sent to the replica by mistake returns the old state, and the test that uses it fails (docs/scaling.md).
 */

const PASSWORD = 'window-lantern-Orchard-58';
const DAY = 3;

let server: BackupServer;
let replica: PostgresNode;
/** Between the application and the replica. */
let network: TcpProxy;
let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let patients: TestPatient[];
/** Booked before the replica was frozen. */
let oldVisit: string;
/** The rows of the exports before the replica was frozen. */
let exported: Record<string, string[]>;

const toReplica = (databaseUrl: string): string => {
  const url = new URL(databaseUrl);
  url.port = new URL(network.url).port;
  return url.href;
};

beforeAll(async () => {
  server = await BackupServer.start(REPLICATION_SETTINGS);
  const postgresFolder = await findInstalledPostgres();
  const source = { source: server.postgres.url, sourceDataDir: server.folder, postgresFolder };
  const settings = { ...REPLICATION_SETTINGS, shared_buffers: '64MB' };
  replica = await PostgresNode.startReplica('replica', `${server.folder}/replica`, source, settings);
  network = await TcpProxy.start(replica.url);
  app = await TestApp.start((databaseUrl) => ({
    DATABASE_READ_URL: toReplica(databaseUrl),
    DATABASE_READ_MAX_LAG_SECONDS: '3600',
    DATABASE_TIMEOUT_SECONDS: '8',
    JOBS_IN_PROCESS: 'false',
  }));
  app.app.get(RateLimits).define({ listExports: { points: 100_000, seconds: 60 } });
  clinic = await openClinic(app, { doctors: 2, policy: { horizonDays: 365 } });
  serviceId = await aService(app, clinic);
  patients = await app.patients(3);
  oldVisit = (await book(patients[0], '09:00')).data.id;
  expect((await sendMessage()).status).toBe(201);
  await eventually(async () => {
    await readExport('appointments');
    expect(await countReads('replica')).toBeGreaterThan(0);
    expect(await readExport('appointments')).toEqual([oldVisit]);
    expect(await readExport('notifications')).toHaveLength(1);
  });
  await replica.pause();
  const kinds = ['appointments', 'audit-logs', 'notifications'];
  exported = Object.fromEntries(await Promise.all(kinds.map(async (kind) => [kind, await readExport(kind)])));
}, 180_000);

afterAll(async () => {
  await app?.close();
  await network?.close();
  await replica?.stop();
  await server?.stop();
});

const call = (method: string, path: string, token?: string, body?: unknown, headers = {}): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { ...(token && { token }), ...(body !== undefined && { body }), headers });

const book = (patient: TestPatient | undefined, time: string, doctor = 0, key = newId()): Promise<Answer> => {
  const body = { serviceId, doctorId: clinic.doctorIds[doctor], startDateTime: at(DAY, time) };
  return call('POST', 'appointments', patient?.token, body, { 'idempotency-key': key });
};

const sendMessage = (): Promise<Answer> => {
  const message = { template: 'MESSAGE_FROM_CLINIC', channels: ['IN_APP'], message: 'Please bring your card.' };
  const body = { ...message, clinicId: clinic.id, clientIds: [patients[0]?.clientId] };
  return call('POST', 'notifications', clinic.staff, body);
};

const listIds = async (path: string, token?: string): Promise<string[]> =>
  (await call('GET', path, token)).data.map(({ id }: { id: string }) => id);

/** The ids of an export, which is read from the replica if it can be. */
async function readExport(kind: string): Promise<string[]> {
  const path = `exports/${kind}?clinicId=${clinic.id}`;
  const { status, body } = await call('GET', path, clinic.manager);
  if (status !== 200) throw new Error(`${path} returned ${status}`);
  return parse<{ id: string }>(body, { bom: true, columns: true }).map(({ id }) => id);
}

async function countReads(name: 'replica' | 'primary'): Promise<number> {
  const metric = await registry.getSingleMetric('careslot_db_replica_reads_total')?.get();
  return metric?.values.find(({ labels }) => labels.server === name)?.value ?? 0;
}

const isFree = async (time: string): Promise<boolean> => {
  const day = at(DAY).slice(0, 10);
  const path = `availability?serviceId=${serviceId}&doctorId=${clinic.doctorIds[0]}&from=${day}&to=${day}`;
  const { data } = await call('GET', path);
  const start = Date.parse(at(DAY, time));
  return data.some(({ startDateTime }: { startDateTime: string }) => Date.parse(startDateTime) === start);
};

describe('with a replica that is frozen', () => {
  it('a booking is found at once by patient and front desk, blocks its time, and is stored once', async () => {
    const [, patient, other] = patients;
    expect(await isFree('10:00')).toBe(true);
    const key = newId();
    const booked = await book(patient, '10:00', 0, key);
    expect(booked.status).toBe(201);
    const { id } = booked.data;
    expect((await book(patient, '10:00', 0, key)).data.id).toBe(id);
    expect((await book(other, '10:00')).code).toBe('APPOINTMENT_CONFLICT');
    expect((await call('GET', `appointments/${id}`, patient?.token)).status).toBe(200);
    expect(await listIds('appointments', patient?.token)).toEqual([id]);
    expect(await listIds(`appointments?clinicId=${clinic.id}`, clinic.staff)).toContain(id);
    const { data: day } = await call('GET', `clinics/${clinic.id}/day?date=${at(DAY).slice(0, 10)}`, clinic.staff);
    expect(JSON.stringify(day)).toContain(id);
    expect(await isFree('10:00')).toBe(false);
  });

  it('a change and a cancellation are seen at once, also in the history, and free the time', async () => {
    const [, , patient] = patients;
    const { id } = (await book(patient, '11:00')).data;
    const moved = await call('PUT', `appointments/${id}`, patient?.token, { startDateTime: at(DAY, '12:00') });
    expect(moved.status).toBe(200);
    expect(Date.parse((await call('GET', `appointments/${id}`, patient?.token)).data.startDateTime)).toBe(
      Date.parse(at(DAY, '12:00')),
    );
    expect([await isFree('11:00'), await isFree('12:00')]).toEqual([true, false]);
    expect((await call('DELETE', `appointments/${id}`, patient?.token)).status).toBe(200);
    expect((await call('GET', `appointments/${id}`, patient?.token)).data.status).toBe('CANCELLED');
    expect(await isFree('12:00')).toBe(true);
    const { data: history } = await call('GET', `appointments/${id}/history`, patient?.token);
    expect(history).toHaveLength(3);
    expect((await book(patients[1], '12:00')).status).toBe(201);
  });

  it('a new account signs in, and its session and its token end with the sign-out', async () => {
    const email = `${newId()}@patients.test`;
    const person = { email, password: PASSWORD, firstName: 'Amina', lastName: 'Khalil' };
    expect((await call('POST', 'auth/register', undefined, person)).status).toBe(201);
    const { data } = await call('POST', 'auth/login', undefined, { email, password: PASSWORD });
    expect((await call('GET', 'auth/profile', data.accessToken)).data.email).toBe(email);
    const refreshed = await call('POST', 'auth/refresh', undefined, { refreshToken: data.refreshToken });
    expect(refreshed.status).toBe(200);
    const { accessToken, refreshToken } = refreshed.data;
    expect((await call('POST', 'auth/logout', accessToken, { refreshToken })).status).toBeLessThan(300);
    await eventually(async () => expect((await call('GET', 'auth/profile', accessToken)).status).toBe(401));
    expect((await call('POST', 'auth/refresh', undefined, { refreshToken })).status).toBe(401);
  });

  it('a member who leaves the clinic loses its appointments at once, also its exports', async () => {
    const userId = await createAccount(app, 'MANAGER', { clinicIds: [clinic.id] });
    const sessionId = newId();
    await app.db.query(
      `INSERT INTO session (id, user_id, refresh_hash, expires_at, absolute_expires_at)
       VALUES ($1, $2, '', now() + interval '1 day', now() + interval '1 day')`,
      [sessionId, userId],
    );
    const member = app.tokenFor({ userId, sessionId, role: 'MANAGER', clinicIds: [clinic.id] });
    expect((await call('GET', `exports/appointments?clinicId=${clinic.id}`, member)).status).toBe(200);
    expect((await call('DELETE', `users/${userId}/clinics/${clinic.id}`, clinic.admin)).status).toBe(200);
    for (const path of ['appointments?clinicId=', 'exports/appointments?clinicId=']) {
      await eventually(async () => expect((await call('GET', path + clinic.id, member)).status).toBe(401));
    }
  });

  it('a change of the catalogue is shown and used at once', async () => {
    const [, doctorId = ''] = clinic.doctorIds;
    const doctor = await call('GET', `doctors/${doctorId}`);
    const headers = { 'if-match': `"${doctor.data.version}"` };
    const changed = await call('PUT', `doctors/${doctorId}`, clinic.manager, { lastName: 'Renamed' }, headers);
    expect(changed.status).toBe(200);
    expect((await call('GET', `doctors/${doctorId}`)).data.lastName).toBe('Renamed');
    const closure = { from: at(DAY + 1).slice(0, 10), to: at(DAY + 1).slice(0, 10), reason: 'Holiday' };
    expect((await call('POST', `clinics/${clinic.id}/closures`, clinic.manager, closure)).status).toBe(201);
    const body = { serviceId, doctorId, startDateTime: at(DAY + 1) };
    expect((await call('POST', 'appointments', patients[0]?.token, body)).status).toBe(422);
  });

  it('the logs of audit and of messages list what was just done', async () => {
    const { id } = (await book(patients[0], '14:00', 1)).data;
    expect(await call('GET', `audit-logs?clinicId=${clinic.id}&objectId=${id}`, clinic.manager)).toMatchObject({
      data: [{ action: 'appointment.booked' }],
    });
    expect((await sendMessage()).status).toBe(201);
    expect(await listIds(`notifications/log?clinicId=${clinic.id}`, clinic.manager)).toHaveLength(2);
  });

  it('exports and the figures of today are those of the moment at which it was frozen', async () => {
    expect((await book(patients[2], '15:00', 1)).status).toBe(201);
    for (const [kind, ids] of Object.entries(exported)) expect([kind, await readExport(kind)]).toEqual([kind, ids]);
    const today = new Date().toISOString().slice(0, 10);
    const before = await countReads('replica');
    const { data } = await call('GET', `reports/daily?clinicId=${clinic.id}&date=${today}`, clinic.manager);
    expect(await countReads('replica')).toBeGreaterThan(before);
    expect(data.isFinal).toBe(false);
  });
});

describe('a replica', () => {
  it('is not used while it is behind by more than the limit', async () => {
    const readWritten = async (): Promise<number> =>
      (await app.db.query<{ bytes: number }>(WRITTEN)).rows[0]?.bytes ?? 0;
    const lag = new ReplicaLag(replica.url, 2, readWritten, pino({ level: 'silent' }));
    try {
      await replica.resume();
      await eventually(async () => expect(lag.isCurrent).toBe(true));
      await replica.pause();
      await eventually(async () => {
        await book(patients[0], '16:00', 1).then(({ data }) =>
          call('DELETE', `appointments/${data?.id}`, clinic.staff),
        );
        expect(lag.isCurrent).toBe(false);
      });
      await replica.resume();
      await eventually(async () => expect(lag.isCurrent).toBe(true));
    } finally {
      lag.stop();
    }
  });

  it('that stops answering delays an export only for a limited time: the primary answers it', async () => {
    await eventually(async () => {
      const before = await countReads('replica');
      await readExport('appointments');
      expect(await countReads('replica')).toBeGreaterThan(before);
    });
    network.stall();
    const { id } = (await book(patients[1], '16:30', 1)).data;
    expect(await readExport('appointments')).toContain(id);
    network.resume();
  });

  it('that was promoted is not read any more, because it does not follow the primary', async () => {
    await eventually(async () => expect(await readExport('appointments')).toContain(oldVisit));
    await replica.promote();
    const before = await countReads('primary');
    await eventually(async () => {
      await readExport('appointments');
      expect(await countReads('primary')).toBeGreaterThan(before);
    });
    const { id } = (await book(patients[1], '17:00', 1)).data;
    expect(await readExport('appointments')).toContain(id);
  });

  it('that is down does not stop exports: the primary answers them', async () => {
    await replica.stop();
    const { id } = (await book(patients[1], '18:00', 1)).data;
    expect(await readExport('appointments')).toContain(id);
  });
});
