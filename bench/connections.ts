import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.js';
import { BookingLoad, type BookingRun } from './booking-load.js';
import { STANDARD } from './data-volumes.js';
import { median, log, short, table } from './report.js';
import { ServerProcess } from './servers.js';

const LEVELS = [16, 64, 256, 1_024];
const MAX_CONNECTIONS = Math.max(...LEVELS);
/** The minimum for the most connections, as a share of the best level's bookings per second. */
const TARGET = 0.95;
const MAX_SECONDS = 5;
/** Time to open the connections. */
const LEAD_IN_SECONDS = 2;
/** With many connections, requests are first answered in waves of one request per connection. These first waves are not counted. */
const LEAD_IN_WAVES = 2;
/** The minimum number of waves in a measured run. */
const WAVES = 6;
const MAX_WAVE_SECONDS = 5;
/** Above this share, the load process may be the bottleneck. */
const MAX_LOAD_CPU_SHARE = 0.8;
/** Files in addition to the connections: libraries, log, the database. */
const SPARE_FILES = 100;

/** Measures bookings at different numbers of connections, interleaved. @returns the exit code: 1 if the most connections are too slow */
export async function connections(bench: Bench): Promise<number> {
  await requireOpenFiles(MAX_CONNECTIONS + SPARE_FILES);
  const { databases, redisUrl, secret, dataDir } = bench;
  const databaseUrl = await databases.copy('careslot', STANDARD);
  await databases.settle();
  const logFile = join(dataDir, 'connections.log');
  const server = await ServerProcess.careslot({ name: 'CareSlot', databaseUrl, redisUrl, secret, logFile });
  try {
    return await report(bench, await measure(bench, new BookingLoad(bench, server)));
  } finally {
    await server.stop();
  }
}

async function measure(bench: Bench, load: BookingLoad): Promise<Map<number, BookingRun[]>> {
  const seconds = Math.min(bench.seconds, MAX_SECONDS);
  const runs = new Map(LEVELS.map((level) => [level, [] as BookingRun[]]));
  let { perSecond: best } = await load.run(64, bench.warmUpSeconds);
  for (let round = 0; round < bench.rounds; round += 1) {
    for (const [level, ofLevel] of runs) {
      const wave = Math.min(level / best, MAX_WAVE_SECONDS);
      const run = await load.run(
        level,
        Math.ceil(Math.max(seconds, WAVES * wave)),
        Math.ceil(Math.max(LEAD_IN_SECONDS, LEAD_IN_WAVES * wave)),
      );
      best = Math.max(best, run.perSecond);
      ofLevel.push(run);
      log(`  ${level} connections: ${short(run.perSecond)}/s, p50 ${short(run.p50)} ms`);
    }
  }
  return runs;
}

async function report({ dataDir }: Bench, runs: Map<number, BookingRun[]>): Promise<number> {
  const levels = [...runs].map(([level, ofLevel]) => summary(level, ofLevel));
  const best = Math.max(...levels.map(({ perSecond }) => perSecond));
  const most = levels.at(-1)?.perSecond ?? NaN;
  const isOk = most / best >= TARGET && levels.every(({ bad, faults }) => bad === 0 && faults.length === 0);
  const rows = levels.map(({ level, perSecond, p50, p99, cpuMicroseconds, loadCpuShare, bad }) => [
    level.toLocaleString('en'),
    ...[perSecond, p50, p99, cpuMicroseconds, loadCpuShare].map(short),
    String(bad),
    (perSecond / best).toFixed(2),
  ]);
  const header = ['connections', 'bookings/s', 'p50 ms', 'p99 ms', 'CPU µs', 'CPUs of the load', 'bad', '÷ the best'];
  const figure = `Bookings/s at ${MAX_CONNECTIONS} connections ÷ at the best number: ${(most / best).toFixed(2)} (target ≥ ${TARGET}: ${isOk ? 'yes' : 'NO'})`;
  const notes = levels.flatMap(({ level, loadCpuShare, faults }) => [
    ...faults.map((fault) => `${fault} at ${level} connections`),
    ...(loadCpuShare > MAX_LOAD_CPU_SHARE ? [`The load was the bottleneck at ${level} connections.`] : []),
  ]);
  process.stdout.write(`${[table(header, rows), '', figure, ...notes].join('\n')}\n`);
  await writeFile(join(dataDir, 'last-connections.json'), JSON.stringify(levels, null, 2));
  return isOk ? 0 : 1;
}

const summary = (level: number, runs: BookingRun[]) => ({
  level,
  perSecond: median(runs, (run) => run.perSecond),
  p50: median(runs, (run) => run.p50),
  p99: median(runs, (run) => run.p99),
  cpuMicroseconds: median(runs, (run) => run.cpuMicroseconds),
  loadCpuShare: median(runs, (run) => run.loadCpuShare),
  bad: runs.reduce((sum, { bad }) => sum + bad, 0),
  faults: [...new Set(runs.flatMap(({ faults }) => faults))],
});

/** @throws Error if a process may open fewer files; Node itself raises the soft limit to the hard one */
async function requireOpenFiles(needed: number): Promise<void> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const hard = Number(/Max open files\s+\S+\s+(\d+)/.exec(limits)?.[1] ?? Infinity);
  if (hard >= needed) return;
  throw new Error(`A process may open ${hard} files here, ${needed} are needed. Raise the hard limit (ulimit -Hn).`);
}
