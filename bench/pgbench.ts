import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.js';
import { BookingLoad, type BookingRun } from './booking-load.js';
import { STATEMENTS, type StatementName } from './booking-statements.js';
import { STANDARD } from './data-volumes.js';
import { runInProcess } from './load-process.js';
import { CONNECTIONS } from './measure.js';
import { median, log, short, table } from './report.js';
import { ServerProcess } from './servers.js';
import type { StatementJob, StatementOutcome } from './statement-load.js';

/** The same number as in the measurements for ADR 9. */
const DRIVER_CONNECTIONS = 16;
/** The minimum share of the bookings per second that the driver reaches with CareSlot's own statement. */
const TARGETS: Partial<Record<StatementName, number>> = { careslot: 0.7 };

/** Compares CareSlot with a bare driver that sends a booking statement to a copy of the same data. @returns the exit code */
export async function pgbench(bench: Bench): Promise<number> {
  const { databases, redisUrl, secret, dataDir } = bench;
  const [ours, bare] = [await databases.copy('careslot', STANDARD), await databases.copy('reference', STANDARD)];
  await databases.settle();
  const logFile = join(dataDir, 'pgbench.log');
  const server = await ServerProcess.careslot({ name: 'CareSlot', databaseUrl: ours, redisUrl, secret, logFile });
  try {
    return await report(bench, await measure(bench, new BookingLoad(bench, server), new Driver(bench, bare)));
  } finally {
    await server.stop();
  }
}

/** Sends every statement in turn; all take from one supply of free slots. */
class Driver {
  private next = 0;

  constructor(
    private readonly bench: Bench,
    private readonly databaseUrl: string,
  ) {}

  async run(statement: StatementName, seconds: number): Promise<StatementOutcome> {
    const outcome = await runInProcess<StatementJob, StatementOutcome>('statement-load.js', {
      statement,
      databaseUrl: this.databaseUrl,
      connections: DRIVER_CONNECTIONS,
      seconds,
      today: this.bench.today,
      first: this.next,
    });
    this.next = outcome.next;
    return outcome;
  }
}

interface Runs {
  careslot: BookingRun[];
  statements: Map<StatementName, StatementOutcome[]>;
}

async function measure({ warmUpSeconds, seconds, rounds }: Bench, load: BookingLoad, driver: Driver): Promise<Runs> {
  const statements = new Map(
    (Object.keys(STATEMENTS) as StatementName[]).map((name) => [name, [] as StatementOutcome[]]),
  );
  const careslot: BookingRun[] = [];
  await load.run(CONNECTIONS, warmUpSeconds);
  for (const name of statements.keys()) await driver.run(name, warmUpSeconds);
  for (let round = 0; round < rounds; round += 1) {
    const run = await load.run(CONNECTIONS, seconds);
    careslot.push(run);
    log(`  CareSlot: ${short(run.perSecond)} bookings/s`);
    for (const [name, runs] of statements) {
      const outcome = await driver.run(name, seconds);
      runs.push(outcome);
      log(`  driver, statement ${name}: ${short(outcome.bookingsPerSecond)} bookings/s`);
    }
  }
  return { careslot, statements };
}

const HEADER = [
  'bookings by',
  'in one call',
  '/s',
  'p50 ms',
  'p99 ms',
  'CPUs of the load',
  'bad',
  'CareSlot ÷ it',
  'target',
  'ok',
];

async function report({ dataDir }: Bench, { careslot, statements }: Runs): Promise<number> {
  const ours = median(careslot, ({ perSecond }) => perSecond);
  const bad = careslot.reduce((sum, run) => sum + run.bad, 0);
  const first = [
    `CareSlot, ${CONNECTIONS} connections`,
    '',
    ...[ours, median(careslot, ({ p50 }) => p50), median(careslot, ({ p99 }) => p99)].map(short),
    short(median(careslot, ({ loadCpuShare }) => loadCpuShare)),
    String(bad),
    ...['', '', bad === 0 ? '' : 'NO'],
  ];
  const rows = [...statements].map(([name, runs]) => {
    const theirs = median(runs, ({ bookingsPerSecond }) => bookingsPerSecond);
    const target = TARGETS[name];
    const wrong = runs.reduce((sum, run) => sum + run.bad, 0);
    return [
      `driver, statement ${name}`,
      String(STATEMENTS[name].batchSize),
      ...[theirs, median(runs, ({ p50 }) => p50), median(runs, ({ p99 }) => p99)].map(short),
      short(median(runs, ({ loadCpuShare }) => loadCpuShare)),
      String(wrong),
      (ours / theirs).toFixed(2),
      target?.toFixed(2) ?? '',
      wrong > 0 || ours / theirs < (target ?? 0) ? 'NO' : target ? 'yes' : '',
    ];
  });
  process.stdout.write(`${table(HEADER, [first, ...rows])}\n`);
  const kept = { careslot, statements: Object.fromEntries(statements) };
  await writeFile(join(dataDir, 'last-pgbench.json'), JSON.stringify(kept, null, 2));
  return [first, ...rows].every((row) => row.at(-1) !== 'NO') ? 0 : 1;
}
