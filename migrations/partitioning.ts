import type { QueryRunner } from 'typeorm';
import { validateConstraint } from './live.js';

/** Partitions a table by the month of its ids and undoes it (docs/scaling.md, "Growth"). Both outside a transaction: `transaction = false`. */

/** The first day that is not in the first partition: of the month after next, so that a stopped migration has a month to be repeated. */
function firstBound(now: Date): string {
  const milliseconds = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2);
  const digits = milliseconds.toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000`;
}

/** What these migrations do against the rules of migrations, with the reasons (test/support/migration-rules.ts). */
export const ACCEPTED = {
  'lock or rewrite of a table': 'Locked for changes of the catalog. No row is read.',
  'removal or renaming in an additive migration': 'The new table has the name and the columns of the old one.',
};

/** Statements of a table's own. They run while it is locked. */
interface OwnStatements {
  /** Before the table becomes a partition. */
  before?: readonly string[];
  /** On the new table, which has no partitions yet. */
  created?: readonly string[];
  /** At the end. */
  after?: readonly string[];
}

/**
 * Makes the existing table the first partition of a new table with its name. No row is read while the table is locked, because a valid
 * constraint already proves that all ids are below the bound. Rows with other ids than UUIDv7 are moved into the default partition.
 */
export async function partitionByMonth(db: QueryRunner, table: string, own: OwnStatements = {}): Promise<void> {
  if (!(await isPartitioned(db, table))) await makePartitioned(db, table, own);
  await createComing(db);
}

async function makePartitioned(db: QueryRunner, table: string, own: OwnStatements): Promise<void> {
  const bound = firstBound(new Date());
  await db.query(`ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${table}_first_bound`);
  const [other] = (await db.query(`SELECT 1 FROM ${table} WHERE id >= '${bound}' LIMIT 1`)) as unknown[];
  if (!other) {
    await db.query(`ALTER TABLE ${table} ADD CONSTRAINT ${table}_first_bound CHECK (id < '${bound}') NOT VALID`);
    await validateConstraint(db, table, `${table}_first_bound`);
  }
  await inTransaction(db, [
    lockTables(table),
    ...(own.before ?? []),
    moveToPartitions(table),
    `CREATE TABLE ${table} (LIKE partitions.${table}_first INCLUDING DEFAULTS INCLUDING STORAGE) PARTITION BY RANGE (id)`,
    ...(own.created ?? []),
    copyDefinitions(table),
    `CREATE TABLE partitions.${table}_default PARTITION OF ${table} DEFAULT`,
    addLocalObjects(table),
    `WITH moved AS (DELETE FROM partitions.${table}_first WHERE id >= '${bound}' RETURNING *)
       INSERT INTO partitions.${table}_default OVERRIDING SYSTEM VALUE SELECT * FROM moved`,
    `ALTER TABLE ${table} ATTACH PARTITION partitions.${table}_first FOR VALUES FROM (MINVALUE) TO ('${bound}')`,
    `ALTER TABLE partitions.${table}_first DROP CONSTRAINT IF EXISTS ${table}_first_bound`,
    ...(own.after ?? []),
  ]);
}

/** Makes one table again. Until the first bound, at least a month later, the other partitions are empty and nothing is copied. */
export async function undoPartitioning(db: QueryRunner, table: string, own: OwnStatements = {}): Promise<void> {
  if (!(await isPartitioned(db, table))) return;
  await inTransaction(db, [
    lockTables(table),
    `ALTER TABLE ${table} DETACH PARTITION partitions.${table}_first`,
    ...(own.before ?? []),
    `INSERT INTO partitions.${table}_first OVERRIDING SYSTEM VALUE SELECT * FROM ${table}`,
    restoreTable(table),
    ...(own.after ?? []),
  ]);
}

/** Each in a transaction of its own, because it locks other tables too. */
async function createComing(db: QueryRunner): Promise<void> {
  for (;;) {
    const [created] = (await db.query('SELECT create_next_partition() AS name')) as { name: string | null }[];
    if (!created?.name) return;
  }
}

export async function isPartitioned(db: QueryRunner, table: string): Promise<boolean> {
  const rows = (await db.query(
    `SELECT 1 FROM pg_partitioned_table WHERE partrelid = '${table}'::regclass`,
  )) as unknown[];
  return rows.length > 0;
}

async function inTransaction(db: QueryRunner, statements: readonly string[]): Promise<void> {
  await db.query('BEGIN');
  try {
    for (const statement of statements) await db.query(statement);
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK');
    throw error;
  }
}

/**
 * Locks the table and those of its foreign keys, whose triggers change. Requests lock the same tables in various orders, so a long wait would
 * end in a deadlock with one of them: instead, short waits are repeated. A failed one gives back what it has locked.
 * @throws lock_not_available after some twenty seconds; the migration is then repeated
 */
const lockTables = (table: string): string => `DO $lock$
  DECLARE locked regclass;
  BEGIN
    SET LOCAL lock_timeout = '50ms';
    FOR attempt IN 1..200 LOOP
      BEGIN
        FOR locked IN SELECT confrelid FROM pg_constraint WHERE conrelid = '${table}'::regclass AND contype = 'f'
                      UNION SELECT '${table}'::regclass ORDER BY 1 LOOP
          EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', locked);
        END LOOP;
        RETURN;
      EXCEPTION WHEN lock_not_available THEN
        IF attempt = 200 THEN RAISE; END IF;
        PERFORM pg_sleep(random() * 0.1);
      END;
    END LOOP;
  END $lock$`;

// In a block, because an identity and the triggers of rows belong to the parent and differ from table to table.
const moveToPartitions = (table: string): string => `DO $move$
  DECLARE one record;
  BEGIN
    ALTER TABLE ${table} RENAME TO ${table}_first;
    ALTER TABLE ${table}_first SET SCHEMA partitions;
    FOR one IN SELECT tgname FROM pg_trigger
               WHERE tgrelid = 'partitions.${table}_first'::regclass AND NOT tgisinternal AND (tgtype & 1) = 1 LOOP
      EXECUTE format('DROP TRIGGER %I ON partitions.${table}_first', one.tgname);
    END LOOP;
  END $move$`;

/** PL/pgSQL: begins a loop over the privileges of other roles than the owner. @param table an expression of its regclass */
const forEachPrivilege = (table: string): string =>
  `FOR one IN SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS role, privilege_type AS privilege
               FROM pg_class c, aclexplode(c.relacl) WHERE c.oid = ${table} AND grantee <> c.relowner LOOP`;

/** Constraints, indexes and privileges of the first partition. Its unique indexes without the id stay with each partition. */
const copyDefinitions = (table: string): string => `DO $copy$
  DECLARE one record; old regclass := 'partitions.${table}_first';
  BEGIN
    FOR one IN SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
               WHERE conrelid = old AND contype IN ('c', 'f', 'p') AND conname <> '${table}_first_bound' ORDER BY oid LOOP
      EXECUTE format('ALTER TABLE ${table} ADD CONSTRAINT %I %s', one.conname, one.definition);
    END LOOP;
    FOR one IN SELECT c.relname AS name, pg_get_indexdef(x.indexrelid) AS definition
               FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = old AND NOT x.indisunique ORDER BY x.indexrelid LOOP
      EXECUTE format('CREATE INDEX %I ON ${table} %s', one.name, substring(one.definition FROM ' (USING .*)$'));
    END LOOP;
    ${forEachPrivilege('old')}
      EXECUTE format('GRANT %s ON ${table} TO %s', one.privilege, one.role);
      EXECUTE format('REVOKE %s ON %s FROM %s', one.privilege, old, one.role);
    END LOOP;
  END $copy$`;

/** The default partition is the pattern of those that are created later: it gets the unique indexes that the parent cannot have. */
const addLocalObjects = (table: string): string => `DO $local$
  DECLARE one record;
  BEGIN
    FOR one IN SELECT c.relname AS name, pg_get_indexdef(x.indexrelid) AS definition
               FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
               WHERE x.indrelid = 'partitions.${table}_first'::regclass AND x.indisunique AND NOT x.indisprimary LOOP
      EXECUTE format('CREATE UNIQUE INDEX %I ON partitions.${table}_default %s',
        replace(one.name, '${table}', '${table}_default'), substring(one.definition FROM ' (USING .*)$'));
    END LOOP;
  END $local$`;

const restoreTable = (table: string): string => `DO $restore$
  DECLARE one record;
  BEGIN
    ${forEachPrivilege(`'${table}'::regclass`)}
      EXECUTE format('GRANT %s ON partitions.${table}_first TO %s', one.privilege, one.role);
    END LOOP;
    DROP TABLE ${table};
    ALTER TABLE partitions.${table}_first SET SCHEMA public;
    ALTER TABLE ${table}_first RENAME TO ${table};
  END $restore$`;
