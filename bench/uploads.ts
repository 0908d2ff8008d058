import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { CheckedResult } from './http-load.js';
import { runInProcess } from './load-process.js';
import { median, log, short, table } from './report.js';
import { interleave, type Bench } from './bench.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import { ServerProcess, type StartOptions } from './servers.js';
import type { UploadJob } from './upload-load.js';
import { Calls } from './workloads.js';

const CONNECTIONS = 16;
const BOUNDARY = 'careslot-bench-boundary';
/** The minimum share of the requests per second of a server that does the same work with the image. */
const TARGET = 0.7;

interface Measured extends CheckedResult {
  cpuMilliseconds: number;
  peakMiB: number;
}

type Servers = [careslot: ServerProcess, busboy: ServerProcess, busboyAndSharp: ServerProcess];
type Results = [careslot: Measured, busboy: Measured, busboyAndSharp: Measured];

/**
 * Compares CareSlot with Express and busboy, and with these and the same calls of sharp, for images of 1 MB.
 * @returns the exit code: 1 if the target is missed or a response was wrong
 */
export async function uploads(bench: Bench): Promise<number> {
  const folder = join(bench.dataDir, 'uploads');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const servers = await start(bench, folder);
  const tokens = new Calls(bench.secret, bench.today).patientTokens(CONNECTIONS);
  const rows: string[][] = [];
  let isOk = true;
  try {
    for (const [name, picture] of await pictures()) {
      const bodyFile = join(folder, `${name}.form`);
      await writeFile(bodyFile, toForm(name, picture));
      const results = await interleaved(bench, servers, bodyFile, tokens);
      const [careslot, , busboyAndSharp] = results;
      const isFast = careslot.perSecond / busboyAndSharp.perSecond >= TARGET;
      isOk &&= isFast && results.every(({ bad }) => bad === 0);
      rows.push(...results.map((result, n) => toRow(name, servers[n]?.name ?? '', result, careslot)));
    }
  } finally {
    for (const server of servers) await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const header = [
    '1 MB image',
    'server',
    'uploads/s',
    'p50 ms',
    'p99 ms',
    'CPU ms',
    'peak RSS MiB',
    'bad',
    'CareSlot ÷ it',
  ];
  process.stdout.write(`\n${table(header, rows)}\n`);
  return isOk ? 0 : 1;
}

const toRow = (picture: string, server: string, result: Measured, careslot: Measured): string[] => [
  picture,
  server,
  short(result.perSecond),
  short(result.p50),
  short(result.p99),
  short(result.cpuMilliseconds),
  short(result.peakMiB),
  String(result.bad),
  result === careslot ? '' : (careslot.perSecond / result.perSecond).toFixed(2),
];

async function start({ databases, redisUrl, secret, dataDir }: Bench, folder: string): Promise<Servers> {
  // The number of appointments makes no difference here.
  const databaseUrl = await databases.copy('careslot', FEW_APPOINTMENTS);
  const options = (name: string, env: Record<string, string>): StartOptions => ({
    name,
    databaseUrl,
    redisUrl,
    secret,
    logFile: join(dataDir, `${name.replaceAll(' ', '-')}.log`),
    env: {
      STORAGE_DIR: join(folder, name),
      SCAN_CLIENT_MAX_COUNT: '1000000',
      SCAN_CLIENT_MAX_BYTES: String(2 ** 50),
      ...env,
    },
  });
  return [
    await ServerProcess.careslot(options('careslot', {})),
    await ServerProcess.bareUploads(options('busboy', {})),
    await ServerProcess.bareUploads(options('busboy and sharp', { REFERENCE_PICTURES: 'true' })),
  ];
}

async function interleaved(bench: Bench, servers: Servers, bodyFile: string, tokens: string[]): Promise<Results> {
  const job = (server: ServerProcess, seconds: number): UploadJob => ({
    url: server.url,
    seconds,
    connections: CONNECTIONS,
    bodyFile,
    boundary: BOUNDARY,
    tokens,
  });
  for (const server of servers) await send(job(server, bench.warmUpSeconds));
  const runs = await interleave(bench, servers, async (server, seconds): Promise<Measured> => {
    const before = await server.cpu();
    const result = await send(job(server, seconds));
    const cpuMilliseconds = ((await server.cpu()) - before) / result.count;
    const { peak } = await server.memory();
    log(`  upload ${server.name}: ${short(result.perSecond)}/s, ${short(cpuMilliseconds)} ms CPU, ${short(peak)} MiB`);
    return { ...result, cpuMilliseconds, peakMiB: peak };
  });
  return runs.map(summary) as Results;
}

function summary(runs: Measured[]): Measured {
  return {
    perSecond: median(runs, (run) => run.perSecond),
    p50: median(runs, (run) => run.p50),
    p99: median(runs, (run) => run.p99),
    count: median(runs, (run) => run.count),
    bad: runs.reduce((sum, { bad }) => sum + bad, 0),
    cpuMilliseconds: median(runs, (run) => run.cpuMilliseconds),
    peakMiB: Math.max(...runs.map(({ peakMiB }) => peakMiB)),
  };
}

const send = (job: UploadJob): Promise<CheckedResult> => runInProcess('upload-load.js', job);

/** About 1 MB each: a photo of 3 megapixels, and a small lossless image. */
async function pictures(): Promise<[string, Buffer][]> {
  return [
    ['photo.jpg', await noisy(2_200, 1_650).jpeg({ quality: 86 }).toBuffer()],
    ['picture.png', await noisy(700, 500).png().toBuffer()],
  ];
}

function noisy(width: number, height: number): Sharp {
  const data = Buffer.alloc(width * height * 3);
  let noise = 1;
  for (let index = 0; index < data.length; index += 1) {
    noise = (Math.imul(noise, 1103515245) + 12345) >>> 0;
    const column = index % (width * 3);
    data[index] = (index / (width * 18) + column / 24 + (noise >>> 28) * 2) & 255;
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

const toForm = (name: string, picture: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: image/${name.endsWith('png') ? 'png' : 'jpeg'}\r\n\r\n`,
    ),
    picture,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);
