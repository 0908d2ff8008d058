import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { log, short, table } from './report.js';
import type { Bench } from './bench.js';
import { reminderVolume } from './data-volumes.js';
import { ServerProcess } from './servers.js';
import type { SinkFigures } from './smtp-sink.js';

/** Mails per second, from the moment when all are due to the last that the server accepted. */
const TARGET_PER_SECOND = 500;
const GIVE_UP_MILLISECONDS = 15 * 60_000;
const POLL_MILLISECONDS = 200;
/** Minutes before the appointment. Every appointment from tomorrow on still has its reminder in the future. */
const OFFSET_MINUTES = 60;

interface Figures {
  planSeconds: number;
  replanSeconds: number;
  sendSeconds: number;
  inboxSeconds: number;
  /** CPU time of the worker for one reminder: the mail and the inbox entry. */
  cpuMicroseconds: number;
  memoryIdleMiB: number;
  memoryPeakMiB: number;
}

/** Measures reminders that are all due at once: a worker plans them, writes them to inboxes, and mails them to a test server. */
export async function reminders(bench: Bench): Promise<number> {
  const count = bench.quick ? 10_000 : 100_000;
  const databaseUrl = await bench.databases.copy('careslot', reminderVolume(count));
  const db = new Client({ connectionString: databaseUrl });
  await db.connect();
  const sink = await startSink();
  await prepare(db);
  const worker = ServerProcess.worker({
    name: 'worker',
    databaseUrl,
    redisUrl: bench.redisUrl,
    secret: bench.secret,
    logFile: join(bench.dataDir, 'worker.log'),
    ...(bench.profile && { profileDir: join(bench.dataDir, 'profile') }),
    env: {
      SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
      SMTP_REQUIRE_TLS: 'false',
      MAIL_FROM: 'Clinic <no-reply@bench.example>',
      JOBS_SWEEP_SECONDS: '1',
    },
  });
  try {
    const load = loadavg().map(short).join(' ');
    const figures = await measure(bench, db, sink, worker, count);
    return await report(db, await sink.figures(), figures, count, load);
  } finally {
    await worker.stop();
    sink.stop();
    await db.end();
  }
}

async function measure(bench: Bench, db: Client, sink: Sink, worker: ServerProcess, count: number): Promise<Figures> {
  const planned = async (): Promise<boolean> => (await countClinicsToPlan(db)) === 0;
  await waitUntil('the worker to start', planned);
  await db.query(`UPDATE clinic SET reminder_offsets_minutes = '{${OFFSET_MINUTES}}'`);
  const planSeconds = await seconds(() => waitUntil('the plans', planned));
  await db.query('DELETE FROM reminder_plan');
  const replanSeconds = await seconds(() => waitUntil('the plans of the second comparison', planned));
  const plannedCount = await countRows(db, 'planned_notification');
  if (plannedCount !== count) throw new Error(`${plannedCount} reminders were planned for ${count} appointments`);
  await bench.databases.settle();
  const { now: memoryIdleMiB } = await worker.memory();
  const cpuBefore = await worker.cpu();
  let inboxSeconds = NaN;
  // Both times begin when the statement has made all reminders due.
  await db.query(`UPDATE planned_notification SET due_at = now()`);
  const start = performance.now();
  const watchInbox = waitUntil('the inboxes', async () => (await countInboxEntries(db)) >= count, 1_000).then(() => {
    inboxSeconds = (performance.now() - start) / 1000;
  });
  let next = 0;
  const sendSeconds = await seconds(() =>
    waitUntil('the mails', async () => {
      const { accepted } = await sink.figures();
      if (accepted >= next) {
        log(
          `  ${accepted} mails after ${short((performance.now() - start) / 1000)} s, load ${short(loadavg()[0] ?? NaN)}`,
        );
        next += count / 5;
      }
      return accepted >= count;
    }),
  );
  await watchInbox;
  await waitUntil('the results', async () => (await countUnsent(db)) === 0);
  const { peak } = await worker.memory();
  const cpuMicroseconds = (((await worker.cpu()) - cpuBefore) * 1000) / count;
  const memory = { memoryIdleMiB, memoryPeakMiB: peak };
  return { planSeconds, replanSeconds, sendSeconds, inboxSeconds, cpuMicroseconds, ...memory };
}

