import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import { ormconfig } from '../../ormconfig.js';
import { createDataSource } from '../../src/core/database/data-source.js';
import { migrate, revert } from '../../src/migrate.js';
import { createDatabase, createMigratedDatabase, dropDatabase } from '../support/app.js';
import { type SchemaObjects, differences, readSchemaObjects } from '../support/schema-objects.js';

/** Objects that TypeORM cannot declare: they are in the migrated schema and in no entity. All others must be in both. */
const ONLY_IN_MIGRATIONS = [
  // Indexes on expressions.
  'index audit_log_clients',
  'index doctor_speciality',
  'index payment_open',
  'index service_price_key',
  'sequence neuroaid_id_number',
  'storage options schedule_revision',
  // With an operator class.
  'index audit_log_action',
  'trigger audit_link.audit_link_append_only',
  'trigger audit_link.audit_link_no_truncate',
  'trigger audit_log.audit_log_append_only',
  'trigger consent.consent_append_only',
  'trigger consent.consent_no_truncate',
  'trigger audit_log.audit_log_no_truncate',
  'trigger ledger_entry.ledger_balanced',
  'trigger ledger_entry.ledger_entry_append_only',
  'trigger ledger_entry.ledger_entry_no_truncate',
  ...['clinic', 'doctor', 'faq', 'service', 'service_doctor'].map((table) => `trigger ${table}.cached_rows_changed`),
  ...[
    'clinic',
    'clinic_closure',
    'doctor',
    'resource',
    'schedule_exception',
    'service',
    'service_doctor',
    'service_price',
    'weekly_rule',
  ].flatMap((table) => [`trigger ${table}.schedule_changed`, `trigger ${table}.schedule_truncated`]),
  ...[
    'appointment',
    'break_glass',
    'client_clinic',
    'guardian',
    'hold',
    'payment',
    'queue_entry',
    'referral',
    'scan',
    'scan_set',
    'stroke_assessment',
    'waitlist_entry',
  ].map((table) => `trigger ${table}.client_not_merged`),
  'view clinic_patient',
  'view typeorm_metadata',
].sort();

/** TypeORM cannot declare that a table is partitioned. Its columns, keys and indexes must be in both. */
const PARTITIONED = ['table audit_log', 'table notification', 'table outbox'];

/** Generated columns and constraints use some of them, so they must exist before the entities' schema is built. */
const PREREQUISITES = [
  'extension btree_gist',
  'extension pg_trgm',
  'extension plpgsql',
  'extension unaccent',
  'function assert_client_not_merged()',
  'function assert_ledger_balanced()',
  'function cached_rows_changed()',
  'function create_next_partition(integer)',
  'function default_partition_rows()',
  'function lowest_id(timestamp with time zone)',
  'function month_partitions()',
  'function mrn_key(text)',
  'function phone_digits(text)',
  'function refuse_change()',
  'function refuse_change_of_table()',
  'function schedule_changed()',
  'function search_fold(text)',
  'function uuid7()',
];

let migrated: { name: string; url: string };
let built: { name: string; url: string };
let db: pg.Client;
let dataSource: DataSource;
let entities: SchemaObjects;

beforeAll(async () => {
  migrated = await createMigratedDatabase();
  db = new pg.Client({ connectionString: migrated.url });
  await db.connect();
  dataSource = await createDataSource(ormconfig, migrated.url).initialize();
  built = await createMigratedDatabase();
  entities = await buildFromEntities(built.url);
});

afterAll(async () => {
  await dataSource.destroy();
  await db.end();
  await dropDatabase(migrated.name);
  await dropDatabase(built.name);
});

/** Builds a schema with the extensions and functions of the migrations and everything else from the entities. */
async function buildFromEntities(url: string): Promise<SchemaObjects> {
  const source = await createDataSource(ormconfig, url).initialize();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const name of (await readSchemaObjects(client)).keys()) {
      const [, kind, object] = /^(table|view|sequence) (.*)$/.exec(name) ?? [];
      if (kind) await client.query(`DROP ${kind} IF EXISTS ${object} CASCADE`);
    }
    await source.driver.createSchemaBuilder().build();
    await client.query('DROP TABLE typeorm_metadata');
    return withoutPrerequisites(await readSchemaObjects(client));
  } finally {
    await client.end();
    await source.destroy();
  }
}

