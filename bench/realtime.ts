import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SocketClients } from './socket-clients.js';
import { CLIENTS, CLINICS } from './dataset.js';
import type { LoadJob, LoadOutcome } from './load-job.js';
import { runInProcess } from './load-process.js';
import { percentile, log, short, table } from './report.js';
import { selectNames, type Bench } from './bench.js';
import { STANDARD } from './data-volumes.js';
import { ServerProcess, type StartOptions } from './servers.js';
import { Calls } from './workloads.js';

const BOOKINGS_PER_SECOND = 200;
const PATIENTS = 950;
/** Ten dashboards at each of five clinics: every booking reaches ten dashboards, and its patient if they have a socket. */
const DASHBOARDS_PER_CLINIC = 10;
const IDLE_SOCKETS = 5_000;
const WARM_UP_SOCKETS = 1_000;
const SETTLE_MILLISECONDS = 10_000;

const TARGETS = { p50: 40, p99: 150, kilobytes: 40, backSeconds: 30 };

interface Latency {
  perSecond: number;
  /** Response times of the bookings, in milliseconds. */
  answered: { p50: number; p99: number };
  /** Milliseconds from a booking to a dashboard. */
  p50: number;
  p99: number;
  /** CPU time of the server process for a booking and all its events. */
  cpuMilliseconds: number;
  /** The share of the expected events that arrived at the dashboards. */
  received: number;
  bad: number;
}

interface Crash {
  /** Memory of an idle socket. */
  kilobytes: number;
  openSeconds: number;
  /** From SIGKILL until the new server is ready. */
  downSeconds: number;
  /** From SIGKILL until every socket is connected and in sync. */
  backSeconds: number;
}

/** Measures with sockets in another process than the server. @returns the exit code: 1 if a target is missed */
export async function realtime(bench: Bench): Promise<number> {
  const parts = selectNames(bench.only, ['latency', 'crash']);
  const { databases, redisUrl, secret, dataDir } = bench;
  const databaseUrl = await databases.copy('careslot', STANDARD);
  await databases.settle();
  const options: StartOptions = {
    name: 'CareSlot',
    databaseUrl,
    redisUrl,
    secret,
    logFile: join(dataDir, 'realtime.log'),
    profileDir: bench.profile ? join(dataDir, 'profile') : undefined,
  };
  const calls = new Calls(secret, bench.today);
  const latency = parts.includes('latency') ? await measureLatency(bench, calls, options) : null;
  const crash = parts.includes('crash') ? await measureCrash(calls, options) : null;
  return report(bench, latency, crash);
}

async function measureLatency(bench: Bench, calls: Calls, options: StartOptions): Promise<Latency> {
  const server = await ServerProcess.careslot(options);
  const clients = new SocketClients();
  try {
    await clients.open(server.url, calls.patientTokens(PATIENTS), calls.deskTokens(DASHBOARDS_PER_CLINIC));
    const book = (seconds: number, first: number) =>
      runInProcess<LoadJob, LoadOutcome>('load.js', {
        workload: 'book',
        url: server.url,
        seconds,
        connections: 32,
        rate: BOOKINGS_PER_SECOND,
        secret: bench.secret,
        today: bench.today,
        clients: CLIENTS,
        first,
      });
    const { next } = await book(bench.warmUpSeconds, 0);
    await sleep(500);
    clients.clearLatencies();
    const before = await server.cpu();
    const { perSecond, count, p50, p99, statuses, errors } = await book(bench.seconds * bench.rounds, next);
    const used = (await server.cpu()) - before;
    const sorted = Float64Array.from(await allLatencies(clients)).sort();
    log(`  ${count} bookings, ${sorted.length} events at dashboards, load ${load()}`);
    return {
      perSecond,
      answered: { p50, p99 },
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      cpuMilliseconds: used / count,
      received: sorted.length / (count * DASHBOARDS_PER_CLINIC),
      bad: count - (statuses['201'] ?? 0) + errors,
    };
  } finally {
    await clients.close();
    await server.stop();
  }
}

/** Waits until no more events arrive, so that late ones count too. */
async function allLatencies(clients: SocketClients): Promise<number[]> {
  for (let before = -1; ;) {
    await sleep(1_000);
    const latencies = await clients.latencies();
    if (latencies.length === before) return latencies;
    before = latencies.length;
  }
}

