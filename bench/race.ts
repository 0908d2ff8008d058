import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { LoadJob, LoadOutcome } from './load-job.js';
import { median, percentile } from './report.js';
import { CALLS_PER_ROUND, type Call } from './workloads.js';

interface Answer {
  status: number;
  code: string | undefined;
}

/** Fifty clients book one slot at the same time, in each round: exactly one may succeed, and the others must get 409. */
export async function race(
  job: LoadJob,
  rounds: { size: number; at: (round: number) => Call[] },
): Promise<Omit<LoadOutcome, 'loadCpuShare'>> {
  const agent = new Agent({ keepAlive: true, maxSockets: CALLS_PER_ROUND });
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const faults = new Set<string>();
  let errors = 0;
  let round = job.first;
  const start = performance.now();
  const end = start + job.seconds * 1000;
  for (; performance.now() < end; round += 1) {
    if (round >= rounds.size) {
      faults.add('the free slots have run out');
      break;
    }
    const begun = performance.now();
    const settled = await Promise.allSettled(rounds.at(round).map((call) => send(agent, job.url, call)));
    times.push(performance.now() - begun);
    const answers = settled.filter((one) => one.status === 'fulfilled').map((one) => one.value);
    errors += settled.length - answers.length;
    for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
    judge(answers, faults);
  }
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  const sorted = [...times].sort((a, b) => a - b);
  return {
    perSecond: times.length / seconds,
    count: times.length,
    p50: median(times),
    p99: percentile(sorted, 0.99),
    statuses,
    errors,
    errorMessages: [],
    faults: [...faults],
    next: round,
  };
}

function judge(answers: Answer[], faults: Set<string>): void {
  const winners = answers.filter(({ status }) => status === 201).length;
  if (winners !== 1) faults.add(`${winners} of ${CALLS_PER_ROUND} clients got the slot`);
  for (const { status, code } of answers) {
    if (status !== 201 && (status !== 409 || code !== 'APPOINTMENT_CONFLICT'))
      faults.add(`a losing client got ${status} ${code}`);
  }
}

function send(agent: Agent, url: string, { method, path, headers, body = '' }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url + path,
      { method, agent, headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(parts).toString()) as { error?: { code?: string } };
          resolve({ status: response.statusCode ?? 0, code: answer.error?.code });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
