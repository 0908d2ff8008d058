import { join } from 'node:path';
import { signAdminToken } from './admin-token.js';
import type { Bench } from './bench.js';
import { SIZES, type DataVolume } from './data-volumes.js';
import { getId } from './dataset.js';
import { log, median, short, table } from './report.js';
import { ServerProcess } from './servers.js';

const QUICK_ROWS = 200_000;
/** The median time from the start of the request to the first byte of the body. */
const MAX_FIRST_BYTE_MILLISECONDS = 200;
/** How much more memory the server may need for all clinics than for one, which has a fifth of the rows. */
const MAX_GROWTH_MIB = 64;
const SAMPLE_MILLISECONDS = 200;
/** Requests of which only the first byte is awaited. */
const FIRST_BYTES = 7;

interface Download {
  format: string;
  rows: number;
  firstByteMilliseconds: number;
  seconds: number;
  mebibytes: number;
  /** The most memory of the server that was seen during the download, in MiB. */
  memory: number;
}

/**
 * Downloads all appointments as csv and as xlsx, and prints the time to the first byte and the memory of the server.
 * @returns the exit code: 1 if a target is missed or rows are missing
 */
export async function exports(bench: Bench): Promise<number> {
  const { databases, redisUrl, secret, dataDir, quick } = bench;
  const volume: DataVolume = { ...SIZES.large, ...(quick && { appointments: QUICK_ROWS, clients: QUICK_ROWS / 20 }) };
  const databaseUrl = await databases.copy('careslot', volume);
  await databases.settle();
  const logFile = join(dataDir, 'careslot.log');
  const server = await ServerProcess.careslot({ name: 'CareSlot', databaseUrl, redisUrl, secret, logFile });
  try {
    const oneClinic = `&clinicId=${getId('clinic', 0)}`;
    const results: Download[] = [];
    for (const format of ['csv', 'xlsx']) {
      // The first download compiles the code and fills caches. Each has another account, because exports are limited per person.
      await download(server, signAdminToken(secret, 0), format, oneClinic);
      results.push(await download(server, signAdminToken(secret, 1), format, oneClinic));
      results.push(await download(server, signAdminToken(secret, 2), format, ''));
    }
    return report(results, volume.appointments);
  } finally {
    await server.stop();
  }
}

async function download(server: ServerProcess, token: string, format: string, filter: string): Promise<Download> {
  const url = `${server.url}/api/v1/exports/appointments?format=${format}${filter}`;
  const firstBytes: number[] = [];
  for (let n = 0; n < FIRST_BYTES; n += 1) firstBytes.push(await awaitFirstByte(url, token));
  await server.untilIdle();
  const started = performance.now();
  const body = await request(url, token);
  let memory = (await server.memory()).now;
  const timer = setInterval(
    () => void server.memory().then(({ now }) => (memory = Math.max(memory, now))),
    SAMPLE_MILLISECONDS,
  );
  const counter = new LineCounter();
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (format === 'csv') counter.add(chunk);
  }
  clearInterval(timer);
  const seconds = (performance.now() - started) / 1000;
  const rows = format === 'csv' ? counter.lines - 1 : NaN;
  log(`  ${format}${filter && ' of one clinic'}: ${short(seconds)} s, ${short(memory)} MiB`);
  return { format, rows, firstByteMilliseconds: median(firstBytes), seconds, mebibytes: bytes / 2 ** 20, memory };
}

async function request(url: string, token: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal });
  if (!response.ok || !response.body) throw new Error(`the export returned ${response.status}`);
  return response.body;
}

/** Disconnects after the first byte. @returns milliseconds */
async function awaitFirstByte(url: string, token: string): Promise<number> {
  const cancel = new AbortController();
  const started = performance.now();
  const body = await request(url, token, cancel.signal);
  await body[Symbol.asyncIterator]().next();
  const milliseconds = performance.now() - started;
  cancel.abort();
  return milliseconds;
}

/** Counts the ends of CSV rows: no text of the bench has a line break. */
class LineCounter {
  lines = 0;

  add(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) this.lines += 1;
  }
}

function report(results: Download[], expected: number): number {
  const header = ['export', 'rows', 'first byte, ms', 'seconds', 'MiB', 'server memory, MiB'];
  const rows = results.map(({ format, ...one }) => [
    format,
    ...[one.rows, one.firstByteMilliseconds, one.seconds, one.mebibytes, one.memory].map(short),
  ]);
  process.stdout.write(`\n${table(header, rows)}\n`);
  const problems = results.flatMap((whole, index) => {
    const before = results[index - 1];
    if (index % 2 === 0 || !before) return [];
    return [
      ...(whole.format === 'csv' && whole.rows !== expected ? [`${whole.rows} rows instead of ${expected}`] : []),
      ...(whole.firstByteMilliseconds > MAX_FIRST_BYTE_MILLISECONDS
        ? [`${whole.format}: the first byte was late`]
        : []),
      ...(whole.memory - before.memory > MAX_GROWTH_MIB ? [`${whole.format}: memory grew with the list`] : []),
    ];
  });
  for (const problem of problems) log(`  missed: ${problem}`);
  return problems.length > 0 ? 1 : 0;
}