const isPrerequisite = (name: string): boolean => /^(extension|function) /.test(name);

const withoutPrerequisites = (objects: SchemaObjects): SchemaObjects =>
  new Map([...objects].filter(([name]) => !isPrerequisite(name)));

/** Without the table in which TypeORM stores which migrations ran: it has no entity. */
async function readMigrated(): Promise<SchemaObjects> {
  const objects = [...(await readSchemaObjects(db))].filter(
    ([name, definition]) =>
      !/^\w+ migration(\.|_id_seq$|$)/.test(name) && !definition.includes(' ON public.migration '),
  );
  return new Map(objects);
}

test('TypeORM finds nothing to change in the migrated schema', async () => {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  expect(upQueries.map(({ query }) => query)).toEqual([]);
});

test('the entities describe the migrated schema, except for the objects that TypeORM cannot declare', async () => {
  const objects = await readMigrated();
  expect([...objects.keys()].filter(isPrerequisite)).toEqual(PREREQUISITES);
  const different = differences(withoutPrerequisites(objects), entities);
  expect(different).toEqual([...ONLY_IN_MIGRATIONS, ...PARTITIONED].sort());
  expect(PARTITIONED.map((name) => objects.get(name))).toEqual(PARTITIONED.map(() => 'RANGE (id)'));
  expect(ONLY_IN_MIGRATIONS.filter((name) => entities.has(name))).toEqual([]);
});

const CHANGES: [change: string, difference: string][] = [
  ['CREATE TABLE unknown (id int)', 'table unknown'],
  ['DROP TABLE favorite', 'table favorite'],
  ['CREATE VIEW unknown AS SELECT 1 AS one', 'view unknown'],
  ['CREATE SEQUENCE unknown', 'sequence unknown'],
  ['CREATE TYPE unknown AS ENUM ()', 'type unknown'],
  ['ALTER TABLE faq ADD unknown text', 'column faq.unknown'],
  ['ALTER TABLE faq DROP COLUMN category CASCADE', 'column faq.category'],
  ['ALTER TABLE faq ALTER topic TYPE varchar', 'column faq.topic'],
  ['ALTER TABLE service ALTER currency TYPE char(4)', 'column service.currency'],
  ['ALTER TABLE faq ALTER topic DROP NOT NULL', 'column faq.topic'],
  ['ALTER TABLE faq ALTER category SET NOT NULL', 'column faq.category'],
  ['ALTER TABLE faq ALTER position SET DEFAULT 1', 'column faq.position'],
  ['ALTER TABLE faq ALTER position DROP DEFAULT', 'column faq.position'],
  ['ALTER TABLE outbox ALTER sequence SET GENERATED BY DEFAULT', 'column outbox.sequence'],
  [
    `ALTER TABLE faq ALTER question_search SET EXPRESSION AS (to_tsvector('simple', topic))`,
    'column faq.question_search',
  ],
  ['ALTER TABLE favorite DROP CONSTRAINT favorite_pkey', 'constraint favorite.favorite_pkey'],
  [
    'ALTER TABLE favorite DROP CONSTRAINT favorite_user_id_doctor_id_key',
    'constraint favorite.favorite_user_id_doctor_id_key',
  ],
  ['ALTER TABLE favorite DROP CONSTRAINT favorite_doctor_id_fkey', 'constraint favorite.favorite_doctor_id_fkey'],
  [
    `ALTER TABLE favorite DROP CONSTRAINT favorite_doctor_id_fkey,
       ADD CONSTRAINT favorite_doctor_id_fkey FOREIGN KEY (doctor_id) REFERENCES doctor ON DELETE CASCADE`,
    'constraint favorite.favorite_doctor_id_fkey',
  ],
  ['ALTER TABLE faq ADD UNIQUE (question)', 'constraint faq.faq_question_key'],
  [
    `ALTER TABLE faq DROP CONSTRAINT faq_position_check, ADD CONSTRAINT faq_position_check CHECK (position >= 0)`,
    'constraint faq.faq_position_check',
  ],
  ['ALTER TABLE faq ADD CONSTRAINT unknown CHECK (position > 1)', 'constraint faq.unknown'],
  [
    `ALTER TABLE reservation DROP CONSTRAINT reservation_no_overlap, ADD CONSTRAINT reservation_no_overlap
       EXCLUDE USING gist (resource_id WITH =, during WITH &&, group_id WITH <>) WHERE (NOT active)`,
    'constraint reservation.reservation_no_overlap',
  ],
  ['CREATE INDEX unknown ON faq (category)', 'index unknown'],
  ['CREATE INDEX unknown ON faq (lower(category))', 'index unknown'],
  ['DROP INDEX faq_order', 'index faq_order'],
  ['DROP INDEX doctor_speciality; CREATE INDEX doctor_other ON doctor (lower(speciality))', 'index doctor_other'],
  ['DROP INDEX faq_order; CREATE INDEX faq_order ON faq (id, position)', 'index faq_order'],
  ['DROP INDEX outbox_parked; CREATE INDEX outbox_parked ON outbox (sequence)', 'index outbox_parked'],
  ['CREATE TRIGGER unknown AFTER INSERT ON faq EXECUTE FUNCTION schedule_changed()', 'trigger faq.unknown'],
  ['ALTER TABLE faq SET (fillfactor = 60)', 'storage options faq'],
];

