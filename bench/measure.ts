import type { Job, Outcome } from './load.js';
import { holdTimesBetween, type HoldTime } from './hold-times.js';
import { fire } from './load-process.js';
import { median, say, short } from './report.js';
import type { ServerProcess } from './servers.js';
import type { WorkName } from './works.js';
import type { Bench } from './bench.js';

export const CONNECTIONS = 64;

/** The medians of all runs of one work at one server. */
export interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
  /** CPU time of the server process per request, in microseconds. */
  cpuMicroseconds: number;
  count: number;
  /** Responses with an unexpected status, connection errors and timeouts. */
  bad: number;
  faults: string[];
  /** How long connections to the database were held; empty if the server has no such metric. */
  holdTimes: HoldTime[];
}

interface Run extends Outcome {
  cpuMicroseconds: number;
}

export const CALLS_PER_ROUND = 50;
const EXPECTED: Partial<Record<WorkName, string[]>> = {
  book: ['201'],
  race: ['201', '409'],
  'race-alternatives': ['201', '409'],
};

/** Returns the supply of slots that a work uses. */
const getSupplyName = (work: WorkName): string => (work === 'race-alternatives' ? 'race' : work);

/** Runs works against the servers in turn, so that other load on the machine affects all servers equally. */
export class Measure {
  private readonly next = new Map<string, number>();

  constructor(private readonly bench: Bench) {}

  async interleaved(work: WorkName, servers: ServerProcess[]): Promise<Measured[]> {
    for (const server of servers) await this.run(work, server, this.bench.warmUpSeconds);
    const runs = servers.map((): Run[] => []);
    const before = await readMetrics(servers);
    for (let round = 0; round < this.bench.rounds; round += 1) {
      for (const [n, server] of servers.entries()) {
        const run = await this.run(work, server, this.bench.seconds);
        runs[n]?.push(run);
        say(
          `  ${work} ${server.name}: ${short(run.perSecond)}/s, p50 ${short(run.p50)} ms, ${short(run.cpuMicroseconds)} µs CPU`,
        );
      }
    }
    const after = await readMetrics(servers);
    return runs.map((all, n) => ({
      ...summary(work, all),
      holdTimes: holdTimesBetween(before[n] ?? null, after[n] ?? null),
    }));
  }

  private async run(work: WorkName, server: ServerProcess, seconds: number): Promise<Run> {
    const { secret, today } = this.bench;
    const supply = `${server.name} ${getSupplyName(work)}`;
    const before = await server.cpu();
    const outcome = await fire<Job, Outcome>('load.js', {
      work,
      url: server.url,
      seconds,
      connections: CONNECTIONS,
      secret,
      today,
      clients: server.clients,
      first: this.next.get(supply) ?? 0,
    });
    const used = (await server.cpu()) - before;
    this.next.set(supply, outcome.next);
    const calls = getSupplyName(work) === 'race' ? outcome.count * CALLS_PER_ROUND : outcome.count;
    return { ...outcome, cpuMicroseconds: (used * 1000) / calls };
  }
}

const readMetrics = (servers: ServerProcess[]): Promise<(string | null)[]> =>
  Promise.all(servers.map((server) => server.metrics()));

function summary(work: WorkName, runs: Run[]): Omit<Measured, 'holdTimes'> {
  const of = (pick: (run: Run) => number): number => median(runs.map(pick));
  const expected = EXPECTED[work] ?? ['200'];
  const bad = runs.reduce((sum, { statuses, errors }) => sum + errors + unexpected(statuses, expected), 0);
  return {
    perSecond: of((run) => run.perSecond),
    p50: of((run) => run.p50),
    p99: of((run) => run.p99),
    cpuMicroseconds: of((run) => run.cpuMicroseconds),
    count: runs.reduce((sum, { count }) => sum + count, 0),
    bad,
    faults: [...new Set(runs.flatMap(({ faults, statuses }) => [...faults, ...wrongStatuses(statuses, expected)]))],
  };
}

const unexpected = (statuses: Record<string, number>, expected: string[]): number =>
  Object.entries(statuses).reduce((sum, [status, count]) => (expected.includes(status) ? sum : sum + count), 0);

const wrongStatuses = (statuses: Record<string, number>, expected: string[]): string[] =>
  Object.keys(statuses)
    .filter((status) => !expected.includes(status))
    .map((status) => `status ${status}`);
