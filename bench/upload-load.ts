import { readFile } from 'node:fs/promises';
import { sendRequests, toCheckedResult, type CheckedResult } from './http-load.js';
import { runJob } from './load-process.js';

/** One run of uploads. */
export interface UploadJob {
  url: string;
  seconds: number;
  connections: number;
  /** The file with the body of the form. */
  bodyFile: string;
  boundary: string;
  /** One token for each connection, each of another patient. */
  tokens: string[];
}

async function run({ url, seconds, connections, bodyFile, boundary, tokens }: UploadJob): Promise<CheckedResult> {
  const body = await readFile(bodyFile);
  let connection = 0;
  const answers = await sendRequests({
    url: `${url}/api/v1/scans`,
    connections,
    duration: seconds,
    timeout: 60,
    setupClient: (client) => {
      const token = tokens[connection++ % tokens.length] as string;
      const headers = { authorization: `Bearer ${token}`, 'content-type': `multipart/form-data; boundary=${boundary}` };
      client.setRequests([{ method: 'POST', headers, body }]);
    },
  });
  return toCheckedResult(answers, 201);
}

runJob(run);
