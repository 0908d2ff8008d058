import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { ormconfig } from '../ormconfig.js';
import { withDataSource } from '../src/core/database/data-source.js';
import { BlindIndex } from '../src/core/encryption/blind-index.js';
import { FieldEncryption } from '../src/core/encryption/field-encryption.js';
import type { Actor } from '../src/core/kernel/actor.js';
import type { ClientsQuery } from '../src/modules/clients/clients.dto.js';
import { ClientsRepository } from '../src/modules/clients/clients.repository.js';
import { RecordEncryption } from '../src/modules/clients/record-encryption.js';
import { AccountContacts } from '../src/modules/users/account-contacts.js';
import { interleave, selectNames, type Bench } from './bench.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import { deskUser, getId } from './dataset.js';
import type { CheckedResult } from './http-load.js';
import { runInProcess } from './load-process.js';
import { plainPatients, toPlainUrl } from './plain-patients.js';
import { RecordingDatabase } from './recording-database.js';
import { log, median, short, table } from './report.js';
import type { SearchJob } from './search-load.js';
import { COUNTRIES, getSamples, SEARCHES, UNIQUE, type Person, type Search } from './search-people.js';
import { insertPeople } from './search-tables.js';
import { SECRETS } from './seed-clients.js';
import { ServerProcess } from './servers.js';
import { Calls } from './workloads.js';

const PEOPLE = 100_000;
const ROUNDS = 7;
const CALLS = 200;
const CHECKED_ANSWERS = 50;
const CONNECTIONS = 16;
const TARGET = 0.7;

const NAMES = Object.keys(SEARCHES) as Search[];

/**
 * Searches among 100,000 patients by each field, compared with the same query on plain tables: the statement with the work around it in
 * this process, then the whole request over HTTP, of which the reference is a bare Express application.
 * @returns the exit code: 1 if an answer was wrong
 */
export async function search(bench: Bench): Promise<number> {
  const names = selectNames(bench.only, NAMES);
  const databaseUrl = await bench.databases.copy('careslot', FEW_APPOINTMENTS);
  log(`inserting ${PEOPLE} patients, encrypted and plain …`);
  await insertPeople(databaseUrl, PEOPLE);
  await bench.databases.settle();
  const wrong = [...(await compareQueries(databaseUrl, names)), ...(await compareRequests(bench, databaseUrl, names))];
  for (const answer of wrong) log(`wrong answer: ${answer}`);
  process.stdout.write(`\nwrong answers: ${wrong.length}\n`);
  return wrong.length === 0 ? 0 : 1;
}

interface Side {
  patients: ClientsRepository;
  db: RecordingDatabase;
}

/** @returns descriptions of wrong answers */
function compareQueries(databaseUrl: string, names: Search[]): Promise<string[]> {
  return withDataSource(ormconfig, databaseUrl, (encrypted) =>
    withDataSource(ormconfig, toPlainUrl(databaseUrl), async (plain) => {
      const ours = encryptedPatients(new RecordingDatabase(encrypted));
      const theirs = plainPatients(plain);
      const samples = getSamples(PEOPLE, CALLS);
      const rows: string[][] = [];
      const wrong: string[] = [];
      for (const name of names) {
        wrong.push(...(await findWrongAnswers(name, samples, ours, theirs)));
        const rates: [number[], number[]] = [[], []];
        for (let round = 0; round < ROUNDS; round += 1) {
          rates[0].push(await measureRate(ours.patients, name, samples));
          rates[1].push(await measureRate(theirs.patients, name, samples));
        }
        const [our, their] = rates.map((all) => median(all, (rate) => rate)) as [number, number];
        const [plan, plainPlan] = [await getIndexes(ours.db), await getIndexes(theirs.db)];
        rows.push([name, short(our), short(their), (our / their).toFixed(2), isReached(our / their), plan, plainPlan]);
      }
      const header = ['query', 'encrypted/s', 'plain/s', 'ratio', 'ok', 'indexes', 'plain: indexes'];
      process.stdout.write(`\n${table(header, rows)}\n`);
      return wrong;
    }),
  );
}

function encryptedPatients(db: RecordingDatabase): Side {
  const fields = new FieldEncryption(SECRETS);
  const indexes = new BlindIndex(db, fields);
  const records = new RecordEncryption(fields, indexes);
  return { db, patients: new ClientsRepository(db, records, indexes, new AccountContacts(fields, indexes)) };
}

const isReached = (ratio: number): string => (ratio >= TARGET ? 'yes' : 'NO');

/** The front desk of a patient's clinic. */
const getDesk = ({ clinic, clinicId }: Person): Actor => ({
  userId: getId('user', deskUser(clinic)),
  sessionId: getId('session', deskUser(clinic)),
  role: 'STAFF',
  clientId: null,
  doctorId: null,
  clinicIds: [clinicId],
});

