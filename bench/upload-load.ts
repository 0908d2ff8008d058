import autocannon, { type Options, type Result } from 'autocannon';
import { readFile } from 'node:fs/promises';
import { percentile } from './report.js';

/** The process that sends the forms. */
export interface UploadJob {
  url: string;
  seconds: number;
  connections: number;
  /** The body of the form, ready to be sent. */
  bodyFile: string;
  boundary: string;
  /** One for each connection: each is another patient. */
  tokens: string[];
}

export interface UploadOutcome {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  count: number;
  bad: number;
}

async function run({ url, seconds, connections, bodyFile, boundary, tokens }: UploadJob): Promise<UploadOutcome> {
  const body = await readFile(bodyFile);
  const times: number[] = [];
  let bad = 0;
  let connection = 0;
  const options: Options = {
    url: `${url}/api/v1/scans`,
    connections,
    duration: seconds,
    timeout: 60,
    setupClient: (client) => {
      const token = tokens[connection++ % tokens.length] as string;
      const headers = { authorization: `Bearer ${token}`, 'content-type': `multipart/form-data; boundary=${boundary}` };
      client.setRequests([{ method: 'POST', headers, body }]);
    },
  };
  const { errors, duration } = await new Promise<Result>((resolve, reject) => {
    const instance = autocannon(options, (error: unknown, result) => {
      if (error) reject(error instanceof Error ? error : new Error('autocannon failed'));
      else resolve(result);
    });
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      times.push(milliseconds);
      if (status !== 201) bad += 1;
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

process.once('message', (job: UploadJob) => {
  run(job).then(
    (outcome) => process.send?.(outcome, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
