import type { Pool, PoolClient } from 'pg';

/** What a request waits for a lock before it fails (`DATABASE_TIMEOUT_SECONDS` / 2 of production). */
const LOCK_TIMEOUT_MS = 2_000;
const LOCK_NOT_AVAILABLE = '55P03';
/** The table was dropped after the tables were listed. */
const UNDEFINED_TABLE = '42P01';

/**
 * Runs `work` while a session takes the lock of a writing statement on every table, one after the other, again and again.
 * @param work gets the tables that were found so far
 * @returns the tables whose lock the session did not get before its `lock_timeout`: requests that write to them would fail
 */
export async function findBlockedTables(
  db: Pool,
  work: (blocked: ReadonlySet<string>) => Promise<void>,
): Promise<string[]> {
  const blocked = new Set<string>();
  const session = await db.connect();
  let isOver = false;
  const probe = async (): Promise<void> => {
    await session.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    while (!isOver) await probeTables(session, blocked);
  };
  const probing = probe();
  try {
    await Promise.all([work(blocked).finally(() => (isOver = true)), probing]);
  } finally {
    await probing.catch(() => undefined);
    // Closes the session, so that nobody else gets its lock_timeout.
    session.release(true);
  }
  return [...blocked];
}

async function probeTables(session: PoolClient, blocked: Set<string>): Promise<void> {
  const { rows } = await session.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class
     WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace ORDER BY name`,
  );
  for (const { name } of rows) {
    try {
      await session.query(`BEGIN; LOCK TABLE ONLY ${name} IN ROW EXCLUSIVE MODE; COMMIT`);
    } catch (error) {
      await session.query('ROLLBACK');
      const { code } = error as { code?: string };
      if (code === LOCK_NOT_AVAILABLE) blocked.add(name);
      else if (code !== UNDEFINED_TABLE) throw error;
    }
  }
}
