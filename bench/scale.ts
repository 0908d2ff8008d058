import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selectNames, type Bench } from './bench.js';
import { SIZES } from './data-volumes.js';
import { Measure, type Measured } from './measure.js';
import { short, table } from './report.js';
import { ServerProcess } from './servers.js';
import { SCALE_WORKLOADS } from './workloads.js';

/** The minimum share of the requests per second with the small database. */
const TARGET = 0.9;

type Size = keyof typeof SIZES;
type Workload = keyof typeof SCALE_WORKLOADS;
type Results = Partial<Record<Size, Measured>>;

/** Compares CareSlot with itself at a hundred and a thousand times the appointments. @returns the exit code */
export async function scale(bench: Bench): Promise<number> {
  const workloads = selectNames(bench.only, Object.keys(SCALE_WORKLOADS) as Workload[]);
  const servers = await startAll(bench, sizesFor(workloads, bench));
  try {
    await bench.databases.settle();
    const measure = new Measure(bench);
    const results = new Map<Workload, Results>();
    for (const workload of workloads) {
      const used = [...servers].filter(([size]) => size !== 'largest' || SCALE_WORKLOADS[workload].atLargest);
      const measured = await measure.interleaved(
        workload,
        used.map(([, server]) => server),
      );
      results.set(workload, Object.fromEntries(used.map(([size], n) => [size, measured[n]])));
    }
    const rows = [...results].flatMap(([workload, sizes]) => toRows(workload, sizes));
    process.stdout.write(`${table(HEADER, rows)}\n`);
    const kept = { at: new Date().toISOString(), results: Object.fromEntries(results) };
    await writeFile(join(bench.dataDir, 'last-scale.json'), JSON.stringify(kept, null, 2));
    return rows.every((row) => row.at(-1) !== 'NO') ? 0 : 1;
  } finally {
    for (const server of servers.values()) await server.stop();
  }
}

/** The largest size is left out of a quick run, and if no selected workload uses it. */
function sizesFor(workloads: Workload[], { quick }: Bench): Size[] {
  const isLargestUsed = !quick && workloads.some((workload) => SCALE_WORKLOADS[workload].atLargest);
  return isLargestUsed ? ['small', 'large', 'largest'] : ['small', 'large'];
}

async function startAll(bench: Bench, sizes: Size[]): Promise<Map<Size, ServerProcess>> {
  const { databases, redisUrl, secret, dataDir } = bench;
  const urls = new Map<Size, string>();
  // All databases are filled and copied before the first server starts.
  for (const name of sizes) urls.set(name, await databases.copy(name, SIZES[name]));
  const servers = new Map<Size, ServerProcess>();
  for (const [name, databaseUrl] of urls) {
    const { clients } = SIZES[name];
    const logFile = join(dataDir, `${name}.log`);
    servers.set(name, await ServerProcess.careslot({ name, databaseUrl, redisUrl, secret, clients, logFile }));
  }
  return servers;
}

const HEADER = [
  'workload',
  'appointments',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'CPU µs',
  'bad',
  '÷ at 10,000',
  'target',
  'ok',
];

const toRows = (workload: Workload, results: Results): string[][] =>
  (Object.entries(results) as [Size, Measured][]).map(([size, measured]) => [
    size === 'small' ? SCALE_WORKLOADS[workload].title : '',
    SIZES[size].appointments.toLocaleString('en'),
    short(measured.perSecond),
    short(measured.p50),
    short(measured.p99),
    short(measured.cpuMicroseconds),
    String(measured.bad),
    ...verdict(size, measured, results.small as Measured),
  ]);

function verdict(size: Size, measured: Measured, small: Measured): [ratio: string, target: string, ok: string] {
  const isRight = measured.bad === 0;
  if (size === 'small') return ['', '', isRight ? '' : 'NO'];
  const ratio = measured.perSecond / small.perSecond;
  return [ratio.toFixed(2), TARGET.toFixed(2), isRight && ratio >= TARGET ? 'yes' : 'NO'];
}
