import type { QueryRunner } from 'typeorm';

/** What migrations of tables in use need (docs/live-migrations.md). They run outside a transaction: `readonly transaction = false`. */

/**
 * Creates an index while the table is written. An invalid one that an earlier attempt left is dropped first.
 * @param definition what follows CREATE INDEX CONCURRENTLY and the name, such as `ON faq (category)`
 */
export async function createIndexConcurrently(
  db: QueryRunner,
  name: string,
  definition: string,
  { unique = false } = {},
): Promise<void> {
  await dropIndexConcurrently(db, name);
  await withoutLockTimeout(db, `CREATE ${unique ? 'UNIQUE ' : ''}INDEX CONCURRENTLY ${name} ${definition}`);
}

export const dropIndexConcurrently = (db: QueryRunner, name: string): Promise<void> =>
  withoutLockTimeout(db, `DROP INDEX CONCURRENTLY IF EXISTS ${name}`);

/** Checks the existing rows of a constraint that was added as NOT VALID. */
export const validateConstraint = (db: QueryRunner, table: string, name: string): Promise<void> =>
  withoutLockTimeout(db, `ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`);

/** These statements block no reads and no writes, and wait for transactions that started before them. */
async function withoutLockTimeout(db: QueryRunner, statement: string): Promise<void> {
  await db.query(`SET lock_timeout = 0`);
  try {
    await db.query(statement);
  } finally {
    await db.query('RESET lock_timeout');
  }
}

/**
 * Repeats a statement that changes at most $1 rows, each time in its own transaction, until it changes none. It must change only rows
 * that it has not changed yet, so that it can be interrupted and repeated.
 */
export async function changeInBatches(db: QueryRunner, statement: string, size = 1_000): Promise<void> {
  for (;;) {
    const [row] = (await db.query(
      `WITH changed AS (${statement} RETURNING 1) SELECT count(*)::int AS count FROM changed`,
      [size],
    )) as { count: number }[];
    if (!row?.count) return;
  }
}