test.each(CHANGES)('the comparison of schemas finds %s', async (change, difference) => {
  await db.query('BEGIN');
  try {
    await db.query(change);
    const found = differences(withoutPrerequisites(await readMigrated()), entities);
    expect(found).toContain(difference);
  } finally {
    await db.query('ROLLBACK');
  }
});

test('a schema that is migrated down to nothing and up again does not change', async () => {
  const { name, url } = await createDatabase();
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await migrate(url);
    const first = await readSchemaObjects(client);
    expect(await revert(url, MIGRATIONS.length)).toEqual(MIGRATIONS.map((migration) => migration.name).reverse());
    const left = [...(await readSchemaObjects(client)).keys()].filter((object) =>
      /^(table|view|function|type) /.test(object),
    );
    expect(left).toEqual(['table migration', 'table typeorm_metadata']);
    await migrate(url);
    expect(Object.fromEntries(await readSchemaObjects(client))).toEqual(Object.fromEntries(first));
  } finally {
    await client.end();
    await dropDatabase(name);
  }
});

/** Needs `npm run build`. */
test('the files of the image suffice for the migrations and the TypeORM command line, and both find the database up to date', async () => {
  const image = await mkdtemp(join(resolve('.data'), 'image-'));
  const run = async (...args: string[]): Promise<string> => {
    const env = { PATH: process.env.PATH, DATABASE_URL: migrated.url, NODE_ENV: 'test' };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: image, env, timeout: 60_000 });
    return stdout;
  };
  try {
    const dockerfile = await readFile('Dockerfile', 'utf8');
    for (const [, from = '', to = ''] of dockerfile.matchAll(/^COPY --from=build \/app\/(\S+) (\S+)$/gm)) {
      await cp(from, join(image, to.endsWith('/') ? join(to, basename(from)) : to), { recursive: true });
    }
    await symlink(resolve('node_modules'), join(image, 'node_modules'));
    expect(await run('dist/src/migrate.js', 'status')).toContain(
      `Applied: ${MIGRATIONS.length} of ${MIGRATIONS.length}`,
    );
    await expect(run('dist/src/migrate.js', 'up', '1')).rejects.toThrow('Usage:');
    const typeorm = (command: string): Promise<string> =>
      run('node_modules/typeorm/cli.js', '-d', 'dist/ormconfig.js', command);
    expect((await typeorm('migration:show')).match(/^\[X\]/gm)).toHaveLength(MIGRATIONS.length);
    expect(await typeorm('schema:log')).toContain('Your schema is up to date');
  } finally {
    await rm(image, { recursive: true, force: true });
  }
});
