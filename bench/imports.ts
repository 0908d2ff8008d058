import { createWriteStream, openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalDay, type Cell } from '../src/core/spreadsheets/cell.js';
import { toCsvRows } from '../src/core/spreadsheets/csv.js';
import { createXlsx } from '../src/core/spreadsheets/xlsx-file.js';
import { signAdminToken } from './admin-token.js';
import type { Bench } from './bench.js';
import { withClient } from './client.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import { deskUser, getId } from './dataset.js';
import { log, short, table } from './report.js';
import { ServerProcess } from './servers.js';

const ROWS = 100_000;
const QUICK_ROWS = 20_000;
const MAX_MEMORY_MIB = 300;
const BATCH_ROWS = 1_000;
const POLL_MILLISECONDS = 200;
const STEP_WITHIN_MILLISECONDS = 30 * 60_000;
const DAY = 86_400_000;
/** About as many days as the patients of a clinic are born on. */
const BIRTH_DAYS = 29_000;
const FIRST_BIRTH = Date.UTC(1945, 0, 1);
const LAST_NAME = 'Imported';
/** At the clinic that the bench's administrator uses. */
const CLINIC = 0;
const HEADER = ['External ID', 'First name', 'Last name', 'Phone', 'E-mail', 'Date of birth', 'MRN', 'Address'];

interface Progress {
  status: string;
  total: number | null;
  done: number;
  created: number;
  unchanged: number;
  failed: number;
  failure: string | null;
}

interface Step {
  step: string;
  seconds: number;
  rowsPerSecond: number;
  memory: number;
}

/**
 * Imports patients from a file: a dry run, an import during which the process is killed, and the same file again. One process serves requests
 * and imports.
 * @returns the exit code: 1 if a row is missing or twice, or memory exceeds the target
 */
export async function imports(bench: Bench): Promise<number> {
  const { databases, redisUrl, secret, dataDir, quick } = bench;
  const rows = quick ? QUICK_ROWS : ROWS;
  const databaseUrl = await databases.copy('careslot', FEW_APPOINTMENTS);
  await makeAdministrator(databaseUrl);
  await databases.settle();
  const env = { JOBS_IN_PROCESS: 'true', STORAGE_DIR: join(dataDir, 'imports') };
  const start = (n: number): Promise<ServerProcess> =>
    ServerProcess.careslot({
      name: 'CareSlot',
      databaseUrl,
      redisUrl,
      secret,
      env,
      logFile: join(dataDir, `imports-${n}.log`),
    });
  const files = { csv: await writeCsv(dataDir, rows), xlsx: await writeXlsx(dataDir, rows) };
  let server = await start(1);
  const token = signAdminToken(secret, CLINIC);
  const steps: Step[] = [];
  const problems: string[] = [];
  try {
    const id = await upload(server, token, files.xlsx, true);
    steps.push(await follow(server, token, id, { step: 'dry run, xlsx', until: rows }));
    await call(server, token, 'POST', `/${id}/start`);
    const killed = await follow(server, token, id, { step: 'import, xlsx, until the kill', until: rows / 2 });
    await server.kill();
    server = await start(2);
    steps.push(killed, await follow(server, token, id, { step: 'import, xlsx, after the kill', until: rows }));
    const first = await read(server, token, id);
    if (first.created !== rows || first.failed > 0) problems.push(`the import reports ${JSON.stringify(first)}`);
    const again = await upload(server, token, files.csv, false);
    steps.push(await follow(server, token, again, { step: 'the same rows again, csv', until: rows }));
    const second = await read(server, token, again);
    if (second.unchanged !== rows) problems.push(`the second import reports ${JSON.stringify(second)}`);
    problems.push(...(await check(databaseUrl, rows)));
  } finally {
    await server.stop();
  }
  return report(steps, problems, rows);
}

/** The import looks up the present role of the account that uploaded the file. */
const makeAdministrator = (databaseUrl: string): Promise<unknown> =>
  withClient(databaseUrl, (db) =>
    db.query(`UPDATE user_account SET role = 'ADMIN' WHERE id = $1`, [getId('user', deskUser(CLINIC))]),
  );

const person = (n: number): Cell[] => [
  `P-${n}`,
  `Person ${n}`,
  LAST_NAME,
  `+2010${String(10_000_000 + n)}`,
  `person.${n}@import.example`,
  new LocalDay(new Date(FIRST_BIRTH + (n % BIRTH_DAYS) * DAY).toISOString().slice(0, 10)),
  `IMP-${n}`,
  `${n} Import Street, District ${n % 500}`,
];

