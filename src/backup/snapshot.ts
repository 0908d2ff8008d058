import { Client } from 'pg';

/** The rows of a table: their number, and a hash that does not depend on their order. */
export interface TableDigest {
  rows: string;
  hash: string;
}

/** What a backup says about its database. */
export interface SnapshotFacts {
  serverVersion: number;
  /** The end of the write-ahead log when the snapshot was taken. */
  lsn: string | null;
  takenAt: string;
  migrations: string[];
  tables: Record<string, TableDigest>;
}

/** Values are compared as texts, so their format must not depend on the settings of a role or server. */
const TEXT_FORMAT = `SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres';
  SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL search_path = public`;
/** A backup of a large database takes longer than any request. */
const NO_TIMEOUTS = 'SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0';

/** Connects, and closes the connection afterwards. */
export async function withConnection<T>(databaseUrl: string, work: (db: Client) => Promise<T>): Promise<T> {
  const db = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  // The server may end the connection while nothing waits for it; the next statement reports that.
  db.on('error', () => undefined);
  try {
    await db.connect();
  } catch (error) {
    throw new Error(`The database is not reachable: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

export async function serverMajor(db: Client): Promise<number> {
  const { rows } = await db.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  );
  return rows[0]?.major ?? 0;
}

/** Starts a transaction whose state all parts of the backup share, while others change rows. @returns its name for pg_dump */
export async function beginSnapshot(db: Client): Promise<string> {
  await db.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await db.query(`${NO_TIMEOUTS}; ${TEXT_FORMAT}`);
  const { rows } = await db.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
  return rows[0]?.id ?? '';
}

/** Reads the facts in the caller's transaction. */
export async function readFacts(db: Client): Promise<SnapshotFacts> {
  const { rows } = await db.query<{ lsn: string | null; takenAt: Date }>(
    `SELECT now() AS "takenAt",
            (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS lsn`,
  );
  const { rows: migrations } = await db.query<{ name: string }>('SELECT name FROM migration ORDER BY id');
  return {
    serverVersion: await serverMajor(db),
    lsn: rows[0]?.lsn ?? null,
    takenAt: (rows[0]?.takenAt ?? new Date(NaN)).toISOString(),
    migrations: migrations.map(({ name }) => name),
    tables: await digestTables(db),
  };
}

async function digestTables(db: Client): Promise<Record<string, TableDigest>> {
  const { rows: names } = await db.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`,
  );
  const tables: Record<string, TableDigest> = {};
  for (const { name } of names) {
    const { rows } = await db.query<TableDigest>(
      `SELECT count(*)::text AS rows,
              coalesce(sum(('x' || left(encode(sha256(convert_to(digested::text, 'UTF8')), 'hex'), 15))::bit(60)::bigint), 0)::text AS hash
       FROM ${db.escapeIdentifier(name)} digested`,
    );
    if (rows[0]) tables[name] = rows[0];
  }
  return tables;
}

/** The digests of the tables now. */
export async function digestNow(db: Client): Promise<Record<string, TableDigest>> {
  await db.query('BEGIN READ ONLY');
  try {
    await db.query(`${NO_TIMEOUTS}; ${TEXT_FORMAT}`);
    return await digestTables(db);
  } finally {
    await db.query('ROLLBACK');
  }
}
