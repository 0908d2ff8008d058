import pg from 'pg';

/**
 * Checks in the database that a doctor has exactly one active appointment at a time.
 * @param databaseUrl null if not known: then the check is skipped
 */
export async function checkOneRow(
  databaseUrl: string | null,
  doctorId: string,
  startDateTime: string,
): Promise<string> {
  if (!databaseUrl) return 'not checked: DATABASE_URL is not set';
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    const { rows } = await db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM appointment WHERE doctor_id = $1 AND start_at = $2 AND status <> 'CANCELLED'`,
      [doctorId, startDateTime],
    );
    if (rows[0]?.n !== 1) throw new Error(`${rows[0]?.n} rows`);
    return '1 row';
  } finally {
    await db.end();
  }
}
