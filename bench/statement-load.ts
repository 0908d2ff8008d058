import { Client } from 'pg';
import { STATEMENTS, type StatementName } from './booking-statements.js';
import { Bookings } from './bookings.js';
import { runJob } from './load-process.js';
import { percentile } from './report.js';

/** One run of a prepared statement that is repeated, as by pgbench, without HTTP and without the application. */
export interface StatementJob {
  statement: StatementName;
  databaseUrl: string;
  connections: number;
  seconds: number;
  today: string;
  /** The first booking that no earlier run has made. */
  first: number;
}

export interface StatementOutcome {
  bookingsPerSecond: number;
  /** Time of a call in milliseconds. */
  p50: number;
  p99: number;
  bad: number;
  /** CPU time of this process divided by the elapsed time. */
  loadCpuShare: number;
  next: number;
}

async function run(job: StatementJob): Promise<StatementOutcome> {
  const statement = STATEMENTS[job.statement];
  const clients = await Promise.all(Array.from({ length: job.connections }, () => connect(job.databaseUrl)));
  const bookings = new Bookings(job.today, await getRevisions(clients[0] as Client));
  const times: number[] = [];
  let next = job.first;
  let booked = 0;
  const before = process.cpuUsage();
  const started = performance.now();
  const end = started + job.seconds * 1000;
  const send = async (client: Client): Promise<void> => {
    while (performance.now() < end) {
      const batch = Array.from({ length: statement.batchSize }, () => bookings.at(next++));
      const sent = performance.now();
      const { name, text } = statement;
      const { rows } = await client.query<object>({ name, text, values: statement.values(batch) });
      times.push(performance.now() - sent);
      booked += statement.countBooked(rows);
    }
  };
  await Promise.all(clients.map(send));
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  await Promise.all(clients.map((client) => client.end()));
  const sorted = Float64Array.from(times).sort();
  return {
    bookingsPerSecond: (booked * 1000) / milliseconds,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    bad: next - job.first - booked,
    loadCpuShare: (user + system) / 1000 / milliseconds,
    next,
  };
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

async function getRevisions(client: Client): Promise<Map<string, number>> {
  const { rows } = await client.query<{ id: string; revision: number }>(
    'SELECT clinic_id AS id, revision::int FROM schedule_revision',
  );
  return new Map(rows.map(({ id, revision }) => [id, revision]));
}

runJob(run);