async function* batches(rows: number): AsyncGenerator<Cell[][], void> {
  for (let from = 0; from < rows; from += BATCH_ROWS)
    yield await Promise.resolve(Array.from({ length: Math.min(BATCH_ROWS, rows - from) }, (_, n) => person(from + n)));
}

async function writeXlsx(folder: string, rows: number): Promise<string> {
  const path = join(folder, 'patients.xlsx');
  const file = createXlsx({ name: 'patients', header: HEADER, batches: batches(rows) });
  await pipeline(file, createWriteStream(path));
  return path;
}

async function writeCsv(folder: string, rows: number): Promise<string> {
  const path = join(folder, 'patients.csv');
  async function* lines(): AsyncGenerator<string, void> {
    yield toCsvRows([HEADER]);
    for await (const batch of batches(rows)) yield toCsvRows(batch);
  }
  await pipeline(Readable.from(lines()), createWriteStream(path));
  return path;
}

async function upload(server: ServerProcess, token: string, path: string, dryRun: boolean): Promise<string> {
  const form = new FormData();
  form.append('kind', 'clients');
  form.append('clinicId', getId('clinic', CLINIC));
  form.append('dryRun', String(dryRun));
  form.append('file', await openAsBlob(path), 'patients');
  return ((await call(server, token, 'POST', '', form)) as { id: string }).id;
}

async function call(
  server: ServerProcess,
  token: string,
  method: string,
  path: string,
  body?: FormData,
): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.url}/api/v1/imports${path}`, { method, headers, ...(body && { body }) });
  const answer = (await response.json()) as { data?: unknown };
  if (!response.ok) throw new Error(`${method} /imports${path} returned ${JSON.stringify(answer)}`);
  return answer.data;
}

const read = (server: ServerProcess, token: string, id: string): Promise<Progress> =>
  call(server, token, 'GET', `/${id}`) as Promise<Progress>;

/** Waits until so many rows are done, or until the end. @returns the time and the most memory */
async function follow(
  server: ServerProcess,
  token: string,
  id: string,
  { step, until }: { step: string; until: number },
): Promise<Step> {
  const started = performance.now();
  const deadline = started + STEP_WITHIN_MILLISECONDS;
  const from = (await read(server, token, id)).done;
  for (;;) {
    const { status, done, failure, total } = await read(server, token, id);
    if (failure !== null) throw new Error(`${step}: ${failure}`);
    if (!['CHECKING', 'RUNNING'].includes(status) || (done >= until && done !== total)) {
      const seconds = (performance.now() - started) / 1_000;
      const { peak } = await server.memory();
      log(`  ${step}: ${short(seconds)} s, ${short(peak)} MiB`);
      return { step, seconds, rowsPerSecond: (done - from) / seconds, memory: peak };
    }
    if (performance.now() > deadline) throw new Error(`${step}: ${done} rows are done, and it goes on`);
    await sleep(POLL_MILLISECONDS);
  }
}

/** Each row must have one patient, with one account and one record at the clinic. */
const check = (databaseUrl: string, rows: number): Promise<string[]> =>
  withClient(databaseUrl, async (db) => {
    const { rows: found } = await db.query<{ accounts: number; names: number; records: number }>(
      `SELECT count(*)::int AS accounts, count(DISTINCT u.first_name)::int AS names, count(k.client_id)::int AS records
       FROM user_account u JOIN client c ON c.user_id = u.id LEFT JOIN client_clinic k ON k.client_id = c.id AND k.clinic_id = $1
       WHERE u.last_name = $2`,
      [getId('clinic', CLINIC), LAST_NAME],
    );
    const [counts] = found;
    const isRight = counts?.accounts === rows && counts.names === rows && counts.records === rows;
    return isRight ? [] : [`the database has ${JSON.stringify(counts)} instead of ${rows} of each`];
  });

function report(steps: readonly Step[], problems: string[], rows: number): number {
  log(`\nImport of ${short(rows)} patients`);
  const header = ['step', 'seconds', 'rows/s', 'peak memory, MiB'];
  const lines = steps.map(({ step, seconds, rowsPerSecond, memory }) => [
    step,
    ...[seconds, rowsPerSecond, memory].map(short),
  ]);
  process.stdout.write(`\n${table(header, lines)}\n`);
  const peak = Math.max(...steps.map(({ memory }) => memory));
  if (peak > MAX_MEMORY_MIB) problems.push(`the process used ${peak} MiB, more than ${MAX_MEMORY_MIB}`);
  for (const problem of problems) log(`FAILED: ${problem}`);
  return problems.length > 0 ? 1 : 0;
}
