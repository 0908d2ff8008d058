import { sendRequests } from './http-load.js';
import type { LoadJob, LoadOutcome } from './load-job.js';
import { runJob } from './load-process.js';
import { sendAtRate } from './rate-load.js';
import { race } from './race.js';
import { Calls, type Call } from './workloads.js';

type Measurement = Omit<LoadOutcome, 'loadCpuShare'>;

async function run(job: LoadJob): Promise<LoadOutcome> {
  const started = performance.now();
  const before = process.cpuUsage();
  const measurement = await measure(job);
  const { user, system } = process.cpuUsage(before);
  return { ...measurement, loadCpuShare: (user + system) / 1000 / (performance.now() - started) };
}

async function measure(job: LoadJob): Promise<Measurement> {
  const calls = new Calls(job.secret, job.today, job.clients);
  if (job.workload === 'race' || job.workload === 'race-alternatives') {
    return race(job, calls.races(job.workload === 'race-alternatives'));
  }
  return sendCalls(job, calls);
}

async function sendCalls(job: LoadJob, calls: Calls): Promise<Measurement> {
  const reads = calls.reads(job.workload);
  const stream = reads ? null : calls.stream(job.workload);
  let next = job.first;
  let connection = 0;
  const nextCall = (): Call => (stream as NonNullable<typeof stream>).at(next++);
  const { url, connections, seconds, rate, leadInSeconds = 0 } = job;
  if (rate) {
    const answers = await sendAtRate({ url, connections, seconds, rate, nextCall });
    return { ...answers, faults: answers.errorMessages, next };
  }
  const answers = await sendRequests(
    {
      url,
      connections,
      duration: leadInSeconds + seconds,
      timeout: 30,
      ...(stream && { requests: [{ setupRequest: (request) => ({ ...request, ...nextCall() }) }] }),
      // Every connection starts at another place in the list, so that they do not all request the same at the same time.
      setupClient: (client) => {
        if (reads) client.setRequests(rotated(reads, connection++ * 7));
      },
    },
    leadInSeconds,
  );
  return { ...answers, faults: answers.errorMessages, next };
}

const rotated = <T extends object>(list: T[], by: number): T[] => {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)].map((item) => ({ ...item }));
};

runJob(run);