const find = (patients: ClientsRepository, name: Search, person: Person) => {
  const query: ClientsQuery = { q: SEARCHES[name](person), limit: 20, sort: 'createdAt', withTotal: false };
  const first = COUNTRIES[person.clinic] as string;
  return patients.list(getDesk(person), query, [person.clinicId], [first, ...COUNTRIES.filter((it) => it !== first)]);
};

async function findWrongAnswers(name: Search, samples: Person[], ours: Side, theirs: Side): Promise<string[]> {
  const wrong: string[] = [];
  for (const person of samples.slice(0, CHECKED_ANSWERS)) {
    const { items } = await find(ours.patients, name, person);
    const { items: plain } = await find(theirs.patients, name, person);
    if (!isDeepStrictEqual(items, plain)) wrong.push(`${name}: ${SEARCHES[name](person)} differs from the plain table`);
    if (!isExpected(name, person, items))
      wrong.push(`${name}: ${SEARCHES[name](person)} finds ${items.length} patients`);
  }
  return wrong;
}

/** Of a search that finds many, only the oldest are on the first page. */
function isExpected(name: Search, person: Person, items: readonly { id: string }[]): boolean {
  if (UNIQUE.includes(name)) return items.length === 1 && items[0]?.id === person.clientId;
  return items.length === 20 || items.some(({ id }) => id === person.clientId);
}

async function measureRate(patients: ClientsRepository, name: Search, samples: Person[]): Promise<number> {
  const from = performance.now();
  for (const person of samples) await find(patients, name, person);
  return (samples.length * 1000) / (performance.now() - from);
}

/** The indexes that the last statement uses, and `whole table` if it reads all patients. */
async function getIndexes(db: RecordingDatabase): Promise<string> {
  const { sql, values } = db.last as NonNullable<RecordingDatabase['last']>;
  const lines = (await db.rows<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values)).map((row) => row['QUERY PLAN']);
  const indexes = lines.flatMap((line) => /(?:using|Bitmap Index Scan on) (\w+)/.exec(line)?.[1] ?? []);
  const readsAll = lines.some((line) => /Seq Scan on (?:user_account|client|client_clinic)\b/.test(line));
  return [...(readsAll ? ['whole table'] : []), ...new Set(indexes)].join(' ');
}

/** @returns descriptions of wrong answers */
async function compareRequests(bench: Bench, databaseUrl: string, names: Search[]): Promise<string[]> {
  const { redisUrl, secret, dataDir, today } = bench;
  const options = { databaseUrl, redisUrl, secret };
  const careslot = await ServerProcess.careslot({
    ...options,
    name: 'CareSlot',
    logFile: join(dataDir, 'careslot.log'),
    profileDir: bench.profile ? join(dataDir, 'profile') : undefined,
  });
  const reference = await ServerProcess.searchReference({
    ...options,
    name: 'reference',
    logFile: join(dataDir, 'reference.log'),
  }).catch(async (error: unknown) => {
    await careslot.stop();
    throw error;
  });
  const tokens = new Calls(secret, today).deskTokens(1);
  const servers = [careslot, reference];
  const rows: string[][] = [];
  const wrong: string[] = [];
  try {
    for (const name of names) {
      wrong.push(...(await findWrongResponses(name, servers, tokens)));
      const load = (server: ServerProcess, seconds: number): Promise<CheckedResult> =>
        runInProcess<SearchJob, CheckedResult>('search-load.js', {
          url: server.url,
          seconds,
          connections: CONNECTIONS,
          search: name,
          people: PEOPLE,
          tokens,
        });
      for (const server of servers) await load(server, bench.warmUpSeconds);
      const [ours, theirs] = (await interleave(bench, servers, load)) as [CheckedResult[], CheckedResult[]];
      const bad = [...ours, ...theirs].reduce((sum, run) => sum + run.bad, 0);
      if (bad > 0) wrong.push(`${name}: ${bad} requests failed`);
      const figures = ([run, digits]: [CheckedResult[], (one: CheckedResult) => number]): string =>
        short(median(run, digits));
      const ratio = median(ours, (run) => run.perSecond) / median(theirs, (run) => run.perSecond);
      rows.push([
        name,
        figures([ours, (run) => run.perSecond]),
        figures([theirs, (run) => run.perSecond]),
        ratio.toFixed(2),
        isReached(ratio),
        figures([ours, (run) => run.p50]),
        figures([theirs, (run) => run.p50]),
        figures([ours, (run) => run.p99]),
        figures([theirs, (run) => run.p99]),
      ]);
    }
    const header = ['request', 'CareSlot/s', 'plain/s', 'ratio', 'ok', 'p50 ms', 'plain', 'p99 ms', 'plain'];
    process.stdout.write(`\n${table(header, rows)}\n`);
    return wrong;
  } finally {
    await careslot.stop();
    await reference.stop();
  }
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
