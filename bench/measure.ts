import type { Job, Outcome } from './load.js';
import { holdTimesBetween, type HoldTime } from './hold-times.js';
import { fire } from './load-process.js';
import { median, say, short } from './report.js';
import type { ServerProcess } from './servers.js';
import type { WorkName } from './works.js';
import type { Bench } from './bench.js';

export const CONNECTIONS = 64;

/** The medians over the runs of one work at one server. */
export interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
  /** CPU time of the server process for one request, microseconds. */
  cpuMicroseconds: number;
  count: number;
  /** Answers with another status than asked for, connection errors and time-outs. */
  bad: number;
  faults: string[];
  /** Of connections to the database; empty if the server has no such metric. */
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

/** Works that take from one supply of slots. */
const supplyOf = (work: WorkName): string => (work === 'race-alternatives' ? 'race' : work);

/** Runs works against servers in turn, so that whatever the machine does falls on all alike. */
export class Measure {
  private readonly next = new Map<string, number>();

  constructor(private readonly bench: Bench) {}

  async interleaved(work: WorkName, servers: ServerProcess[]): Promise<Measured[]> {
    for (const server of servers) await this.run(work, server, this.bench.warmUpSeconds);
    const runs = servers.map((): Run[] => []);
    const before = await metricsOf(servers);
    for (let round = 0; round < this.bench.rounds; round += 1) {
      for (const [n, server] of servers.entries()) {
        const run = await this.run(work, server, this.bench.seconds);
        runs[n]?.push(run);
        say(
          `  ${work} ${server.name}: ${short(run.perSecond)}/s, p50 ${short(run.p50)} ms, ${short(run.cpuMicroseconds)} µs CPU`,
        );
      }
    }
    const after = await metricsOf(servers);
    return runs.map((all, n) => ({
      ...summary(work, all),
      holdTimes: holdTimesBetween(before[n] ?? null, after[n] ?? null),
    }));
  }

  private async run(work: WorkName, server: ServerProcess, seconds: number): Promise<Run> {
    const { secret, today } = this.bench;
    const supply = `${server.name} ${supplyOf(work)}`;
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
    const calls = supplyOf(work) === 'race' ? outcome.count * CALLS_PER_ROUND : outcome.count;
    return { ...outcome, cpuMicroseconds: (used * 1000) / calls };
  }
}

const metricsOf = (servers: ServerProcess[]): Promise<(string | null)[]> =>
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
