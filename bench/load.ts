import { cannonade, type Answers } from './cannon.js';
import { takeJob } from './load-process.js';
import { paced } from './paced.js';
import { race } from './race.js';
import { Calls, type Call, type WorkName } from './works.js';

/** The process that makes the load: one run, then it ends. */
export interface Job {
  work: WorkName;
  url: string;
  /** Of measuring; the lead-in comes before. */
  seconds: number;
  /** Answers in it are not counted. */
  leadInSeconds?: number;
  connections: number;
  /** Calls per second that arrive at random; as many as there can be where it is left out. */
  rate?: number;
  secret: string;
  today: string;
  /** Clients in the database. */
  clients: number;
  /** The first call of the stream that no run before has made. */
  first: number;
}

export interface Outcome extends Answers {
  /** What was wrong with the answers, in words. */
  faults: string[];
  /** The first call that the next run may make. */
  next: number;
  /** CPU time of this process by the time that passed: near 1 the load is the bottleneck, not the server. */
  loadCpuShare: number;
}

type Measurement = Omit<Outcome, 'loadCpuShare'>;

async function run(job: Job): Promise<Outcome> {
  const started = performance.now();
  const before = process.cpuUsage();
  const measurement = await measure(job);
  const { user, system } = process.cpuUsage(before);
  return { ...measurement, loadCpuShare: (user + system) / 1000 / (performance.now() - started) };
}

async function measure(job: Job): Promise<Measurement> {
  const calls = new Calls(job.secret, job.today, job.clients);
  if (job.work === 'race' || job.work === 'race-alternatives') {
    return race(job, calls.races(job.work === 'race-alternatives'));
  }
  return calling(job, calls);
}

async function calling(job: Job, calls: Calls): Promise<Measurement> {
  const reads = calls.reads(job.work);
  const stream = reads ? null : calls.stream(job.work);
  let next = job.first;
  let connection = 0;
  const faults = (): string[] => (stream && next >= stream.size ? ['the free slots have run out'] : []);
  const take = (): Call => (stream as NonNullable<typeof stream>).at(next++);
  const { url, connections, seconds, rate, leadInSeconds = 0 } = job;
  if (rate) {
    const answers = await paced({ url, connections, seconds, rate, take });
    return { ...answers, faults: [...faults(), ...answers.errorMessages], next };
  }
  const answers = await cannonade(
    {
      url,
      connections,
      duration: leadInSeconds + seconds,
      timeout: 30,
      ...(stream && { requests: [{ setupRequest: (request) => ({ ...request, ...take() }) }] }),
      // Every connection goes its own way through the list, or all would ask for the same at once.
      setupClient: (client) => {
        if (reads) client.setRequests(rotated(reads, connection++ * 7));
      },
    },
    leadInSeconds,
  );
  return { ...answers, faults: [...faults(), ...answers.errorMessages], next };
}

const rotated = <T extends object>(list: T[], by: number): T[] => {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)].map((item) => ({ ...item }));
};

takeJob(run);
