import autocannon, { type Options, type Result } from 'autocannon';
import { race } from './race.js';
import { percentile } from './report.js';
import { Calls, type Call, type WorkName } from './works.js';

/**
 * The process that makes the load: one run, then it ends. A client in the process of the bench, or of a server, would
 * measure itself.
 */
export interface Job {
  work: WorkName;
  url: string;
  seconds: number;
  connections: number;
  /** Calls per second, of all connections together; as many as there can be where it is left out. */
  rate?: number;
  secret: string;
  today: string;
  /** The first call of the stream that no run before has made. */
  first: number;
}

export interface Outcome {
  perSecond: number;
  count: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  statuses: Record<string, number>;
  /** Connection errors and time-outs. */
  errors: number;
  /** What was wrong with the answers, in words. */
  faults: string[];
  /** The first call that the next run may make. */
  next: number;
}

async function run(job: Job): Promise<Outcome> {
  const calls = new Calls(job.secret, job.today);
  if (job.work === 'race' || job.work === 'race-alternatives') {
    return race(job, calls.races(job.work === 'race-alternatives'));
  }
  return cannonade(job, calls);
}

async function cannonade(job: Job, calls: Calls): Promise<Outcome> {
  const reads = calls.reads(job.work);
  const stream = reads ? null : calls.stream(job.work);
  let next = job.first;
  let connection = 0;
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const take = (): Call => (stream as NonNullable<typeof stream>).at(next++);

  const options: Options = {
    url: job.url,
    connections: job.connections,
    duration: job.seconds,
    timeout: 30,
    ...(job.rate && { overallRate: job.rate }),
    ...(stream && { requests: [{ setupRequest: (request) => ({ ...request, ...take() }) }] }),
    // Every connection goes its own way through the list, or all would ask for the same at once.
    setupClient: (client) => {
      if (reads) client.setRequests(rotated(reads, connection++ * 7));
    },
  };
  const { errors, timeouts, duration } = await shoot(options, (status, milliseconds) => {
    times.push(milliseconds);
    statuses[status] = (statuses[status] ?? 0) + 1;
  });
  const sorted = Float64Array.from(times).sort();
  return {
    perSecond: times.length / duration,
    count: times.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    statuses,
    errors: errors + timeouts,
    faults: stream && next >= stream.size ? ['the free slots have run out'] : [],
    next,
  };
}

/** autocannon's own histogram counts whole milliseconds, so every time is taken down here. */
const shoot = (options: Options, onAnswer: (status: number, milliseconds: number) => void): Promise<Result> =>
  new Promise((resolve, reject) => {
    const instance = autocannon(options, (error: unknown, result) => {
      if (error) reject(error instanceof Error ? error : new Error('autocannon failed'));
      else resolve(result);
    });
    instance.on('response', (_client, status, _bytes, milliseconds) => onAnswer(status, milliseconds));
  });

const rotated = <T extends object>(list: T[], by: number): T[] => {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)].map((item) => ({ ...item }));
};

process.once('message', (job: Job) => {
  run(job).then(
    (outcome) => process.send?.(outcome, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