async function measureCrash(calls: Calls, options: StartOptions): Promise<Crash> {
  let server = await ServerProcess.careslot(options);
  const clients = new SocketClients();
  try {
    const { kilobytes, openSeconds } = await fill(server, clients, calls.patientTokens(CLIENTS));
    const back = clients.complete();
    const killed = Date.now();
    await server.kill();
    server = await ServerProcess.careslot({ ...options, port: Number(new URL(server.url).port) });
    const downSeconds = (Date.now() - killed) / 1000;
    const backSeconds = ((await back) - killed) / 1000;
    log(
      `  server ready after ${short(downSeconds)} s, all sockets reconnected after ${short(backSeconds)} s, load ${load()}`,
    );
    return { kilobytes, openSeconds, downSeconds, backSeconds };
  } finally {
    await clients.close();
    await server.stop();
  }
}

/** Opens all sockets. The memory of the first thousand is left out, because the process also grows while it warms up. */
async function fill(
  server: ServerProcess,
  clients: SocketClients,
  tokens: string[],
): Promise<Pick<Crash, 'kilobytes' | 'openSeconds'>> {
  const all = Array.from({ length: IDLE_SOCKETS }, (_, n) => tokens[n % tokens.length] as string);
  const started = performance.now();
  await clients.open(server.url, all.slice(0, WARM_UP_SOCKETS), []);
  await sleep(SETTLE_MILLISECONDS);
  const before = await server.memory();
  await clients.open(server.url, all.slice(WARM_UP_SOCKETS), []);
  const openSeconds = (performance.now() - started - SETTLE_MILLISECONDS) / 1000;
  await sleep(SETTLE_MILLISECONDS);
  const after = await server.memory();
  log(`  ${IDLE_SOCKETS} sockets in ${short(openSeconds)} s, load ${load()}`);
  log(`  ${short(before.now)} MiB with ${WARM_UP_SOCKETS}, ${short(after.now)} MiB with all`);
  return { kilobytes: ((after.now - before.now) * 1024) / (IDLE_SOCKETS - WARM_UP_SOCKETS), openSeconds };
}

const load = (): string => short(loadavg()[0] ?? 0);

type Row = [name: string, value: number, unit: string, target: number | null];

const latencyRows = ({ perSecond, answered, p50, p99, cpuMilliseconds }: Latency): Row[] => [
  [`bookings with ${PATIENTS + DASHBOARDS_PER_CLINIC * CLINICS} sockets open`, perSecond, '/s', null],
  ['response time of a booking, p50', answered.p50, 'ms', null],
  ['response time of a booking, p99', answered.p99, 'ms', null],
  ['booking to dashboard, p50', p50, 'ms', TARGETS.p50],
  ['booking to dashboard, p99', p99, 'ms', TARGETS.p99],
  ['CPU time of the server for a booking', cpuMilliseconds, 'ms', null],
];

const crashRows = ({ kilobytes, downSeconds, backSeconds }: Crash): Row[] => [
  [`memory of an idle socket (of ${IDLE_SOCKETS})`, kilobytes, 'KB', TARGETS.kilobytes],
  ['from SIGKILL until the server is ready', downSeconds, 's', null],
  [`from SIGKILL until ${IDLE_SOCKETS} are in sync`, backSeconds, 's', TARGETS.backSeconds],
];

async function report({ dataDir }: Bench, latency: Latency | null, crash: Crash | null): Promise<number> {
  const rows = [...(latency ? latencyRows(latency) : []), ...(crash ? crashRows(crash) : [])];
  const isMet = ([, value, , target]: Row): boolean => target === null || value <= target;
  const cells = rows.map((row) => {
    const [name, value, unit, target] = row;
    const verdict = target === null ? ['', ''] : [`≤ ${target} ${unit}`, isMet(row) ? 'yes' : 'NO'];
    return [name, `${short(value)} ${unit}`, ...verdict];
  });
  const isComplete = latency === null || (latency.received >= 1 && latency.bad === 0);
  const fault = isComplete
    ? ''
    : `\n${latency.bad} bookings failed; ${short(latency.received * 100)} % of the events arrived`;
  process.stdout.write(`${table(['figure', 'measured', 'target', 'ok'], cells)}${fault}\n`);
  await writeFile(join(dataDir, 'last-realtime.json'), JSON.stringify({ latency, crash }, null, 2));
  return isComplete && rows.every(isMet) ? 0 : 1;
}