async function report(db: Client, sink: SinkFigures, figures: Figures, count: number, load: string): Promise<number> {
  const { rows } = await db.query<{ name: string; n: number }>(
    `SELECT channel || ' ' || state AS name, count(*)::int AS n FROM notification GROUP BY 1 ORDER BY 1`,
  );
  const perSecond = count / figures.sendSeconds;
  const isExact =
    sink.accepted === count &&
    sink.duplicates === 0 &&
    rows.every(({ name, n }) => ['EMAIL SENT', 'IN_APP SENT'].includes(name) && n === count);
  const lines = [
    ['planned, first time', `${short(figures.planSeconds)} s (${short(count / figures.planSeconds)}/s)`],
    ['planned again', `${short(figures.replanSeconds)} s`],
    ['mails', `${short(figures.sendSeconds)} s (${short(perSecond)}/s, target ${TARGET_PER_SECOND})`],
    ['inboxes, at the same time', `${short(figures.inboxSeconds)} s (${short(count / figures.inboxSeconds)}/s)`],
    ['CPU of the worker for both', `${short(figures.cpuMicroseconds)} µs`],
    [
      'RSS of the worker, before and at most',
      `${short(figures.memoryIdleMiB)} and ${short(figures.memoryPeakMiB)} MiB`,
    ],
    ['mails accepted, duplicates', `${sink.accepted}, ${sink.duplicates}`],
    ...rows.map(({ name, n }) => [name, String(n)]),
    ['load average before', load],
  ];
  process.stdout.write(`\n${table([`${count} reminders due at once`, ''], lines)}\n`);
  return isExact && perSecond >= TARGET_PER_SECOND ? 0 : 1;
}

/** Only mail and inbox, no SMS. Nothing is planned before the benchmark starts it. */
async function prepare(db: Client): Promise<void> {
  await db.query(`UPDATE clinic SET reminder_offsets_minutes = '{}'`);
  await db.query(
    `INSERT INTO notification_preference (user_id, channels)
     SELECT user_id, '{"APPOINTMENT_REMINDER": ["EMAIL"]}' FROM client`,
  );
  await db.query('ANALYZE');
}

const countClinicsToPlan = (db: Client): Promise<number> =>
  countRows(
    db,
    `clinic c LEFT JOIN reminder_plan p ON p.clinic_id = c.id
     WHERE p.offsets_minutes IS DISTINCT FROM c.reminder_offsets_minutes`,
  );

const countInboxEntries = (db: Client): Promise<number> =>
  countRows(db, `notification WHERE channel = 'IN_APP' AND state = 'SENT'`);

const countUnsent = (db: Client): Promise<number> =>
  countRows(db, `notification WHERE state IN ('PENDING', 'SENDING')`);

/** @param from SQL after FROM */
async function countRows(db: Client, from: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${from}`);
  return rows[0]?.n ?? 0;
}

async function waitUntil(
  what: string,
  isDone: () => Promise<boolean>,
  everyMilliseconds = POLL_MILLISECONDS,
): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MILLISECONDS;
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error(`timed out while waiting for ${what}`);
    await sleep(everyMilliseconds);
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

interface Sink {
  port: number;
  figures(): Promise<SinkFigures>;
  stop(): void;
}

async function startSink(): Promise<Sink> {
  const child: ChildProcess = fork(join(dirname(fileURLToPath(import.meta.url)), 'smtp-sink.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const figures = async (): Promise<SinkFigures> => {
    child.send('figures');
    const [answer] = (await once(child, 'message')) as [SinkFigures];
    return answer;
  };
  return { port, figures, stop: () => child.disconnect() };
}
