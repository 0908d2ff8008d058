import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { ormconfig } from '../../ormconfig.js';
import { ChangeLog } from '../../src/core/changes/change-log.js';
import type { PartitionSettings } from '../../src/core/config/retention-settings.js';
import { createDataSource } from '../../src/core/database/data-source.js';
import { Database } from '../../src/core/database/database.js';
import { NIL_ID } from '../../src/core/kernel/id.js';
import type { RelayDatabase } from '../../src/core/outbox/relay-database.js';
import { RelayRepository } from '../../src/core/outbox/relay.repository.js';
import { PartitionsRepository } from '../../src/core/partitions/partitions.repository.js';
import { migrate, revert } from '../../src/migrate.js';
import { AuditLinkerService } from '../../src/modules/audit/audit-linker.service.js';
import { AuditLinksRepository } from '../../src/modules/audit/audit-links.repository.js';
import { AuditVerifierService } from '../../src/modules/audit/audit-verifier.service.js';
import { PlannedNotificationsRepository } from '../../src/modules/notifications/planned-notifications.repository.js';
import { OldPartitionsService } from '../../src/modules/privacy/old-partitions.service.js';
import { builtPath } from '../../tools/test-build.js';
import { createDatabase, createMigratedDatabase, dropDatabase } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { SettableClock } from '../support/settable-clock.js';

/** Partitions by month: the migrations with rows, the coming months, and the end of old ones (docs/scaling.md). */

const PARTITION_MIGRATIONS = 4;
const YEARS_LATER = '2040-01-15T00:00:00Z';

let database: { name: string; url: string };
let source: DataSource;
let client: pg.Client;
let db: Database;

beforeAll(async () => {
  database = await createDatabase(process.env.TEMPLATE_DATABASE);
  source = await createDataSource(ormconfig, database.url).initialize();
  db = new Database(source);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await source.destroy();
  await dropDatabase(database.name);
});

async function one<Row = any>(on: pg.Client, sql: string, values: unknown[] = []): Promise<Row> {
  return (await on.query(sql, values)).rows[0] as Row;
}

const insertAudit = (on: pg.Client, id: string): Promise<{ id: string; partition: string }> =>
  one(
    on,
    `INSERT INTO audit_log (id, action, object_type, object_id) VALUES (${id}, 'test.done', 'test', uuid7())
     RETURNING id, tableoid::regclass::text AS partition`,
  );

const insertEvent = (on: pg.Client): Promise<{ sequence: string }> =>
  one(
    on,
    `INSERT INTO outbox (id, event, aggregate_id, payload) VALUES (uuid7(), 'test:done', uuid7(), '{}') RETURNING sequence`,
  );

describe('the migrations', () => {
  it('make the existing tables the first partitions without rewriting them, and are undone with all rows', async () => {
    const { name, url } = await createMigratedDatabase();
    const own = new pg.Client({ connectionString: url });
    await own.connect();
    try {
      await revert(url, PARTITION_MIGRATIONS);
      const old = await insertAudit(own, 'uuid7()');
      const other = await insertAudit(own, `'ffffffff-ffff-4fff-8fff-ffffffffffff'`);
      const first = await insertEvent(own);
      const files = `SELECT pg_relation_filenode($1::regclass) AS log, pg_relation_filenode($2::regclass) AS messages`;
      const before = await one(own, files, ['audit_log', 'notification']);

      await migrate(url);
      expect(await one(own, files, ['partitions.audit_log_first', 'partitions.notification_first'])).toEqual(before);
      const places = await own.query(`SELECT id, tableoid::regclass::text AS partition FROM audit_log ORDER BY id`);
      expect(places.rows).toEqual([
        { id: old.id, partition: 'partitions.audit_log_first' },
        { id: other.id, partition: 'partitions.audit_log_default' },
      ]);
      const second = await insertEvent(own);
      expect(Number(second.sequence)).toBeGreaterThan(Number(first.sequence));
      for (const refused of [
        'UPDATE audit_log SET action = $1',
        'UPDATE partitions.audit_log_default SET action = $1',
        'DELETE FROM audit_log WHERE action <> $1',
      ])
        await expect(own.query(refused, ['other'])).rejects.toThrow('audit_log is append-only');
      for (const table of ['audit_log', 'partitions.audit_log_first', 'partitions.audit_log_default'])
        await expect(own.query(`TRUNCATE ${table}`)).rejects.toThrow('audit_log is append-only');

      await revert(url, PARTITION_MIGRATIONS);
      expect((await own.query('SELECT id FROM audit_log ORDER BY id')).rows.map(({ id }) => id)).toEqual([
        old.id,
        other.id,
      ]);
      expect(Number((await insertEvent(own)).sequence)).toBeGreaterThan(Number(second.sequence));
      await expect(own.query('DELETE FROM audit_log')).rejects.toThrow('audit_log is append-only');
    } finally {
      await own.end();
      await dropDatabase(name);
    }
  });
});

