import { ormconfig } from '../ormconfig.js';
import { withDataSource } from '../src/core/database/data-source.js';
import { migrate } from '../src/migrate.js';
import type { Bench } from './bench.js';
import { withClient } from './client.js';
import { growingVolume } from './data-volumes.js';
import { createPastPartitions, fillAudit, fillDeliveries, fillOutbox, OUTBOX_ROWS } from './growth-fill.js';
import { explainQueries, PLAN_HEADER } from './growth-plans.js';
import { RecordingDatabase } from './recording-database.js';
import { log, table } from './report.js';
import { LOADING_SETTINGS, seedGrowing } from './seed.js';

/** Full: eleven years of a clinic group with 500 doctors. */
const FULL = { appointments: 10_000_000, auditRows: 50_000_000 };
const QUICK = { appointments: 20_000, auditRows: 100_000 };

/**
 * Fills a database with all constraints and indexes, and prints times, sizes and the plans of hot queries.
 * @returns the exit code: 1 if a query reads a partition as a whole
 */
export async function growth({ databases, quick, today, size }: Bench): Promise<number> {
  const { appointments, auditRows } = { ...(quick ? QUICK : FULL), ...size };
  const databaseUrl = await databases.empty('growth');
  await migrate(databaseUrl);
  await withClient(databaseUrl, async (client) => {
    await client.query(LOADING_SETTINGS);
    await createPastPartitions(client, today);
    const volume = growingVolume(appointments);
    const steps: [name: string, rows: number, fill: () => Promise<unknown>][] = [
      ['appointments', appointments, () => seedGrowing(client, volume, today)],
      ['audit rows', auditRows, () => fillAudit(client, today, auditRows, volume.clients)],
      ['deliveries', appointments * 2, () => fillDeliveries(client, today)],
      ['events', OUTBOX_ROWS, () => fillOutbox(client)],
      ['VACUUM (FREEZE, ANALYZE)', 0, () => client.query('VACUUM (FREEZE, ANALYZE)')],
    ];
    const times: string[][] = [];
    for (const [name, rows, fill] of steps) {
      log(`${name} …`);
      const started = performance.now();
      await fill();
      const seconds = (performance.now() - started) / 1_000;
      const perSecond = rows > 0 ? Math.round(rows / seconds).toLocaleString('en') : '';
      times.push([name, rows > 0 ? `about ${rows.toLocaleString('en')}` : '', seconds.toFixed(0), perSecond]);
    }
    process.stdout.write(`\n${table(['filled', 'rows', 's', 'rows/s'], times)}\n`);
    const { rows } = await client.query<{ name: string; rows: string; table: string; indexes: string; parts: string }>(
      SIZES,
    );
    const sizes = rows.map((one) => [one.name, one.rows, one.table, one.indexes, one.parts]);
    process.stdout.write(`\n${table(['table', 'rows', 'table MB', 'indexes MB', 'partitions'], sizes)}\n`);
  });
  await databases.settle();
  const results = await withDataSource(ormconfig, databaseUrl, (source) =>
    explainQueries(new RecordingDatabase(source)),
  );
  process.stdout.write(
    `\n${table(
      PLAN_HEADER,
      results.map(({ row }) => row),
    )}\n`,
  );
  const wholeReads = results.flatMap((one) => one.wholeReads);
  for (const one of wholeReads) process.stdout.write(`read as a whole: ${one}\n`);
  return wholeReads.length > 0 ? 1 : 0;
}

const SIZES = `
  SELECT name, to_char(sum(greatest(c.reltuples, 0)), 'FM999,999,999,999') AS rows,
         to_char(sum(pg_table_size(c.oid)) / 1e6, 'FM999,999,990') AS "table",
         to_char(sum(pg_indexes_size(c.oid)) / 1e6, 'FM999,999,990') AS indexes,
         CASE WHEN count(*) > 1 THEN count(*)::text ELSE '' END AS parts
  FROM unnest('{appointment,reservation,client,audit_log,notification,outbox}'::text[]) WITH ORDINALITY AS t (name, place),
       LATERAL (SELECT relid FROM pg_partition_tree(name::regclass) WHERE isleaf UNION SELECT name::regclass) part
       JOIN pg_class c ON c.oid = part.relid AND c.relkind = 'r'
  GROUP BY name, place ORDER BY place`;
