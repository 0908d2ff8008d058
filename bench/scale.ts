import { join } from 'node:path';
import { Measure, type Measured } from './measure.js';
import { short, table } from './report.js';
import type { Bench } from './bench.js';
import type { Filling } from './seed-appointments.js';
import { ServerProcess } from './servers.js';
import { SCALE_WORKS } from './works.js';

/** The weeks that are asked for are as full in both; what grows is the past. */
const COMING = { comingPerDay: 2, comingDays: 11 };
const SMALL: Filling = { appointments: 10_000, ...COMING };
const LARGE: Filling = { appointments: 1_000_000, ...COMING };
const TARGET = 0.9;

type Work = keyof typeof SCALE_WORKS;

/** CareSlot against itself with a hundred times the appointments. @returns the exit code */
export async function scale(bench: Bench): Promise<number> {
  const small = await start(bench, 'small', SMALL);
  const large = await start(bench, 'large', LARGE);
  try {
    await bench.databases.settle();
    const measure = new Measure(bench);
    const rows: string[][] = [];
    let isOk = true;
    for (const work of chosen(bench.only)) {
      const pair = (await measure.interleaved(work, [small, large])) as [Measured, Measured];
      rows.push(row(work, pair));
      isOk &&= ratioOf(pair) >= TARGET && pair.every(({ bad }) => bad === 0);
    }
    process.stdout.write(`${table(HEADER, rows)}\n`);
    return isOk ? 0 : 1;
  } finally {
    await small.stop();
    await large.stop();
  }
}

async function start(bench: Bench, name: string, filling: Filling): Promise<ServerProcess> {
  const { databases, redisUrl, secret, dataDir } = bench;
  const databaseUrl = await databases.copy(name, filling);
  return ServerProcess.careslot({ name, databaseUrl, redisUrl, secret, logFile: join(dataDir, `${name}.log`) });
}

const chosen = (only: string[]): Work[] =>
  (Object.keys(SCALE_WORKS) as Work[]).filter((work) => only.length === 0 || only.includes(work));

const HEADER = [
  'work',
  'at 10,000/s',
  'at 1,000,000/s',
  'ratio',
  'p50 ms',
  'at 1M',
  'p99 ms',
  'at 1M',
  'bad',
  'target',
  'ok',
];

const ratioOf = ([small, large]: [Measured, Measured]): number => large.perSecond / small.perSecond;

function row(work: Work, pair: [Measured, Measured]): string[] {
  const [small, large] = pair;
  const both = (pick: (one: Measured) => number): string[] => [short(pick(small)), short(pick(large))];
  return [
    SCALE_WORKS[work],
    ...both((one) => one.perSecond),
    ratioOf(pair).toFixed(2),
    ...both((one) => one.p50),
    ...both((one) => one.p99),
    `${small.bad}/${large.bad}`,
    TARGET.toFixed(2),
    ratioOf(pair) >= TARGET && small.bad + large.bad === 0 ? 'yes' : 'NO',
  ];
}
