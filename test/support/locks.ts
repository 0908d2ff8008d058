import type { Pool, PoolClient } from 'pg';

/** Returns how many sessions of this database are waiting for a lock. */
export async function countLockWaits(db: Pool): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? -1;
}

/** Returns how many deadlocks this database has had. */
export async function countDeadlocks(db: Pool): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()`,
  );
  return rows[0]?.n ?? -1;
}

/** Runs `work` with a transaction of its own, which is rolled back at the end if `work` has not committed it. */
export async function inTransaction<T>(db: Pool, work: (transaction: PoolClient) => Promise<T>): Promise<T> {
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

/**
 * Locks a table, so that statements that write to it wait.
 * @returns releases the lock; further calls do nothing
 */
export async function lockTable(db: Pool, table: string, mode = 'EXCLUSIVE'): Promise<() => Promise<void>> {
  const holder = await db.connect();
  let isHeld = true;
  const release = async (): Promise<void> => {
    if (!isHeld) return;
    isHeld = false;
    await holder.query('ROLLBACK');
    holder.release();
  };
  await holder.query('BEGIN');
  await holder.query(`LOCK TABLE ${table} IN ${mode} MODE`);
  return release;
}

/** Runs `work` while statements that name the table fail. */
export async function withoutTable<T>(db: Pool, table: string, work: () => Promise<T>): Promise<T> {
  await db.query(`ALTER TABLE ${table} RENAME TO ${table}_away`);
  try {
    return await work();
  } finally {
    await db.query(`ALTER TABLE ${table}_away RENAME TO ${table}`);
  }
}
