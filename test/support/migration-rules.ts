import type { QueryRunner } from 'typeorm';
import type { MigrationClass } from '../../src/core/database/schema-state.js';

/**
 * Finds statements of migrations that block requests or break the previous release (docs/live-migrations.md). Tables that the same
 * migration creates are exempt: nobody uses them yet.
 */

interface Rule {
  name: string;
  finds: RegExp;
  /** What makes a match harmless. */
  unless?: RegExp;
  /** Only for migrations that are marked as additive. */
  isAboutOldProcesses?: boolean;
}

const TABLE =
  /^(?:ALTER TABLE(?: IF EXISTS)?(?: ONLY)?|UPDATE(?: ONLY)?|DELETE FROM(?: ONLY)?|TRUNCATE(?: TABLE)?|LOCK(?: TABLE)?|DROP TABLE(?: IF EXISTS)?)\s+(\w+)/i;
const INDEXED_TABLE = /^CREATE (?:UNIQUE )?INDEX .*?\bON (?:ONLY )?(\w+)/i;
const VOLATILE = /\b(uuid7|uuidv7|uuidv4|gen_random_uuid|random|clock_timestamp|timeofday|nextval)\s*\(/i;

const RULES: Rule[] = [
  { name: 'index without CONCURRENTLY', finds: /^CREATE (UNIQUE )?INDEX\b/i, unless: /\bCONCURRENTLY\b/i },
  {
    name: 'constraint without NOT VALID',
    finds: /\bADD (CONSTRAINT \w+ )?(CHECK|FOREIGN KEY)\b/i,
    unless: /\bNOT VALID\b/i,
  },
  {
    name: 'constraint that builds an index',
    finds: /\bADD (CONSTRAINT \w+ )?(UNIQUE|PRIMARY KEY|EXCLUDE)\b/i,
    unless: /\bUSING INDEX\b/i,
  },
  { name: 'NOT NULL that reads the whole table', finds: /\bALTER (COLUMN )?\w+ SET NOT NULL\b/i },
  {
    name: 'column with a check that reads the whole table',
    finds: /\bADD (COLUMN )?(?!CONSTRAINT\b|CHECK\b)(IF NOT EXISTS )?\w+ [^,]*\b(CHECK|UNIQUE|PRIMARY KEY)\b/i,
  },
  { name: 'change of type', finds: /\bALTER (COLUMN )?\w+ (SET DATA )?TYPE\b/i },
  { name: 'generated column', finds: /\bADD (COLUMN )?\w+ .*\bGENERATED\b|\bADD (COLUMN )?\w+ (big|small)?serial\b/i },
  {
    name: 'column with a volatile default',
    finds: new RegExp(`\\bADD (COLUMN )?\\w+ .*\\bDEFAULT\\b.*${VOLATILE.source}`, 'i'),
  },
  {
    name: 'NOT NULL column without a default',
    finds: /\bADD (COLUMN )?(?!CONSTRAINT\b)\w+ [^,]*\bNOT NULL\b/i,
    unless: /\bDEFAULT\b|\bGENERATED\b/i,
  },
  { name: 'lock or rewrite of a table', finds: /^(LOCK|TRUNCATE|CLUSTER|REINDEX(?!.*CONCURRENTLY)|VACUUM.*FULL)\b/i },
  { name: 'change of all rows in one statement', finds: /^(UPDATE|DELETE FROM)\b/i },
  {
    name: 'removal or renaming in an additive migration',
    finds: /\bRENAME\b|\bDROP COLUMN\b|^DROP (TABLE|VIEW|FUNCTION|TYPE|SEQUENCE)\b|\bSET SCHEMA\b/i,
    isAboutOldProcesses: true,
  },
];

const NEEDS_NO_TRANSACTION = 'statement that needs transaction = false';
const VALIDATED_AT_ONCE = 'VALIDATE in the transaction of ADD CONSTRAINT';

export const RULE_NAMES = [...RULES.map(({ name }) => name), NEEDS_NO_TRANSACTION, VALIDATED_AT_ONCE];

const OUTSIDE_A_TRANSACTION = /^(CREATE|DROP|REINDEX)\b.*\bCONCURRENTLY\b|^VACUUM\b/i;

/**
 * A migration may name a rule that it breaks, with the reason why that is harmless:
 * `static readonly accepts = { 'index without CONCURRENTLY': 'One row for each clinic.' }`.
 */
type CheckedMigration = MigrationClass & { readonly accepts?: Record<string, string> };

/** @returns one line for each statement that breaks a rule, without those that the migration accepts with a reason */
export async function findProblems(migration: CheckedMigration): Promise<string[]> {
  const instance = new migration();
  const statements = await record(instance.up.bind(instance));
  const created = new Set(statements.flatMap((one) => /^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/i.exec(one)?.[1] ?? []));
  const isTransactional = instance.transaction ?? true;
  const problems = statements.flatMap((statement) => {
    const table = (TABLE.exec(statement) ?? INDEXED_TABLE.exec(statement))?.[1];
    const rules = table && created.has(table) ? [] : findBroken(statement, migration.additive ?? false);
    if (isTransactional && OUTSIDE_A_TRANSACTION.test(statement)) rules.push(NEEDS_NO_TRANSACTION);
    return rules.map((name) => ({ name, statement }));
  });
  const added = statements.flatMap((one) => /\bADD CONSTRAINT (\w+) .*NOT VALID/i.exec(one)?.[1] ?? []);
  for (const statement of statements) {
    const validated = /\bVALIDATE CONSTRAINT (\w+)/i.exec(statement)?.[1];
    if (isTransactional && validated && added.includes(validated))
      problems.push({ name: VALIDATED_AT_ONCE, statement });
  }
  return problems
    .filter(({ name }) => !migration.accepts?.[name]?.trim())
    .map(({ name, statement }) => `${migration.name}: ${name}: ${statement}`);
}

const findBroken = (statement: string, isAdditive: boolean): string[] =>
  RULES.filter(({ isAboutOldProcesses }) => !isAboutOldProcesses || isAdditive)
    .filter(({ finds, unless }) => finds.test(statement) && !unless?.test(statement))
    .map(({ name }) => name);

/** Calls a migration with a connection that only writes down its statements. Queries find no rows. */
async function record(up: (db: QueryRunner) => Promise<unknown>): Promise<string[]> {
  const texts: string[] = [];
  const query = async (text: string): Promise<object[]> => {
    texts.push(text);
    return [];
  };
  await up({ query, connection: { query } } as unknown as QueryRunner);
  return texts.flatMap(splitStatements);
}

/** Splits at semicolons outside of dollar quotes, and makes one line of each statement, without comments. */
const splitStatements = (text: string): string[] =>
  (text.replace(/--.*$/gm, '').match(/(\$\w*\$[\s\S]*?\$\w*\$|[^;])+/g) ?? [])
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
