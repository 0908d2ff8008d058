import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findResponseDifferences } from './response-differences.js';
import { holdTable, type WorkHoldTimes } from './hold-times.js';
import { CALLS_PER_ROUND, Measure, type Measured } from './measure.js';
import { say, short, table } from './report.js';
import type { Bench } from './bench.js';
import { STANDARD } from './data-volumes.js';
import { ServerProcess } from './servers.js';
import { WORKS } from './works.js';

/** Resident memory of CareSlot after all works, MiB. */
const MAX_MEMORY_MIB = 220;

type Work = keyof typeof WORKS;

/** Compares CareSlot with the bare reference. @returns the exit code: 1 if a target is missed or a response was wrong */
export async function compare(bench: Bench): Promise<number> {
  const [careslot, reference] = await startBoth(bench);
  const measure = new Measure(bench);
  const results = new Map<Work, [Measured, Measured]>();
  try {
    for (const work of chosen(bench.only)) {
      for (const difference of await findResponseDifferences([careslot, reference], work, bench.secret, bench.today)) {
        say(`  different response: ${difference}`);
      }
      results.set(work, (await measure.interleaved(work, [careslot, reference])) as [Measured, Measured]);
    }
    return await report(bench, results, careslot, reference);
  } finally {
    await careslot.stop();
    await reference.stop();
  }
}

function chosen(only: string[]): Work[] {
  const all = Object.keys(WORKS) as Work[];
  const unknown = only.filter((name) => !(all as string[]).includes(name));
  if (unknown.length > 0) throw new Error(`unknown work: ${unknown.join(', ')}. Choose from ${all.join(', ')}`);
  return all.filter((work) => only.length === 0 || only.includes(work));
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
  'work',
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
  results: Map<Work, [Measured, Measured]>,
  careslot: ServerProcess,
  reference: ServerProcess,
): Promise<number> {
  const rows = [...results].map(([work, pair]) => row(work, pair));
  const memory = [await careslot.memory(), await reference.memory()] as const;
  const isMemoryOk = memory[0].now <= MAX_MEMORY_MIB;
  const text = [
    table(HEADER, rows),
    '',
    'Connections to the database, held by CareSlot:',
    '',
    holdTable([...results].map(([work, [ours]]) => toHoldTimes(work, ours))),
    '',
    `Resident memory after the runs: CareSlot ${short(memory[0].now)} MiB (peak ${short(memory[0].peak)}; ` +
      `target ≤ ${MAX_MEMORY_MIB}: ${isMemoryOk ? 'yes' : 'NO'}), ` +
      `reference ${short(memory[1].now)} MiB (peak ${short(memory[1].peak)}).`,
    ...[...results].flatMap(([work, pair]) => toFaultLines(work, pair)),
  ].join('\n');
  process.stdout.write(`${text}\n`);
  const kept = { at: new Date().toISOString(), results: Object.fromEntries(results), memory };
  await writeFile(join(bench.dataDir, 'last.json'), JSON.stringify(kept, null, 2));
  return isMemoryOk && [...results].every(([work, pair]) => isOk(work, pair)) ? 0 : 1;
}

const getRatio = ([ours, theirs]: [Measured, Measured]): number => ours.perSecond / theirs.perSecond;

const isOk = (work: Work, pair: [Measured, Measured]): boolean =>
  getRatio(pair) >= WORKS[work].target && pair.every(({ bad, faults }) => bad === 0 && faults.length === 0);

function row(work: Work, pair: [Measured, Measured]): string[] {
  const [ours, theirs] = pair;
  const both = (pick: (one: Measured) => number): string[] => [short(pick(ours)), short(pick(theirs))];
  return [
    WORKS[work].title,
    ...both((one) => one.perSecond),
    getRatio(pair).toFixed(2),
    ...both((one) => one.p50),
    ...both((one) => one.p99),
    ...both((one) => one.cpuMicroseconds),
    `${ours.bad}/${theirs.bad}`,
    WORKS[work].target.toFixed(2),
    isOk(work, pair) ? 'yes' : 'NO',
  ];
}

const toHoldTimes = (work: Work, { count, holdTimes }: Measured): WorkHoldTimes => ({
  title: WORKS[work].title,
  requests: work.startsWith('race') ? count * CALLS_PER_ROUND : count,
  holdTimes,
});

const toFaultLines = (work: Work, [ours, theirs]: [Measured, Measured]): string[] => [
  ...ours.faults.map((fault) => `CareSlot, ${work}: ${fault}`),
  ...theirs.faults.map((fault) => `reference, ${work}: ${fault}`),
];
