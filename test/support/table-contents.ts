import type pg from 'pg';

/** Tables that only grow or that background work writes. */
const VOLATILE = [
  'audit_log',
  'audit_link',
  'outbox',
  'outbox_relay',
  'cache_revision',
  'schedule_revision',
  'dev_mailbox',
];

/** A hash of the rows of each table, to see that something leaves them as they were. */
export async function tableContents(db: pg.Pool): Promise<Record<string, string>> {
  const { rows: tables } = await db.query<{ name: string }>(
    `SELECT quote_ident(relname) AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> ALL ($1) ORDER BY 1`,
    [VOLATILE],
  );
  const contents: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await db.query<{ hash: string }>(
      `SELECT count(*) || ' rows ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS hash FROM ${name} t`,
    );
    contents[name] = rows[0]?.hash ?? '';
  }
  return contents;
}
