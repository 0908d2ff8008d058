import { join } from 'node:path';
import type { ChatJob } from './chat-load.js';
import type { CheckedResult } from './http-load.js';
import { runInProcess } from './load-process.js';
import { median, log, short, table } from './report.js';
import { interleave, type Bench } from './bench.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import { ServerProcess } from './servers.js';
import { Calls } from './workloads.js';

/** Each question comes from another patient. */
const PATIENTS = 1_500;
/** The most that CareSlot may add to the model's own time. */
const MAX_ADDED_MILLISECONDS = 5;
/** The minimum share of the bare proxy's answers per second. */
const MIN_RATIO = 0.8;

interface ChatWorkload {
  title: string;
  connections: number;
  message: string;
}

const CONCURRENT: ChatWorkload = {
  title: '32 at a time',
  connections: 32,
  message: 'How do I book an appointment?',
};
const UNPACED: ChatWorkload = {
  title: '32 at a time, model without a pace',
  connections: 32,
  message: 'How do I book, with no pause?',
};
const SEQUENTIAL: ChatWorkload = {
  title: 'one after the other',
  connections: 1,
  message: 'How do I book an appointment?',
};

interface Measured extends CheckedResult {
  cpuMilliseconds: number;
}

type Servers = [model: ServerProcess, proxy: ServerProcess, careslot: ServerProcess];
type Results = [model: Measured, proxy: Measured, careslot: Measured];

/**
 * Compares the streamed chat with the model itself and with a bare Express proxy.
 * @returns the exit code: 1 if a target is missed or a response was wrong
 */
export async function chat(bench: Bench): Promise<number> {
  const servers = await start(bench);
  const [, , careslot] = servers;
  const tokens = new Calls(bench.secret, bench.today).patientTokens(PATIENTS);
  try {
    await assertModelIsCalled(careslot, tokens[0]);
    const measure = (workload: ChatWorkload): Promise<Results> => interleaved(bench, servers, workload, tokens);
    const concurrent = await measure(CONCURRENT);
    const unpaced = await measure(UNPACED);
    // Last, because so few requests do not warm up the servers.
    const sequential = await measure(SEQUENTIAL);
    const header = ['answers of 40 words', 'server', 'answers/s', 'p50 ms', 'p99 ms', 'CPU ms', 'bad', 'CareSlot ÷ it'];
    const rows = [
      ...toRows(CONCURRENT, servers, concurrent),
      ...toRows(UNPACED, servers, unpaced),
      ...toRows(SEQUENTIAL, servers, sequential),
    ];
    process.stdout.write(`\n${table(header, rows)}\n\n`);
    const hasBad = [concurrent, unpaced, sequential].flat().some(({ bad }) => bad > 0);
    return reportTargets(concurrent, sequential) && !hasBad ? 0 : 1;
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Checks that CareSlot calls the model. An answer from the FAQs would be fast for the wrong reason. */
async function assertModelIsCalled(careslot: ServerProcess, token: string | undefined): Promise<void> {
  const answer = await fetch(`${careslot.url}/api/v1/ai/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ message: CONCURRENT.message }),
  });
  const text = await answer.text();
  if (!text.includes('"source":"MODEL"')) throw new Error(`the model was not called: ${text}`);
}

/** Prints both figures. @returns whether both targets are met */
function reportTargets([, proxy, careslot]: Results, [modelAlone, , careslotAlone]: Results): boolean {
  const added = careslotAlone.p50 - modelAlone.p50;
  const ratio = careslot.perSecond / proxy.perSecond;
  process.stdout.write(
    `CareSlot adds ${short(added)} ms to the model's time (at most ${MAX_ADDED_MILLISECONDS}); ` +
      `${short(ratio)} of the bare proxy's answers (at least ${MIN_RATIO}).\n`,
  );
  return added <= MAX_ADDED_MILLISECONDS && ratio >= MIN_RATIO;
}

function toRows({ title }: ChatWorkload, servers: Servers, results: Results): string[][] {
  const [, , careslot] = results;
  return results.map((result, n) => [
    title,
    servers[n]?.name ?? '',
    short(result.perSecond),
    short(result.p50),
    short(result.p99),
    short(result.cpuMilliseconds),
    String(result.bad),
    result === careslot ? '' : (careslot.perSecond / result.perSecond).toFixed(2),
  ]);
}

async function start({ databases, redisUrl, secret, dataDir, profile }: Bench): Promise<Servers> {
  // The number of appointments makes no difference here.
  const databaseUrl = await databases.copy('careslot', FEW_APPOINTMENTS);
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
  servers: Servers,
  { title, connections, message }: ChatWorkload,
  tokens: string[],
): Promise<Results> {
  const job = ({ url }: ServerProcess, seconds: number): ChatJob => ({ url, seconds, connections, message, tokens });
  for (const server of servers) await send(job(server, bench.warmUpSeconds));
  const runs = await interleave(bench, servers, async (server, seconds): Promise<Measured> => {
    const before = await server.cpu();
    const result = await send(job(server, seconds));
    const cpuMilliseconds = ((await server.cpu()) - before) / result.count;
    log(`  chat, ${title}, ${server.name}: ${short(result.perSecond)}/s, p50 ${short(result.p50)} ms`);
    return { ...result, cpuMilliseconds };
  });
  return runs.map(summary) as Results;
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
