import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { interleave, type Bench } from './bench.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import { getId } from './dataset.js';
import type { DayJob } from './day-load.js';
import { DAY_CLINIC, DOCTORS, insertDay, VISITS } from './day-tables.js';
import type { CheckedResult } from './http-load.js';
import { runInProcess } from './load-process.js';
import { log, median, short, table } from './report.js';
import { findDifference } from './response-differences.js';
import { ServerProcess } from './servers.js';
import { Calls } from './workloads.js';

const CONNECTIONS = 16;
/** The minimum share of the requests per second of the reference. */
const TARGET = 0.8;
const PATH = `/api/v1/clinics/${getId('clinic', DAY_CLINIC)}/day`;

interface Measured extends CheckedResult {
  cpuMilliseconds: number;
}

/**
 * Compares the day view of a clinic with a bare Express application that answers the same.
 * @returns the exit code: 1 if the target is missed or an answer was wrong
 */
export async function day(bench: Bench): Promise<number> {
  const servers = await start(bench);
  const token = new Calls(bench.secret, bench.today).deskToken(DAY_CLINIC);
  const load = async (server: ServerProcess, seconds: number): Promise<Measured> => {
    const job: DayJob = { url: server.url + PATH, seconds, connections: CONNECTIONS, token };
    const before = await server.cpu();
    const result = await runInProcess<DayJob, CheckedResult>('day-load.js', job);
    // The requests in progress at the end are completed too. They must not slow the other server's run.
    await server.untilIdle();
    const cpuMilliseconds = ((await server.cpu()) - before) / (result.count + CONNECTIONS);
    log(`  day ${server.name}: ${short(result.perSecond)}/s, ${short(cpuMilliseconds)} ms CPU`);
    return { ...result, cpuMilliseconds };
  };
  try {
    const differences = await findDifferences(servers, token);
    // Only some twenty requests are answered in a second, so V8 optimises the code late.
    for (const server of servers) await load(server, 3 * bench.warmUpSeconds);
    const [ours, theirs] = (await interleave(bench, servers, load)) as [Measured[], Measured[]];
    differences.push(...(await findDifferences(servers, token)));
    return report(ours, theirs, differences);
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function start(bench: Bench): Promise<ServerProcess[]> {
  const { databases, redisUrl, secret, dataDir, today } = bench;
  const databaseUrl = await databases.copy('careslot', FEW_APPOINTMENTS);
  await insertDay(databaseUrl, today);
  await databases.settle();
  const options = { databaseUrl, redisUrl, secret };
  const careslot = await ServerProcess.careslot({
    ...options,
    name: 'CareSlot',
    logFile: join(dataDir, 'careslot.log'),
    profileDir: bench.profile ? join(dataDir, 'profile') : undefined,
  });
  const reference = await ServerProcess.dayReference({
    ...options,
    name: 'reference',
    logFile: join(dataDir, 'reference.log'),
  }).catch(async (error: unknown) => {
    await careslot.stop();
    throw error;
  });
  return [careslot, reference];
}

/** Asks again before it reports a difference, because a minute of waiting may have passed between the two answers. */
async function findDifferences(servers: ServerProcess[], token: string): Promise<string[]> {
  const compare = async (): Promise<string[]> => {
    const [ours, theirs] = (await Promise.all(servers.map((server) => get(server, token)))) as [DayAnswer, DayAnswer];
    if (ours.appointments?.length !== DOCTORS * VISITS) return ['CareSlot does not show all visits'];
    return isDeepStrictEqual(ours, theirs) ? [] : [findDifference(ours, theirs)];
  };
  const first = await compare();
  return first.length === 0 ? [] : compare();
}

type DayAnswer = Record<string, unknown> & { appointments?: unknown[] };

async function get({ url }: ServerProcess, token: string): Promise<DayAnswer> {
  const response = await fetch(url + PATH, { headers: { authorization: `Bearer ${token}` } });
  const { data } = (await response.json()) as { data?: DayAnswer };
  return data ?? {};
}

function report(ours: Measured[], theirs: Measured[], differences: string[]): number {
  const both = (pick: (run: Measured) => number): string[] => [short(median(ours, pick)), short(median(theirs, pick))];
  const ratio = median(ours, (run) => run.perSecond) / median(theirs, (run) => run.perSecond);
  const bad = [ours, theirs].map((runs) => runs.reduce((sum, run) => sum + run.bad, 0));
  const isOk =
    Number.isFinite(ratio) && ratio >= TARGET && bad.every((count) => count === 0) && differences.length === 0;
  const header = [
    'day view',
    'CareSlot/s',
    'reference/s',
    'ratio',
    'p50 ms',
    'ref',
    'p99 ms',
    'ref',
    'CPU ms',
    'ref',
    'bad',
    'ok',
  ];
  const row = [
    `${DOCTORS} doctors × ${VISITS} visits`,
    ...both((run) => run.perSecond),
    ratio.toFixed(2),
    ...both((run) => run.p50),
    ...both((run) => run.p99),
    ...both((run) => run.cpuMilliseconds),
    bad.join('/'),
    isOk ? 'yes' : 'NO',
  ];
  process.stdout.write(`\n${table(header, [row])}\n`);
  for (const difference of differences) process.stdout.write(`The answers are different: ${difference}\n`);
  return isOk ? 0 : 1;
}
