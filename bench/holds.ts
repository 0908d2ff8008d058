import { join } from 'node:path';
import pg from 'pg';
import type { Bench } from './bench.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import type { HeldSlot, HoldJob, HoldOutcome } from './hold-load.js';
import { runInProcess } from './load-process.js';
import { CONNECTIONS } from './measure.js';
import { log, median, short, table } from './report.js';
import { ServerProcess } from './servers.js';

/** The minimum of holds per second as a share of bookings per second. */
const TARGET = 0.8;
/** A patient can have three holds at once, and a run makes many. */
const CLIENTS = 20_000;
const TITLES = { book: 'book a time', hold: 'hold a time', convert: 'book a held time' } as const;

type Kind = HoldJob['kind'];

interface Run extends HoldOutcome {
  cpuMicroseconds: number;
  bad: number;
}

/**
 * Compares holds with bookings of other free times, and books all times that were held.
 * @returns the exit code: 1 if the target is missed, a response was wrong, or the database does not have what was answered
 */
export async function holds(bench: Bench): Promise<number> {
  const { databases, redisUrl, secret, dataDir } = bench;
  const databaseUrl = await databases.copy('careslot', { ...FEW_APPOINTMENTS, clients: CLIENTS });
  await databases.settle();
  const server = await ServerProcess.careslot({
    ...{ name: 'CareSlot', databaseUrl, redisUrl, secret, clients: CLIENTS },
    logFile: join(dataDir, 'careslot.log'),
    profileDir: bench.profile ? join(dataDir, 'profile') : undefined,
  });
  const db = new pg.Client({ connectionString: databaseUrl });
  try {
    await db.connect();
    return report(await measure(bench, new HoldLoad(bench, server, db)));
  } finally {
    await db.end();
    await server.stop();
  }
}

async function measure(bench: Bench, load: HoldLoad): Promise<HoldLoad> {
  await load.round(bench.warmUpSeconds, ['book', 'hold']);
  for (const runs of load.runs.values()) runs.splice(0);
  // Changes places, so that neither always runs first.
  for (let round = 0; round < bench.rounds; round += 1) {
    await load.round(bench.seconds, round % 2 === 0 ? ['book', 'hold'] : ['hold', 'book']);
  }
  await load.checkOverlaps();
  return load;
}

/** Books and holds at one server. Every run uses other slots. */
class HoldLoad {
  readonly runs = new Map<Kind, Run[]>([
    ['book', []],
    ['hold', []],
    ['convert', []],
  ]);
  readonly faults: string[] = [];
  private next = 0;

  constructor(
    private readonly bench: Bench,
    private readonly server: ServerProcess,
    private readonly db: pg.Client,
  ) {}

  /** Books and holds for some seconds each, then books what is held. */
  async round(seconds: number, order: ('book' | 'hold')[]): Promise<void> {
    let held: HeldSlot[] = [];
    for (const kind of order) {
      const { answered } = await this.run(kind, seconds);
      if (kind === 'hold') held = answered;
      await this.requireAll(kind === 'hold' ? HELD : BOOKED, answered);
    }
    if (held.length === 0) return void this.faults.push('nothing was held');
    const { answered } = await this.run('convert', seconds, held);
    if (answered.length !== held.length) this.faults.push(`${held.length - answered.length} holds were not booked`);
    await this.requireAll(BOOKED, held);
  }

  private async run(kind: Kind, seconds: number, held: HeldSlot[] = []): Promise<Run> {
    const { secret, today } = this.bench;
    const { url, clients } = this.server;
    const before = await this.server.cpu();
    const job: HoldJob = {
      ...{ kind, url, seconds, connections: CONNECTIONS, secret, today, clients, first: this.next, held },
    };
    const outcome = await runInProcess<HoldJob, HoldOutcome>('hold-load.js', job);
    this.next = outcome.next;
    await this.server.untilIdle();
    const run = {
      ...outcome,
      cpuMicroseconds: (((await this.server.cpu()) - before) * 1000) / outcome.count,
      bad: outcome.count - (outcome.statuses['201'] ?? 0) + outcome.errors,
    };
    this.runs.get(kind)?.push(run);
    this.faults.push(...outcome.errorMessages);
    if (outcome.count === 0) this.faults.push(`no response: ${TITLES[kind]}`);
    log(`  ${TITLES[kind]}: ${short(run.perSecond)}/s, p50 ${short(run.p50)} ms, ${short(run.cpuMicroseconds)} µs CPU`);
    return run;
  }

  async checkOverlaps(): Promise<void> {
    const { rows } = await this.db.query<{ count: number }>(OVERLAPS);
    if (rows[0]?.count !== 0) this.faults.push(`${rows[0]?.count} reservations overlap others`);
  }

  /** Checks that the database has what was answered, with the reservations of doctor and patient. */
  private async requireAll(sql: string, answered: HeldSlot[]): Promise<void> {
    const { rows } = await this.db.query<{ count: number }>(sql, [answered.map(([, id]) => id)]);
    const missing = answered.length - (rows[0]?.count ?? 0);
    if (missing > 0)
      this.faults.push(`${missing} of ${answered.length} answered holds or bookings are not in the database`);
  }
}

const isReservedTwice = (expiry: string): string => `(SELECT count(*) FROM reservation r
  WHERE r.appointment_id = x.id AND r.active AND r.during = tstzrange(x.start_at, x.end_at) AND ${expiry}) = 2`;
const HELD = `
  SELECT count(*)::int AS count FROM hold x
  WHERE x.id = ANY ($1::uuid[]) AND ${isReservedTwice('r.expires_at = x.expires_at')}`;
const BOOKED = `
  SELECT count(*)::int AS count FROM appointment x
  WHERE x.id = ANY ($1::uuid[]) AND ${isReservedTwice('r.expires_at IS NULL')}
    AND NOT EXISTS (SELECT FROM hold h WHERE h.id = x.id)`;

const OVERLAPS = `
  SELECT count(*)::int AS count FROM (
    SELECT lower(during) < max(upper(during)) OVER (
      PARTITION BY resource_id ORDER BY during ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS is_taken
    FROM reservation WHERE active) r
  WHERE is_taken`;

function report({ runs, faults }: HoldLoad): number {
  const booked = median(runs.get('book') ?? [], (run) => run.perSecond);
  const rows = [...runs].map(([kind, all]) => [
    TITLES[kind],
    ...(['perSecond', 'p50', 'p99', 'cpuMicroseconds'] as const).map((name) => short(median(all, (run) => run[name]))),
    String(all.reduce((sum, { bad }) => sum + bad, 0)),
    kind === 'book' ? '' : (median(all, (run) => run.perSecond) / booked).toFixed(2),
  ]);
  const ratio = median(runs.get('hold') ?? [], (run) => run.perSecond) / booked;
  const isRight = faults.length === 0 && [...runs.values()].flat().every(({ bad }) => bad === 0);
  const isOk = ratio >= TARGET && isRight;
  const header = ['request', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs', 'bad', '÷ bookings'];
  const figure = `Holds/s ÷ bookings/s: ${ratio.toFixed(2)} (target ≥ ${TARGET}: ${isOk ? 'yes' : 'NO'})`;
  process.stdout.write(`\n${[table(header, rows), '', figure, ...new Set(faults)].join('\n')}\n`);
  return isOk ? 0 : 1;
}
