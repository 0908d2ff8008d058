import { readFile } from 'node:fs/promises';
import { expect, it, test } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import type { MigrationClass } from '../../src/core/database/schema-state.js';
import { LIVE_MIGRATIONS } from '../support/live-migrations.js';
import { findProblems, RULE_NAMES } from '../support/migration-rules.js';

/** The last migration before the rules. Those before were released, or ran on small tables, and are not changed any more. */
const LAST_UNCHECKED = 'ScanSets1763891000040';

type Checked = MigrationClass & { accepts?: Record<string, string> };

const createMigration = (statements: string[], { additive = true, transaction = true, accepts = {} } = {}): Checked =>
  class Example {
    static readonly additive = additive;
    static readonly accepts: Record<string, string> = accepts;
    readonly transaction = transaction;
    async up(db: QueryRunner): Promise<void> {
      for (const statement of statements) await db.query(statement);
    }
    async down(): Promise<void> {}
  };

it('finds nothing in the migrations of the next release', async () => {
  const names = MIGRATIONS.map(({ name }) => name);
  expect(names).toContain(LAST_UNCHECKED);
  const checked = MIGRATIONS.slice(names.indexOf(LAST_UNCHECKED) + 1);
  expect((await Promise.all(checked.map(findProblems))).flat()).toEqual([]);
});

it('finds nothing in the patterns that docs/live-migrations.md recommends', async () => {
  expect((await Promise.all(LIVE_MIGRATIONS.map(findProblems))).flat()).toEqual([]);
});

test.each([
  ['CREATE INDEX a ON faq (category)', 'index without CONCURRENTLY'],
  ['CREATE INDEX CONCURRENTLY a ON faq (category)', 'statement that needs transaction = false'],
  ['ALTER TABLE faq ADD CONSTRAINT a CHECK (position > 1)', 'constraint without NOT VALID'],
  ['ALTER TABLE faq ADD FOREIGN KEY (topic) REFERENCES topic', 'constraint without NOT VALID'],
  ['ALTER TABLE faq ADD CONSTRAINT a UNIQUE (question)', 'constraint that builds an index'],
  ['ALTER TABLE hold ADD CONSTRAINT a EXCLUDE USING gist (x WITH =)', 'constraint that builds an index'],
  ['ALTER TABLE faq ALTER COLUMN category SET NOT NULL', 'NOT NULL that reads the whole table'],
  ['ALTER TABLE faq ADD COLUMN a int CHECK (a > 0)', 'column with a check that reads the whole table'],
  ['ALTER TABLE faq ALTER topic TYPE varchar', 'change of type'],
  ['ALTER TABLE faq ADD COLUMN a text GENERATED ALWAYS AS (lower(topic)) STORED', 'generated column'],
  ['ALTER TABLE faq\n  ADD COLUMN a uuid DEFAULT uuid7()', 'column with a volatile default'],
  ['ALTER TABLE faq ADD COLUMN a int NOT NULL', 'NOT NULL column without a default'],
  ['LOCK TABLE faq', 'lock or rewrite of a table'],
  ['UPDATE faq SET position = 1', 'change of all rows in one statement'],
  ['SELECT 1; DELETE FROM faq', 'change of all rows in one statement'],
  ['ALTER TABLE appointment RENAME COLUMN notes TO remarks', 'removal or renaming in an additive migration'],
  ['ALTER TABLE faq DROP COLUMN topic', 'removal or renaming in an additive migration'],
])('finds in %j: %s', async (statement, rule) => {
  const [problem, ...others] = await findProblems(createMigration([statement]));
  expect([problem?.startsWith(`Example: ${rule}: `), others]).toEqual([true, []]);
});

it('finds a constraint that is validated in the transaction that adds it', async () => {
  const statements = [
    'ALTER TABLE faq ADD CONSTRAINT a CHECK (position > 1) NOT VALID',
    'ALTER TABLE faq VALIDATE CONSTRAINT a',
  ];
  expect(await findProblems(createMigration(statements))).toHaveLength(1);
  expect(await findProblems(createMigration(statements, { transaction: false }))).toEqual([]);
});

test.each([
  ['a column with a constant default', 'ALTER TABLE faq ADD COLUMN a int NOT NULL DEFAULT 0'],
  ['a column that may be null', 'ALTER TABLE faq ADD COLUMN a uuid REFERENCES topic'],
  ['a table and its index', 'CREATE TABLE a (id int); CREATE INDEX b ON a (id); ALTER TABLE a ALTER id TYPE text'],
  ['a function', `CREATE FUNCTION a() RETURNS void AS $$ BEGIN; UPDATE faq SET position = 1; END $$ LANGUAGE plpgsql`],
])('allows %s', async (_name, statement) => {
  expect(await findProblems(createMigration([statement]))).toEqual([]);
});

it('allows removals in a migration that is not additive, and what a migration accepts with a reason', async () => {
  const rename = ['ALTER TABLE faq RENAME COLUMN topic TO area'];
  expect(await findProblems(createMigration(rename, { additive: false }))).toEqual([]);
  const index = ['CREATE INDEX a ON clinic (name)'];
  const accepting = (reason: string) =>
    findProblems(createMigration(index, { accepts: { 'index without CONCURRENTLY': reason } }));
  expect(await accepting('A row for each clinic.')).toEqual([]);
  expect(await accepting('')).toHaveLength(1);
});

test('docs/live-migrations.md names each rule and the migration after which they apply', async () => {
  const page = await readFile('docs/live-migrations.md', 'utf8');
  expect([...RULE_NAMES, LAST_UNCHECKED].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