describe('the coming months', () => {
  it('are created three months ahead, with the unique indexes that only partitions have', async () => {
    const partitions = new PartitionsRepository(db);
    expect(await partitions.createComing()).toBe(0);
    const states = await partitions.states();
    expect(states.map(({ parent }) => parent)).toEqual(['audit_log', 'notification', 'outbox']);
    for (const { until, defaultRows } of states) {
      expect(until.getTime() - Date.now()).toBeGreaterThan(88 * 86_400_000);
      expect(defaultRows).toBe(0);
    }
    const { rows } = await client.query<{ unique: string[] }>(
      `SELECT array_agg(substring(pg_get_indexdef(x.indexrelid) FROM 'USING .*') ORDER BY substring(pg_get_indexdef(x.indexrelid) FROM 'USING .*')) AS unique
       FROM pg_inherits i JOIN pg_index x ON x.indrelid = i.inhrelid AND x.indisunique
       WHERE i.inhparent = 'notification'::regclass GROUP BY i.inhrelid`,
    );
    expect(rows.length).toBeGreaterThan(3);
    expect(rows[0]?.unique).toHaveLength(6);
    for (const { unique } of rows) expect(unique).toEqual(rows[0]?.unique);
  });

  it('get the rows that were written before they existed', async () => {
    const later = `lowest_id(now() + interval '5 months')`;
    const { id, partition } = await insertAudit(client, later);
    expect(partition).toBe('partitions.audit_log_default');
    expect((await new PartitionsRepository(db).states())[0]).toMatchObject({ parent: 'audit_log', defaultRows: 1 });
    while ((await one(client, 'SELECT create_next_partition(6) AS name')).name);
    const moved = await one(client, 'SELECT tableoid::regclass::text AS partition FROM audit_log WHERE id = $1', [id]);
    expect(moved.partition).toMatch(/^partitions\.audit_log_20\d\d_\d\d$/);
    expect((await new PartitionsRepository(db).states()).map(({ defaultRows }) => defaultRows)).toEqual([0, 0, 0]);
    await expect(client.query('DELETE FROM audit_log WHERE id = $1', [id])).rejects.toThrow('append-only');
    await expect(client.query(`TRUNCATE ${moved.partition}`)).rejects.toThrow('append-only');
    // The later tests take the newest row for one of today.
    await client.query(`DROP TABLE ${moved.partition}`);
  });

  it('are pruned by the id', async () => {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT * FROM audit_log WHERE id = '${(await insertAudit(client, 'uuid7()')).id}'`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan.match(/ on audit_log_\w+/g)).toHaveLength(1);
  });
});

/** Explains each statement that it ran, with its rows. */
class ExplainingDatabase extends Database {
  plan = '';

  override async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const result = await super.rows<Row>(text, values);
    const explain = `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${text}`;
    this.plan = (await super.rows<{ 'QUERY PLAN': string }>(explain, values))
      .map((row) => row['QUERY PLAN'])
      .join('\n');
    return result;
  }
}

describe('the relay', () => {
  it('reads only as many events of a backlog as it publishes, also if PostgreSQL believes that there is none', async () => {
    await client.query('ANALYZE outbox');
    await client.query(
      `INSERT INTO outbox (id, event, aggregate_id, payload) SELECT uuid7(), 'test:done', uuid7(), '{}' FROM generate_series(1, 2000)`,
    );
    const explaining = new ExplainingDatabase(source);
    const relay = new RelayRepository(explaining as Database as RelayDatabase);
    await explaining.transaction(async () => {
      expect(await relay.acquireLease(NIL_ID, [])).not.toBeNull();
      expect(await relay.findDue(100)).toHaveLength(100);
    });
    const read = [...explaining.plan.matchAll(/ on outbox_\w+ .*actual rows=(\d+)/g)].map(([, rows]) => Number(rows));
    expect(Math.max(...read)).toBe(100);
    await client.query('DELETE FROM outbox');
  });
});

describe('a message', () => {
  it('is not created again in another month', async () => {
    const planned = new PlannedNotificationsRepository(db);
    const { id } = await one(client, 'SELECT id FROM appointment ORDER BY id LIMIT 1');
    const plan = `INSERT INTO planned_notification (appointment_id, clinic_id, kind, version, due_at)
                  SELECT id, clinic_id, 'APPOINTMENT_MOVED', 77, now() FROM appointment WHERE id = $1`;
    const found = async (): Promise<string[]> =>
      (
        await client.query(
          `SELECT DISTINCT tableoid::regclass::text AS name FROM notification WHERE appointment_id = $1 AND version = 77`,
          [id],
        )
      ).rows.map(({ name }) => name as string);
    await client.query(plan, [id]);
    await planned.createDueDeliveries();
    expect(await found()).toEqual(['partitions.notification_first']);
    await client.query(
      `UPDATE notification SET id = lowest_id(now() + interval '70 days') WHERE appointment_id = $1 AND version = 77 AND channel = 'IN_APP'`,
      [id],
    );
    await client.query(`DELETE FROM notification WHERE appointment_id = $1 AND version = 77 AND channel <> 'IN_APP'`, [
      id,
    ]);
    const [later] = await found();
    await client.query(plan, [id]);
    await planned.createDueDeliveries();
    const { rows } = await client.query(
      `SELECT tableoid::regclass::text AS name FROM notification WHERE appointment_id = $1 AND version = 77 AND channel = 'IN_APP'`,
      [id],
    );
    expect(rows).toEqual([{ name: later }]);
    expect(later).not.toBe('partitions.notification_first');
  });
});

describe('old months', () => {
  const clock = new SettableClock();
  const run = async (settings: Partial<PartitionSettings>, isDryRun = false): Promise<Record<string, string>> => {
    const partitions = new PartitionsRepository(db);
    const service = new OldPartitionsService(db, partitions, ChangeLog.withoutHashes(db), clock);
    const results = await service.run({ RETENTION_AUDIT_DETACHED: 'keep', ...settings }, { isDryRun });
    return Object.fromEntries(
      results.map((one) => [one.name, one.action === 'KEPT' ? `KEPT: ${one.reason}` : one.action]),
    );
  };
  const links = (): AuditLinksRepository => new AuditLinksRepository(db);
  const verify = () => new AuditVerifierService(links()).verify();

  it('stay without a setting, and empty ones are dropped', async () => {
    expect(await run({})).toEqual({});
    await insertEvent(client);
    clock.set(YEARS_LATER);
    const dry = await run({}, true);
    expect(dry).toMatchObject({
      audit_log_first: 'KEPT: RETENTION_AUDIT_MONTHS is not set',
      notification_first: 'KEPT: RETENTION_MESSAGE_DAYS is not set',
      outbox_first: 'KEPT: has rows',
    });
    expect(Object.values(dry)).toContain('DROPPED');
    const before = await one(client, 'SELECT count(*)::int AS n FROM month_partitions()');
    expect(await run({})).toEqual(dry);
    const after = await one(client, 'SELECT count(*)::int AS n FROM month_partitions()');
    expect(before.n - after.n).toBe(Object.values(dry).filter((action) => action === 'DROPPED').length);
  });

  it('of messages are dropped, unless a message is not sent', async () => {
    const settings = { RETENTION_MESSAGE_DAYS: 365 };
    await client.query(`UPDATE notification SET state = 'SENT'`);
    await client.query(
      `INSERT INTO notification (user_id, kind, channel, due_at, next_attempt_at)
       SELECT id, 'MESSAGE_FROM_CLINIC', 'EMAIL', now(), now() FROM user_account LIMIT 1`,
    );
    expect((await run(settings)).notification_first).toBe('KEPT: has messages that are not sent');
    await client.query(`UPDATE notification SET state = 'SENT'`);
    expect((await run(settings)).notification_first).toBe('DROPPED');
    expect(await one(client, `SELECT to_regclass('partitions.notification_first') AS gone`)).toEqual({ gone: null });
    const audit = `SELECT count(*)::int AS n FROM audit_log WHERE action = 'retention.applied' AND changes ? 'messages'`;
    expect((await one(client, audit)).n).toBeGreaterThan(0);
  });

  it('of the audit log are archived when they are linked, and the chains stay verifiable', async () => {
    const settings = { RETENTION_AUDIT_MONTHS: 24 };
    expect((await run(settings)).audit_log_first).toBe('KEPT: has rows that are not linked into a chain');
    await new AuditLinkerService(db, links()).linkAll();
    expect(await verify()).toMatchObject({ archivedRows: 0, brokenChains: 0 });
    expect((await run(settings)).audit_log_first).toBe('ARCHIVED');
    const { n } = await one(client, 'SELECT count(*)::int AS n FROM archive.audit_log_first');
    const result = await verify();
    expect(result.brokenChains).toBe(0);
    expect(result.archivedRows).toBeGreaterThanOrEqual(n);
  });

  it('do not hide a row that was deleted from the months that are left', async () => {
    await client.query(
      `INSERT INTO audit_log (id, action, object_type, object_id) SELECT uuid7(), 'test.done', 'test', uuid7() FROM generate_series(1, 3)`,
    );
    await new AuditLinkerService(db, links()).linkAll();
    expect((await verify()).brokenChains).toBe(0);
    await client.query(`SET session_replication_role = replica`);
    await client.query(
      `DELETE FROM audit_log WHERE id = (SELECT max(id::text)::uuid FROM audit_log WHERE action = 'test.done')`,
    );
    await client.query(`SET session_replication_role = DEFAULT`);
    expect((await verify()).broken.map(({ reason }) => reason)).toEqual(['ROW_MISSING']);
  });

  const countPartitions = async (): Promise<number> =>
    (await one(client, `SELECT count(*)::int AS n FROM month_partitions()`)).n;

  /** Another session reads the outbox until the command has waited for it in vain once. */
  async function blockOnce(): Promise<void> {
    const isBlocked = async (): Promise<boolean> =>
      (await db.row(
        `SELECT 1 AS one FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )) !== null;
    await client.query('BEGIN');
    try {
      await client.query('LOCK TABLE outbox IN ACCESS SHARE MODE');
      await eventually(async () => expect(await isBlocked()).toBe(true));
      await eventually(async () => expect(await isBlocked()).toBe(false));
    } finally {
      await client.query('ROLLBACK');
    }
  }

  it('are listed by the command, which waits for locks and refuses unknown options', async () => {
    const command = (...args: string[]): Promise<{ code: number; stdout: string }> => {
      const env = { PATH: process.env.PATH, DATABASE_URL: database.url, NODE_ENV: 'test' };
      return new Promise((resolve) => {
        execFile(
          process.execPath,
          [builtPath('src/partitions.ts'), ...args],
          { env, timeout: 60_000 },
          (error, stdout) => resolve({ code: error ? Number(error.code) : 0, stdout }),
        );
      });
    };
    expect(await command('--dry-run')).toEqual({ code: 0, stdout: '' });
    const before = await countPartitions();
    const [done] = await Promise.all([command(), blockOnce()]);
    expect(done.code).toBe(0);
    const created = (await countPartitions()) - before;
    expect(created).toBeGreaterThan(0);
    expect(done.stdout).toBe(`${created} partitions created\n`);
    expect((await command('--now')).code).toBe(1);
  });
});
