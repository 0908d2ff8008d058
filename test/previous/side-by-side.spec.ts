import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../migrations/index.js';
import { ormconfig } from '../../ormconfig.js';
import { migrate, revert } from '../../src/migrate.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { BookingLoad } from '../support/booking-load.js';
import { eventually } from '../support/eventually.js';
import { RenameColumn1900000000007 } from '../support/live-migrations.js';
import { findBlockedTables } from '../support/lock-probe.js';
import { ApiProcess } from '../support/processes.js';
import { findBookableService, type BookableService } from '../support/slots.js';
import { SocketClient } from '../support/sockets.js';

/** A rolling upgrade from the release of `test/previous-release` to this one, and back, under load: `npm run test:previous`. */

const PREVIOUS = process.env.PREVIOUS_RELEASE as string;
const BREAKING = { ...ormconfig, migrations: [...MIGRATIONS, RenameColumn1900000000007] };

/** Has the database, the patients and their tokens; it serves no requests. */
let app: TestApp;
let service: BookableService;
let patients: TestPatient[];
let databaseUrl: string;
let added: string[];
let previous: ApiProcess;
let current: ApiProcess;

beforeAll(async () => {
  const known = await readFile(join(PREVIOUS, 'migrations/index.ts'), 'utf8');
  added = MIGRATIONS.map(({ name }) => name).filter((name) => !known.includes(name));
  app = await TestApp.start();
  // The previous release has another OpenAPI document.
  app.checksAnswers = false;
  databaseUrl = app.environment.DATABASE_URL as string;
  service = await findBookableService(app, 'Video visit');
  patients = await app.patients(4);
  await app.stopServing();
  await revert(databaseUrl, added.length);
  previous = await ApiProcess.start(app.environment, undefined, undefined, PREVIOUS);
});

afterAll(async () => {
  await Promise.all([previous?.kill(), current?.kill()]);
  await app?.close();
});

const expectReady = async (api: ApiProcess): Promise<void> =>
  eventually(async () => expect((await fetch(`${api.url}/health/ready`)).status).toBe(200));

describe('the current release beside the previous one', () => {
  it('has migrations after those of the previous release, all of them additive', () => {
    const newest = MIGRATIONS.slice(MIGRATIONS.length - added.length);
    expect(newest.map(({ name }) => name)).toEqual(added);
    expect(newest.filter(({ additive }) => !additive).map(({ name }) => name)).toEqual([]);
    expect(added.length).toBeGreaterThan(0);
  });

  it('is installed while the previous release serves: no request fails, and both serve the same visits', async () => {
    const load = new BookingLoad(app, service, patients, [previous.url]);
    const blocked = await findBlockedTables(app.db, async () => {
      await load.waitForRounds(2);
      expect(await migrate(databaseUrl)).toEqual(added);
      await load.waitForRounds(2);
    });
    current = await ApiProcess.start(app.environment);
    load.urls = [previous.url, current.url];
    await load.waitForRounds(20);
    await Promise.all([expectReady(previous), expectReady(current)]);
    expect(await load.stop()).toEqual([]);
    expect(blocked).toEqual([]);
    expect(await app.overlaps()).toBe(0);
  });

  it('gives a slot for which patients compete at both releases to exactly one of them', async () => {
    const { serviceId, doctorId, slots } = service;
    for (const startDateTime of slots.slice(20, 30)) {
      const answers = await Promise.all(
        patients.map(({ token }, index) => {
          const { url } = index % 2 ? previous : current;
          const body = { serviceId, doctorId, startDateTime };
          return app.call('POST', `${url}/api/v1/appointments`, { token, body });
        }),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      const winner = answers.findIndex(({ status }) => status === 201);
      const path = `/api/v1/appointments/${answers[winner]?.data.id}`;
      const cancelled = await app.call('DELETE', current.url + path, { token: patients[winner]?.token ?? '' });
      expect(cancelled.status).toBe(200);
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('tells the sockets of both releases what happens at either', async () => {
    const { serviceId, doctorId, slots } = service;
    const { token } = patients[0] as TestPatient;
    const servers = [previous, current];
    const sockets = await Promise.all(servers.map(({ url }) => SocketClient.connected(url, token)));
    try {
      for (const [index, { url }] of servers.entries()) {
        const body = { serviceId, doctorId, startDateTime: slots[40] };
        const { data } = await app.call('POST', `${url}/api/v1/appointments`, { token, body });
        const other = servers[1 - index] as ApiProcess;
        await app.call('DELETE', `${other.url}/api/v1/appointments/${data.id}`, { token });
        for (const socket of sockets) {
          await socket.waitFor('appointment:created', ({ id }) => id === data.id);
          await socket.waitFor('appointment:cancelled', (id) => id === data.id);
        }
      }
    } finally {
      for (const socket of sockets) socket.close();
    }
  });

  it('is removed while the previous release serves: no request fails', async () => {
    const load = new BookingLoad(app, service, patients, [previous.url, current.url]);
    await load.waitForRounds(2);
    load.urls = [previous.url];
    await load.waitForRounds(2);
    expect(await current.stop()).toBe(0);
    expect(await revert(databaseUrl, added.length)).toEqual(added.toReversed());
    await load.waitForRounds(2);
    await expectReady(previous);
    expect(await load.stop()).toEqual([]);
    expect(await app.overlaps()).toBe(0);
  });

  it('is found to break the previous release if it renames a column', async () => {
    await migrate(databaseUrl);
    const load = new BookingLoad(app, service, patients, [previous.url]);
    await load.waitForRounds(1);
    expect(load.failures).toEqual([]);
    await migrate(databaseUrl, null, BREAKING);
    await load.waitForRounds(1);
    expect(await load.stop()).toContainEqual(expect.stringMatching(/\/appointments.*: 500 /));
    await eventually(async () => expect((await fetch(`${previous.url}/health/ready`)).status).toBe(503));
  });
});
