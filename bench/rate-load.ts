import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { RandomNumbers } from '../tools/random-numbers.js';
import { summarize, type LoadResult } from './http-load.js';
import type { Call } from './workloads.js';

interface RateLoad {
  url: string;
  connections: number;
  seconds: number;
  /** Calls per second. */
  rate: number;
  nextCall: () => Call;
}

/**
 * Sends calls at random times, like independent people: a Poisson process, the same in each run. A call is sent when it is due,
 * even if earlier calls have no response yet. (autocannon's `rate` sends all calls of a second at its beginning.)
 */
export async function sendAtRate({ url, connections, seconds, rate, nextCall }: RateLoad): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const errorMessages = new Set<string>();
  let errors = 0;
  const pending: Promise<void>[] = [];
  const began = performance.now();
  const random = new RandomNumbers(1);
  for (let due = 0; ;) {
    due += (-Math.log(1 - random.next()) * 1_000) / rate;
    if (due > seconds * 1_000) break;
    const early = began + due - performance.now();
    if (early > 0) await sleep(early);
    const at = began + due;
    const answered = call(agent, url, nextCall()).then(
      (status) => {
        times.push(performance.now() - at);
        statuses[status] = (statuses[status] ?? 0) + 1;
      },
      (error: Error) => {
        errors += 1;
        errorMessages.add(error.message);
      },
    );
    pending.push(answered);
  }
  await Promise.all(pending);
  agent.destroy();
  return summarize(times, seconds, { statuses, errors, errorMessages: [...errorMessages] });
}

const call = (agent: Agent, url: string, { method, path, headers, body }: Call): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(url + path, { method, agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject).end(body);
  });
