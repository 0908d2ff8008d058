import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Crowd } from './crowd.js';
import { SEEDED_DAYS } from './dataset.js';
import { percentile, say, short, table } from './report.js';
import type { Bench } from './run.js';
import type { Filling } from './seed-appointments.js';
import { fire, ServerProcess, type StartOptions } from './servers.js';
import { Calls } from './works.js';

const FILLING: Filling = { appointments: 100_000, comingPerDay: 4, comingDays: SEEDED_DAYS };
const BOOKINGS_PER_SECOND = 200;
const PATIENTS = 950;
/** Ten at each of five clinics: every booking reaches ten dashboards and its patient. */
const DASHBOARDS_PER_CLINIC = 10;
const IDLE_SOCKETS = 5_000;
const CLIENTS = 2_000;
const SETTLE_MILLISECONDS = 10_000;

const TARGETS = { p99: 150, kilobytes: 40, backSeconds: 30 };

interface Latency {
  perSecond: number;
  p50: number;
  p99: number;
  heard: number;
  bad: number;
}

interface Crash {
  kilobytes: number;
  openSeconds: number;
  downSeconds: number;
  backSeconds: number;
}

/** Sockets in another process than the server. @returns the exit code: 1 where a target is missed */
export async function realtime(bench: Bench): Promise<number> {
  const { databases, redisUrl, secret, dataDir } = bench;
  const databaseUrl = await databases.copy('careslot', FILLING);
  await databases.settle();
  const options: StartOptions = {
    name: 'CareSlot',
    databaseUrl,
    redisUrl,
    secret,
    logFile: join(dataDir, 'realtime.log'),
    profileDir: bench.profile ? join(dataDir, 'profile') : undefined,
    // Messages to patients are the worker's, as in docker-compose.yml; none runs here.
    env: { JOBS_IN_PROCESS: 'false' },
  };
  const calls = new Calls(secret, bench.today);
  const latency = await measureLatency(bench, calls, options);
  const crash = await measureCrash(calls, options);
  return report(bench, latency, crash);
}

async function measureLatency(bench: Bench, calls: Calls, options: StartOptions): Promise<Latency> {
  const server = await ServerProcess.careslot(options);
  const crowd = new Crowd();
  try {
    await crowd.open(server.url, calls.patientTokens(PATIENTS), calls.deskTokens(DASHBOARDS_PER_CLINIC));
    const book = (seconds: number, first: number) =>
      fire({
        work: 'book',
        url: server.url,
        seconds,
        connections: 32,
        rate: BOOKINGS_PER_SECOND,
        secret: bench.secret,
        today: bench.today,
        first,
      });
    const { next } = await book(bench.warmUpSeconds, 0);
    await sleep(500);
    crowd.forget();
    const { perSecond, count, statuses, errors } = await book(bench.seconds * bench.rounds, next);
    await sleep(1_000);
    const sorted = Float64Array.from(await crowd.latencies()).sort();
    say(`  ${count} bookings, ${sorted.length} times seen on a dashboard, load ${load()}`);
    return {
      perSecond,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      heard: sorted.length / (count * DASHBOARDS_PER_CLINIC),
      bad: count - (statuses['201'] ?? 0) + errors,
    };
  } finally {
    await crowd.close();
    await server.stop();
  }
}

async function measureCrash(calls: Calls, options: StartOptions): Promise<Crash> {
  let server = await ServerProcess.careslot(options);
  const crowd = new Crowd();
  try {
    await sleep(SETTLE_MILLISECONDS / 2);
    const before = await server.memory();
    const started = performance.now();
    const tokens = calls.patientTokens(CLIENTS);
    await crowd.open(
      server.url,
      Array.from({ length: IDLE_SOCKETS }, (_, n) => tokens[n % CLIENTS] as string),
      [],
    );
    const openSeconds = (performance.now() - started) / 1000;
    await sleep(SETTLE_MILLISECONDS);
    const after = await server.memory();
    const kilobytes = ((after.now - before.now) * 1024) / IDLE_SOCKETS;
    say(
      `  ${IDLE_SOCKETS} sockets in ${short(openSeconds)} s: ${short(before.now)} → ${short(after.now)} MiB, load ${load()}`,
    );
    const back = crowd.complete();
    const killed = Date.now();
    await server.kill();
    server = await ServerProcess.careslot({ ...options, port: Number(new URL(server.url).port) });
    const downSeconds = (Date.now() - killed) / 1000;
    const backSeconds = ((await back) - killed) / 1000;
    say(`  server back after ${short(downSeconds)} s, all sockets after ${short(backSeconds)} s, load ${load()}`);
    return { kilobytes, openSeconds, downSeconds, backSeconds };
  } finally {
    await crowd.close();
    await server.stop();
  }
}

const load = (): string => short(loadavg()[0] ?? 0);

async function report({ dataDir }: Bench, latency: Latency, crash: Crash): Promise<number> {
  const rows: [what: string, value: number, unit: string, target: number | null][] = [
    [`bookings with ${PATIENTS + DASHBOARDS_PER_CLINIC * 5} sockets open`, latency.perSecond, '/s', null],
    ['booking to dashboard, p50', latency.p50, 'ms', null],
    ['booking to dashboard, p99', latency.p99, 'ms', TARGETS.p99],
    [`memory of an idle socket (of ${IDLE_SOCKETS})`, crash.kilobytes, 'KB', TARGETS.kilobytes],
    ['killed until it serves again', crash.downSeconds, 's', null],
    ['killed until every socket is back, in sync', crash.backSeconds, 's', TARGETS.backSeconds],
  ];
  const isMet = (value: number, target: number | null): boolean => target === null || value <= target;
  const text = table(
    ['what', 'measured', 'target', 'ok'],
    rows.map(([what, value, unit, target]) => [
      what,
      `${short(value)} ${unit}`,
      target === null ? '' : `≤ ${target} ${unit}`,
      target === null ? '' : isMet(value, target) ? 'yes' : 'NO',
    ]),
  );
  const isComplete = latency.heard >= 1 && latency.bad === 0;
  const fault = isComplete ? '' : `\n${latency.bad} bookings went wrong; ${short(latency.heard * 100)} % were seen`;
  process.stdout.write(`${text}${fault}\n`);
  await writeFile(join(dataDir, 'last-realtime.json'), JSON.stringify({ latency, crash }, null, 2));
  return isComplete && rows.every(([, value, , target]) => isMet(value, target)) ? 0 : 1;
}
