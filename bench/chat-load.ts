import { sendRequests, toCheckedResult, type CheckedResult } from './http-load.js';
import { runJob } from './load-process.js';

/** One run of streamed chat answers, timed from the first byte sent to the last byte read. */
export interface ChatJob {
  url: string;
  seconds: number;
  connections: number;
  message: string;
  tokens: string[];
}

async function run({ url, seconds, connections, message, tokens }: ChatJob): Promise<CheckedResult> {
  const body = JSON.stringify({ message });
  let next = 0;
  // Another patient for each request, because one patient would soon reach the limit.
  const setupRequest = (request: object): object => {
    const authorization = `Bearer ${tokens[next++ % tokens.length]}`;
    return { ...request, headers: { authorization, accept: 'text/event-stream', 'content-type': 'application/json' } };
  };
  const answers = await sendRequests({
    url: `${url}/api/v1/ai/chat`,
    connections,
    duration: seconds,
    timeout: 60,
    requests: [{ method: 'POST', body, setupRequest }],
  });
  return toCheckedResult(answers, 200);
}

runJob(run);
