import type { LoadJob, LoadOutcome } from './load-job.js';
import { holdTimesBetween, type HoldTime } from './hold-times.js';
import { runInProcess } from './load-process.js';
import { median, log, short } from './report.js';
import type { ServerProcess } from './servers.js';
import { CALLS_PER_ROUND, type WorkloadName } from './workloads.js';
import { interleave, type Bench } from './bench.js';

export const CONNECTIONS = 64;

/** The medians of all runs of one workload at one server. */
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

interface Run extends LoadOutcome {
  cpuMicroseconds: number;
}

const EXPECTED: Partial<Record<WorkloadName, string[]>> = {
  book: ['201'],
  race: ['201', '409'],
  'race-alternatives': ['201', '409'],
};

/** Returns the supply of slots that a workload uses. */
const getSupplyName = (workload: WorkloadName): string => (workload === 'race-alternatives' ? 'race' : workload);

/** Measures workloads at several servers, interleaved. Each run takes slots that no earlier run has booked. */
export class Measure {
  private readonly next = new Map<string, number>();

  constructor(private readonly bench: Bench) {}

  async interleaved(workload: WorkloadName, servers: ServerProcess[]): Promise<Measured[]> {
    for (const server of servers) await this.run(workload, server, this.bench.warmUpSeconds);
    const before = await readMetrics(servers);
    const runs = await interleave(this.bench, servers, async (server, seconds) => {
      const run = await this.run(workload, server, seconds);
      const { perSecond, p50, cpuMicroseconds } = run;
      log(
        `  ${workload} ${server.name}: ${short(perSecond)}/s, p50 ${short(p50)} ms, ${short(cpuMicroseconds)} µs CPU`,
      );
      return run;
    });
    const after = await readMetrics(servers);
    return runs.map((all, n) => ({
      ...summary(workload, all),
      holdTimes: holdTimesBetween(before[n] ?? null, after[n] ?? null),
    }));
  }

  private async run(workload: WorkloadName, server: ServerProcess, seconds: number): Promise<Run> {
    const { secret, today } = this.bench;
    const supply = `${server.name} ${getSupplyName(workload)}`;
    const before = await server.cpu();
    const outcome = await runInProcess<LoadJob, LoadOutcome>('load.js', {
      workload,
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
    const calls = getSupplyName(workload) === 'race' ? outcome.count * CALLS_PER_ROUND : outcome.count;
    return { ...outcome, cpuMicroseconds: (used * 1000) / calls };
  }
}

const readMetrics = (servers: ServerProcess[]): Promise<(string | null)[]> =>
  Promise.all(servers.map((server) => server.metrics()));

function summary(workload: WorkloadName, runs: Run[]): Omit<Measured, 'holdTimes'> {
  const expected = EXPECTED[workload] ?? ['200'];
  const bad = runs.reduce((sum, { statuses, errors }) => sum + errors + unexpected(statuses, expected), 0);
  return {
    perSecond: median(runs, (run) => run.perSecond),
    p50: median(runs, (run) => run.p50),
    p99: median(runs, (run) => run.p99),
    cpuMicroseconds: median(runs, (run) => run.cpuMicroseconds),
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
