import { isDeepStrictEqual } from 'node:util';
import { ormconfig } from '../ormconfig.js';
import { withDataSource } from '../src/core/database/data-source.js';
import { BlindIndex } from '../src/core/encryption/blind-index.js';
import { FieldEncryption } from '../src/core/encryption/field-encryption.js';
import type { Actor } from '../src/core/kernel/actor.js';
import type { ClientsQuery } from '../src/modules/clients/clients.dto.js';
import { ClientsRepository } from '../src/modules/clients/clients.repository.js';
import { RecordEncryption } from '../src/modules/clients/record-encryption.js';
import { AccountContacts } from '../src/modules/users/account-contacts.js';
import { selectNames, type Bench } from './bench.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import { deskUser, getId } from './dataset.js';
import { plainPatients, toPlainUrl } from './plain-patients.js';
import { RecordingDatabase } from './recording-database.js';
import { log, median, short, table } from './report.js';
import { COUNTRIES, getSamples, SEARCHES, type Person, type Search } from './search-people.js';
import { CHECKED_ANSWERS, isExpected, isReached, PEOPLE } from './search-answers.js';
import { compareRequests } from './search-requests.js';
import { insertPeople } from './search-tables.js';
import { SECRETS } from './seed-clients.js';

const ROUNDS = 7;
const CALLS = 200;

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
      const plans: string[] = [];
      const wrong: string[] = [];
      for (const name of names) {
        wrong.push(...(await findWrongAnswers(name, samples, ours, theirs)));
        const [our, their] = await measureRates(name, samples, ours, theirs);
        rows.push([name, short(our), short(their), (our / their).toFixed(2), isReached(our / their)]);
        plans.push(`${name}: ${await getIndexes(ours.db)}`, `${name}, plain: ${await getIndexes(theirs.db)}`);
      }
      const header = ['query', 'encrypted/s', 'plain/s', 'ratio', 'ok'];
      process.stdout.write(`\n${table(header, rows)}\n\nindexes:\n${plans.join('\n')}\n`);
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

/** @returns the medians of the searches per second of both sides, which take turns */
async function measureRates(name: Search, samples: Person[], ours: Side, theirs: Side): Promise<[number, number]> {
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    rates[0].push(await measureRate(ours.patients, name, samples));
    rates[1].push(await measureRate(theirs.patients, name, samples));
  }
  return [median(rates[0]), median(rates[1])];
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
