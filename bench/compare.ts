import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findResponseDifferences } from './response-differences.js';
import { holdTable, type WorkloadHoldTimes } from './hold-times.js';
import { Measure, type Measured } from './measure.js';
import { log, short, table } from './report.js';
import { selectNames, type Bench } from './bench.js';
import { STANDARD } from './data-volumes.js';
import { ServerProcess } from './servers.js';
import { CALLS_PER_ROUND, WORKLOADS } from './workloads.js';

/** Resident memory of CareSlot after all workloads, MiB. */
const MAX_MEMORY_MIB = 220;

type Workload = keyof typeof WORKLOADS;

/** Compares CareSlot with the bare reference. @returns the exit code: 1 if a target is missed or a response was wrong */
export async function compare(bench: Bench): Promise<number> {
  const workloads = selectNames(bench.only, Object.keys(WORKLOADS) as Workload[]);
  const [careslot, reference] = await startBoth(bench);
  const measure = new Measure(bench);
  const results = new Map<Workload, [Measured, Measured]>();
  try {
    for (const workload of workloads) {
      for (const difference of await findResponseDifferences(
        [careslot, reference],
        workload,
        bench.secret,
        bench.today,
      )) {
        log(`  different response: ${difference}`);
      }
      results.set(workload, (await measure.interleaved(workload, [careslot, reference])) as [Measured, Measured]);
    }
    return await report(bench, results, careslot, reference);
  } finally {
    await careslot.stop();
    await reference.stop();
  }
}

async function startBoth(bench: Bench): Promise<[ServerProcess, ServerProcess]> {
  const { databases, redisUrl, secret, dataDir } = bench;
  const ours = await databases.copy('careslot', STANDARD);
  const theirs = await databases.copy('reference', STANDARD);
  await databases.settle();
  const common = { redisUrl, secret };
  const careslot = await ServerProcess.careslot({
    ...common,
    name: 'CareSlot',
    databaseUrl: ours,
    logFile: join(dataDir, 'careslot.log'),
    profileDir: bench.profile ? join(dataDir, 'profile') : undefined,
  });
  const options = { ...common, name: 'reference', databaseUrl: theirs, logFile: join(dataDir, 'reference.log') };
  const reference = await ServerProcess.reference(options).catch(async (error: unknown) => {
    await careslot.stop();
    throw error;
  });
  return [careslot, reference];
}

const HEADER = [
  'workload',
  'CareSlot/s',
  'reference/s',
  'ratio',
  'p50 ms',
  'ref',
  'p99 ms',
  'ref',
  'CPU µs',
  'ref',
  'bad',
  'target',
  'ok',
];

async function report(
  bench: Bench,
  results: Map<Workload, [Measured, Measured]>,
  careslot: ServerProcess,
  reference: ServerProcess,
): Promise<number> {
  const rows = [...results].map(([workload, pair]) => row(workload, pair));
  const memory = [await careslot.memory(), await reference.memory()] as const;
  const isMemoryOk = memory[0].now <= MAX_MEMORY_MIB;
  const text = [
    table(HEADER, rows),
    '',
    'Connections to the database, held by CareSlot:',
    '',
    holdTable([...results].map(([workload, [ours]]) => toHoldTimes(workload, ours))),
    '',
    `Resident memory after the runs: CareSlot ${short(memory[0].now)} MiB (peak ${short(memory[0].peak)}; ` +
      `target ≤ ${MAX_MEMORY_MIB}: ${isMemoryOk ? 'yes' : 'NO'}), ` +
      `reference ${short(memory[1].now)} MiB (peak ${short(memory[1].peak)}).`,
    ...[...results].flatMap(([workload, pair]) => toFaultLines(workload, pair)),
  ].join('\n');
  process.stdout.write(`${text}\n`);
  const kept = { at: new Date().toISOString(), results: Object.fromEntries(results), memory };
  await writeFile(join(bench.dataDir, 'last.json'), JSON.stringify(kept, null, 2));
  return isMemoryOk && [...results].every(([workload, pair]) => isOk(workload, pair)) ? 0 : 1;
}

const getRatio = ([ours, theirs]: [Measured, Measured]): number => ours.perSecond / theirs.perSecond;

const isOk = (workload: Workload, pair: [Measured, Measured]): boolean =>
  getRatio(pair) >= WORKLOADS[workload].target && pair.every(({ bad, faults }) => bad === 0 && faults.length === 0);

function row(workload: Workload, pair: [Measured, Measured]): string[] {
  const [ours, theirs] = pair;
  const both = (pick: (one: Measured) => number): string[] => [short(pick(ours)), short(pick(theirs))];
  return [
    WORKLOADS[workload].title,
    ...both((one) => one.perSecond),
    getRatio(pair).toFixed(2),
    ...both((one) => one.p50),
    ...both((one) => one.p99),
    ...both((one) => one.cpuMicroseconds),
    `${ours.bad}/${theirs.bad}`,
    WORKLOADS[workload].target.toFixed(2),
    isOk(workload, pair) ? 'yes' : 'NO',
  ];
}

const toHoldTimes = (workload: Workload, { count, holdTimes }: Measured): WorkloadHoldTimes => ({
  title: WORKLOADS[workload].title,
  requests: workload.startsWith('race') ? count * CALLS_PER_ROUND : count,
  holdTimes,
});

const toFaultLines = (workload: Workload, [ours, theirs]: [Measured, Measured]): string[] => [
  ...ours.faults.map((fault) => `CareSlot, ${workload}: ${fault}`),
  ...theirs.faults.map((fault) => `reference, ${workload}: ${fault}`),
];
