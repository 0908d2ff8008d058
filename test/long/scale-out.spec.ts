import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '../../tools/services/children.js';
import type { TestApp } from '../support/app.js';
import { Balancer } from '../support/balancer.js';
import { EventBoard } from '../support/event-board.js';
import { eventually } from '../support/eventually.js';
import { ApiProcess, type TestProcess } from '../support/processes.js';
import { ScaleLoad } from '../support/scale-load.js';
import { ScaledInstallation } from '../support/scaled-installation.js';

const API_PROCESSES = 3;
const WORKERS = 2;
const PATIENTS = 100;
/** Longer than the balancer takes to see a 503, also on a busy machine. */
const DRAIN_SECONDS = 4;
/** Clients go on for so many acknowledged changes between two restarts. */
const CHANGES_BETWEEN = 5;
jest.setTimeout(900_000);

let installation: ScaledInstallation;
let app: TestApp;
const apis: ApiProcess[] = [];
const workers: TestProcess[] = [];
let balancer: Balancer;
let boards: EventBoard[] = [];

beforeAll(async () => {
  installation = await ScaledInstallation.create(DRAIN_SECONDS, PATIENTS);
  ({ app } = installation);
  const { environment } = installation;
  for (let n = 0; n < API_PROCESSES; n += 1) apis.push(await ApiProcess.start(environment, await freePort(0)));
  for (let n = 0; n < WORKERS; n += 1) workers.push(await installation.startWorker());
  balancer = await Balancer.start(apis.map(({ port }) => port));
});

afterEach(() => {
  for (const board of boards) board.close();
  boards = [];
});

afterAll(async () => {
  await balancer?.close();
  await Promise.all([...apis, ...workers].map((process) => process.kill()));
  await installation?.close();
});

async function startLoad({ retries }: { retries: boolean }): Promise<ScaleLoad> {
  const { desk, video: service, patients, picture } = installation;
  boards = await Promise.all([
    // Only future events: those of an earlier test are more than one answer to `sync` has.
    EventBoard.open(balancer.url, desk, ['websocket'], null),
    EventBoard.open(balancer.url, desk, ['polling'], null),
  ]);
  balancer.failures.length = 0;
  return new ScaleLoad({ url: balancer.url, app, service, patients, picture, retries });
}

const waitForChanges = (load: ScaleLoad): Promise<void> => {
  const wanted = load.done.changes + CHANGES_BETWEEN;
  const failures = (): string => load.failures.slice(-3).join('; ');
  return eventually(async () => {
    if (load.done.changes < wanted) throw new Error(`the load does not go on: ${failures()}`);
  }, 120_000);
};

/** Ends each process in turn, and starts another one on its port. @param end returns the exit code */
async function replaceAll(load: ScaleLoad, end: (process: TestProcess) => Promise<number | null | void>) {
  const codes: (number | null | void)[] = [];
  for (const [index, api] of apis.entries()) {
    codes.push(await end(api));
    apis[index] = await ApiProcess.start(installation.environment, api.port);
    await eventually(async () => expect(balancer.isHealthy(api.port)).toBe(true));
    await waitForChanges(load);
  }
  for (const [index, worker] of workers.entries()) {
    codes.push(await end(worker));
    workers[index] = await installation.startWorker();
    await waitForChanges(load);
  }
  return codes;
}

/** Nothing that was acknowledged is lost, nothing is there twice. */
async function expectNothingLost(load: ScaleLoad): Promise<void> {
  const { bookings } = load;
  const ids = bookings.map(({ id }) => id);
  const { rows } = await app.db.query<{ id: string; status: string }>(
    `SELECT id, status FROM appointment WHERE id = ANY ($1::uuid[])`,
    [ids],
  );
  const statuses = new Map(rows.map(({ id, status }) => [id, status]));
  const wrong = bookings.filter(
    ({ id, cancelled }) => (statuses.get(id) === 'CANCELLED') !== cancelled || !statuses.has(id),
  );
  expect(wrong).toEqual([]);
  expect(await app.overlaps()).toBe(0);
  const cancelled = bookings.filter((booking) => booking.cancelled).map(({ id }) => id);
  await eventually(async () => {
    for (const board of boards) {
      expect(ids.filter((id) => !board.created.has(id))).toEqual([]);
      expect(cancelled.filter((id) => !board.cancelled.has(id))).toEqual([]);
    }
  });
}

