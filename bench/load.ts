import { cannonade, type Answers } from './cannon.js';
import { runJob } from './load-process.js';
import { paced } from './paced.js';
import { race } from './race.js';
import { Calls, type Call, type WorkName } from './works.js';

/** The load process: makes one run, then exits. */
export interface Job {
  work: WorkName;
  url: string;
  /** Seconds of the measurement, after the lead-in. */
  seconds: number;
  /** Seconds at the beginning whose responses are not counted. */
  leadInSeconds?: number;
  connections: number;
  /** Calls per second, at random times. Default: as many as possible. */
  rate?: number;
  secret: string;
  today: string;
  /** Clients in the database. */
  clients: number;
  /** The first call that no earlier run has made. */
  first: number;
}

export interface Outcome extends Answers {
  /** Descriptions of wrong responses. */
  faults: string[];
  /** The first call for the next run. */
  next: number;
  /** CPU time of this process divided by the elapsed time. Near 1, the load process is the bottleneck, not the server. */
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
      // Every connection starts at another place in the list; otherwise all would request the same at once.
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

runJob(run);
