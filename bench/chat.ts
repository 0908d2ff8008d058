import { join } from 'node:path';
import type { ChatJob } from './chat-load.js';
import type { CheckedResult } from './http-load.js';
import { runInProcess } from './load-process.js';
import { median, log, short, table } from './report.js';
import { interleave, type Bench } from './bench.js';
import { SMALL } from './data-volumes.js';
import { ServerProcess } from './servers.js';
import { Calls } from './workloads.js';

/** Each question comes from another patient. */
const PATIENTS = 1_500;
/** The most that CareSlot may add to the model's own time. */
const MAX_ADDED_MILLISECONDS = 5;
/** The minimum share of the bare proxy's answers per second. */
const MIN_RATIO = 0.8;

const CHAT_WORKLOADS = [
  { title: '32 at a time', connections: 32, message: 'How do I book an appointment?' },
  { title: '32 at a time, a model without a pace', connections: 32, message: 'How do I book, with no pause?' },
  // Last, because so few requests do not warm up the servers.
  { title: 'one after the other', connections: 1, message: 'How do I book an appointment?' },
] as const;

interface Measured extends CheckedResult {
  cpuMilliseconds: number;
}

/** Compares the streamed chat with the model itself and with a bare Express proxy. @returns 1 if a target is missed */
export async function chat(bench: Bench): Promise<number> {
  const servers = await start(bench);
  const tokens = new Calls(bench.secret, bench.today).patientTokens(PATIENTS);
  const results: Measured[][] = [];
  try {
    await assertModelIsCalled(servers[2], tokens[0]);
    for (const workload of CHAT_WORKLOADS) results.push(await interleaved(bench, servers, workload, tokens));
  } finally {
    for (const server of servers) await server.stop();
  }
  const header = ['answers of 40 words', 'server', 'answers/s', 'p50 ms', 'p99 ms', 'CPU ms', 'bad', 'CareSlot ÷ it'];
  const rows = results.flatMap((all, w) =>
    all.map((one, n) => toRow(CHAT_WORKLOADS[w]?.title ?? '', servers[n], one, all[2])),
  );
  process.stdout.write(`\n${table(header, rows)}\n\n`);
  return verdict(results);
}

/** Checks that CareSlot calls the model. An answer from the FAQs would be fast for the wrong reason. */
async function assertModelIsCalled(careslot: ServerProcess | undefined, token: string | undefined): Promise<void> {
  const answer = await fetch(`${careslot?.url}/api/v1/ai/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ message: CHAT_WORKLOADS[0].message }),
  });
  const text = await answer.text();
  if (!text.includes('"source":"MODEL"')) throw new Error(`the model was not called: ${text}`);
}

function verdict([many, , alone]: Measured[][]): number {
  const added = (alone?.[2]?.p50 ?? NaN) - (alone?.[0]?.p50 ?? NaN);
  const ratio = (many?.[2]?.perSecond ?? NaN) / (many?.[1]?.perSecond ?? NaN);
  process.stdout.write(
    `CareSlot adds ${short(added)} ms to the model's time (at most ${MAX_ADDED_MILLISECONDS}); ` +
      `${short(ratio)} of the bare proxy's answers (at least ${MIN_RATIO}).\n`,
  );
  return added <= MAX_ADDED_MILLISECONDS && ratio >= MIN_RATIO ? 0 : 1;
}

const toRow = (title: string, server: ServerProcess | undefined, result: Measured, own?: Measured): string[] => [
  title,
  server?.name ?? '',
  short(result.perSecond),
  short(result.p50),
  short(result.p99),
  short(result.cpuMilliseconds),
  String(result.bad),
  result === own ? '' : ((own?.perSecond ?? NaN) / result.perSecond).toFixed(2),
];

async function start({ databases, redisUrl, secret, dataDir, profile }: Bench): Promise<ServerProcess[]> {
  // The number of appointments makes no difference here.
  const databaseUrl = await databases.copy('careslot', SMALL);
  const options = (name: string, env: Record<string, string> = {}) => ({
    name,
    databaseUrl,
    redisUrl,
    secret,
    logFile: join(dataDir, `${name.replaceAll(' ', '-')}.log`),
    env,
  });
  const model = await ServerProcess.model(options('the model'));
  const env = {
    AI_ENABLED: 'true',
    AI_BASE_URL: `${model.url}/v1`,
    AI_TOKENS_PER_DAY: '100000000',
  };
  return [
    model,
    await ServerProcess.chatProxy(options('bare proxy', env)),
    await ServerProcess.careslot({
      ...options('careslot', env),
      profileDir: profile ? join(dataDir, 'profile') : undefined,
    }),
  ];
}

async function interleaved(
  bench: Bench,
  servers: ServerProcess[],
  { title, connections, message }: (typeof CHAT_WORKLOADS)[number],
  tokens: string[],
): Promise<Measured[]> {
  const job = ({ url }: ServerProcess, seconds: number): ChatJob => ({ url, seconds, connections, message, tokens });
  for (const server of servers) await send(job(server, bench.warmUpSeconds));
  const runs = await interleave(bench, servers, async (server, seconds): Promise<Measured> => {
    const before = await server.cpu();
    const result = await send(job(server, seconds));
    const cpuMilliseconds = ((await server.cpu()) - before) / result.count;
    log(`  chat, ${title}, ${server.name}: ${short(result.perSecond)}/s, p50 ${short(result.p50)} ms`);
    return { ...result, cpuMilliseconds };
  });
  return runs.map(summary);
}

function summary(runs: Measured[]): Measured {
  return {
    perSecond: median(runs, (run) => run.perSecond),
    p50: median(runs, (run) => run.p50),
    p99: median(runs, (run) => run.p99),
    count: median(runs, (run) => run.count),
    cpuMilliseconds: median(runs, (run) => run.cpuMilliseconds),
    bad: runs.reduce((sum, { bad }) => sum + bad, 0),
  };
}

const send = (job: ChatJob): Promise<CheckedResult> => runInProcess('chat-load.js', job);