/** Each row is of a booking that was answered: a retry with the same key has made no second one. */
async function expectOneEffectEach(load: ScaleLoad): Promise<void> {
  const { rows } = await app.db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM appointment WHERE client_id = ANY ($1::uuid[]) AND NOT (id = ANY ($2::uuid[]))`,
    [installation.patients.map(({ clientId }) => clientId), earlier.concat(load.bookings.map(({ id }) => id))],
  );
  expect(rows[0]?.n).toBe(0);
}

const earlier: string[] = [];

/**
 * Each message of the bookings was sent, and none twice. After a kill, `mayRepeat`: SMTP cannot look up whether a killed worker has sent a
 * mail, so it may be there again, with the same Message-ID.
 */
async function expectEachMailOnce(load: ScaleLoad, { mayRepeat }: { mayRepeat: boolean }): Promise<void> {
  await eventually(async () => {
    const { rows } = await app.db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM notification WHERE channel = 'EMAIL' AND state IN ('PENDING', 'SENDING') AND due_at <= now()`,
    );
    expect(rows[0]?.n).toBe(0);
  }, 120_000);
  const mailIds = installation.smtp.mails.map(({ mail }) => mail.messageId);
  const { rows } = await app.db.query<{ state: string; appointmentId: string }>(
    `SELECT state, appointment_id AS "appointmentId" FROM notification WHERE channel = 'EMAIL'`,
  );
  const sent = rows.filter(({ state }) => state === 'SENT');
  expect(rows.filter(({ state }) => state === 'FAILED')).toEqual([]);
  expect(new Set(mailIds).size).toBe(sent.length);
  const told = new Set(sent.map(({ appointmentId }) => appointmentId));
  expect(load.bookings.filter(({ id, cancelled }) => !cancelled && !told.has(id))).toEqual([]);
  if (!mayRepeat) expect(mailIds).toHaveLength(new Set(mailIds).size);
}

const httpFailures = (): string[] => balancer.failures.filter((failure) => !failure.includes('/socket.io/'));

describe('three API processes and two workers behind a load balancer', () => {
  it('are restarted in turn by SIGTERM without a failed request, a lost event or a second message', async () => {
    const load = await startLoad({ retries: false });
    await waitForChanges(load);
    const codes = await replaceAll(load, (process) => process.stop(1, 60_000));
    await load.stop();
    process.stdout.write(
      `SIGTERM: ${JSON.stringify({ ...load.done, connections: boards.map((board) => board.connections) })}\n`,
    );
    expect({ codes, failures: load.failures, balancer: httpFailures() }).toEqual({
      codes: Array(API_PROCESSES + WORKERS).fill(0),
      failures: [],
      balancer: [],
    });
    expect(Math.min(...Object.values({ ...load.done, retried: 1 }))).toBeGreaterThan(0);
    await expectNothingLost(load);
    await expectOneEffectEach(load);
    await expectEachMailOnce(load, { mayRepeat: false });
    earlier.push(...load.bookings.map(({ id }) => id));
  });

  it('lose no acknowledged change and no event if they are killed in turn, and a retry with the same key has one effect', async () => {
    const load = await startLoad({ retries: true });
    await waitForChanges(load);
    await replaceAll(load, (process) => process.kill());
    await load.stop();
    process.stdout.write(
      `SIGKILL: ${JSON.stringify({ ...load.done, failures: load.failures.length, balancer: httpFailures().length, connections: boards.map((board) => board.connections) })}\n`,
    );
    expect(load.failures.filter((failure) => failure.startsWith('booking'))).toEqual([]);
    await expectNothingLost(load);
    await expectOneEffectEach(load);
    await expectEachMailOnce(load, { mayRepeat: true });
  });
});
