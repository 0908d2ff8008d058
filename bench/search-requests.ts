import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { interleave, type Bench } from './bench.js';
import type { CheckedResult } from './http-load.js';
import { runInProcess } from './load-process.js';
import { median, short, table } from './report.js';
import { CHECKED_ANSWERS, isExpected, isReached, PEOPLE } from './search-answers.js';
import type { SearchJob } from './search-load.js';
import { getSamples, SEARCHES, type Search } from './search-people.js';
import { ServerProcess } from './servers.js';
import { Calls } from './workloads.js';

const CONNECTIONS = 16;

/** Compares whole requests over HTTP. @returns descriptions of wrong answers */
export async function compareRequests(bench: Bench, databaseUrl: string, names: Search[]): Promise<string[]> {
  const tokens = new Calls(bench.secret, bench.today).deskTokens(1);
  const servers = await startServers(bench, databaseUrl);
  const rows: string[][] = [];
  const wrong: string[] = [];
  try {
    for (const name of names) {
      wrong.push(...(await findWrongResponses(name, servers, tokens)));
      const [ours, theirs] = await measure(bench, servers, name, tokens);
      const bad = [...ours, ...theirs].reduce((sum, run) => sum + run.bad, 0);
      if (bad > 0) wrong.push(`${name}: ${bad} requests failed`);
      rows.push(toTableRow(name, ours, theirs));
    }
    const header = ['request', 'CareSlot/s', 'plain/s', 'ratio', 'ok', 'p50 ms', 'plain', 'p99 ms', 'plain'];
    process.stdout.write(`\n${table(header, rows)}\n`);
    return wrong;
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Starts CareSlot and the reference. */
async function startServers(bench: Bench, databaseUrl: string): Promise<ServerProcess[]> {
  const { redisUrl, secret, dataDir } = bench;
  const options = { databaseUrl, redisUrl, secret };
  const careslot = await ServerProcess.careslot({
    ...options,
    name: 'CareSlot',
    logFile: join(dataDir, 'careslot.log'),
    profileDir: bench.profile ? join(dataDir, 'profile') : undefined,
  });
  try {
    const logFile = join(dataDir, 'reference.log');
    return [careslot, await ServerProcess.searchReference({ ...options, name: 'reference', logFile })];
  } catch (error) {
    await careslot.stop();
    throw error;
  }
}

type Runs = [ours: CheckedResult[], theirs: CheckedResult[]];

async function measure(bench: Bench, servers: ServerProcess[], search: Search, tokens: string[]): Promise<Runs> {
  const load = ({ url }: ServerProcess, seconds: number): Promise<CheckedResult> =>
    runInProcess<SearchJob, CheckedResult>('search-load.js', {
      url,
      seconds,
      connections: CONNECTIONS,
      search,
      people: PEOPLE,
      tokens,
    });
  for (const server of servers) await load(server, bench.warmUpSeconds);
  return (await interleave(bench, servers, load)) as Runs;
}

function toTableRow(name: Search, ...[ours, theirs]: Runs): string[] {
  const medians = (figure: 'perSecond' | 'p50' | 'p99'): string[] =>
    [ours, theirs].map((runs) => short(median(runs, (run) => run[figure])));
  const ratio = median(ours, (run) => run.perSecond) / median(theirs, (run) => run.perSecond);
  return [name, ...medians('perSecond'), ratio.toFixed(2), isReached(ratio), ...medians('p50'), ...medians('p99')];
}

async function findWrongResponses(name: Search, servers: ServerProcess[], tokens: string[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const person of getSamples(PEOPLE, CHECKED_ANSWERS)) {
    const q = SEARCHES[name](person);
    const answers = await Promise.all(
      servers.map(async ({ url }) => {
        const response = await fetch(`${url}/api/v1/clients?q=${encodeURIComponent(q)}`, {
          headers: { authorization: `Bearer ${tokens[person.clinic]}` },
        });
        return (await response.json()) as { data?: { id: string }[]; meta?: unknown };
      }),
    );
    const [ours, theirs] = answers.map(({ data, meta }) => ({ data, meta })) as [
      (typeof answers)[number],
      (typeof answers)[number],
    ];
    if (!ours.data || !isExpected(name, person, ours.data)) wrong.push(`${name}: GET /clients?q=${q}`);
    else if (!isDeepStrictEqual(ours, theirs)) wrong.push(`${name}: the response to ${q} differs from the reference`);
  }
  return wrong;
}
