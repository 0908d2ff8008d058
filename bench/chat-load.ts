import autocannon, { type Options, type Result } from 'autocannon';
import { percentile } from './report.js';

/** The process that asks: whole answers, streamed, from the first byte sent to the last one read. */
export interface ChatJob {
  url: string;
  seconds: number;
  connections: number;
  message: string;
  tokens: string[];
}

export interface ChatOutcome {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  count: number;
  bad: number;
}

async function run({ url, seconds, connections, message, tokens }: ChatJob): Promise<ChatOutcome> {
  const body = JSON.stringify({ message });
  const times: number[] = [];
  let bad = 0;
  let next = 0;
  // Another patient each time: one alone soon meets its limit.
  const setupRequest = (request: object): object => {
    const authorization = `Bearer ${tokens[next++ % tokens.length]}`;
    return { ...request, headers: { authorization, accept: 'text/event-stream', 'content-type': 'application/json' } };
  };
  const options: Options = {
    url: `${url}/api/v1/ai/chat`,
    connections,
    duration: seconds,
    timeout: 60,
    requests: [{ method: 'POST', body, setupRequest }],
  };
  const { errors, duration } = await new Promise<Result>((resolve, reject) => {
    const instance = autocannon(options, (error: unknown, result) => {
      if (error) reject(error instanceof Error ? error : new Error('autocannon failed'));
      else resolve(result);
    });
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      times.push(milliseconds);
      if (status !== 200) bad += 1;
    });
  });
  const sorted = Float64Array.from(times).sort();
  return {
    perSecond: times.length / duration,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    count: times.length,
    bad: bad + errors,
  };
}

process.once('message', (job: ChatJob) => {
  run(job).then(
    (outcome) => process.send?.(outcome, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
