import { sendRequests, toCheckedResult, type CheckedResult } from './http-load.js';
import { runJob } from './load-process.js';

/** One run of the same read over HTTP. */
export interface DayJob {
  url: string;
  seconds: number;
  connections: number;
  token: string;
}

async function run({ url, seconds, connections, token }: DayJob): Promise<CheckedResult> {
  const headers = { authorization: `Bearer ${token}` };
  return toCheckedResult(await sendRequests({ url, connections, duration: seconds, timeout: 30, headers }), 200);
}

runJob(run);
