import { execFile } from 'node:child_process';
import { chmod, chown, copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/migrate.js';
import { findInstalledPostgres } from '../../tools/services/installed-postgres.js';
import { startPostgres, type RunningService } from '../../tools/services/postgres.js';
import { eventually } from '../support/eventually.js';

/** The steps of docs/backup.md, "Point-in-time recovery", with an installed PostgreSQL. */

const run = promisify(execFile);

let folder: string;
let archive: string;
let postgresFolder: string;
let postgres: RunningService | undefined;

/** Starts the server of a folder. Its write-ahead log is kept, unlike in other tests. */
const start = (name: string): Promise<RunningService> =>
  startPostgres({ dataDir: join(folder, name), log: () => undefined, postgresFolder });

async function query<T extends pg.QueryResultRow>(url: string, ...statements: string[]): Promise<T[]> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    let rows: T[] = [];
    for (const statement of statements) ({ rows } = await db.query<T>(statement));
    return rows;
  } finally {
    await db.end();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-pitr-'));
  await chmod(folder, 0o755);
  postgresFolder = await findInstalledPostgres();
  postgres = await start('first');
  archive = join(folder, 'archive');
  await mkdir(archive);
  const { uid, gid } = await stat(join(folder, 'first/postgres'));
  await chown(archive, uid, gid);
  await query(
    postgres.url,
    `ALTER SYSTEM SET archive_mode = 'on'`,
    `ALTER SYSTEM SET archive_command = 'test ! -f ${archive}/%f && cp %p ${archive}/%f'`,
  );
  await postgres.stop();
  postgres = await start('first');
  await migrate(postgres.url);
});

afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a base backup and the archived log restore the state of a moment before a disaster', async () => {
  if (!postgres) throw new Error('not started');
  const { url } = postgres;
  await query(url, `INSERT INTO cache_revision (scope, revision) VALUES ('before-the-base-backup', 1)`);
  const { username, password, host } = new URL(url);
  await mkdir(join(folder, 'second'));
  const base = join(folder, 'second/postgres');
  await run(
    join(postgresFolder, 'bin/pg_basebackup'),
    ['-d', `postgres://${username}@${host}/postgres`, '-D', base, '--checkpoint=fast', '--wal-method=stream'],
    { env: { PATH: process.env.PATH, PGPASSWORD: password } },
  );
  await query(url, `INSERT INTO cache_revision (scope, revision) VALUES ('after-the-base-backup', 1)`);
  const [moment] = await query<{ at: string }>(url, 'SELECT clock_timestamp()::text AS at');
  // The disaster, and what was written after it.
  const [last] = await query<{ file: string }>(
    url,
    'DELETE FROM cache_revision',
    `INSERT INTO cache_revision (scope, revision) VALUES ('after-the-disaster', 1)`,
    'SELECT pg_walfile_name(pg_switch_wal()) AS file',
  );
  await eventually(() => stat(join(archive, last?.file ?? '')), 60_000);
  await postgres.stop();

  await writeFile(join(base, 'recovery.signal'), '');
  await writeFile(
    join(base, 'postgresql.auto.conf'),
    `restore_command = 'cp ${archive}/%f %p'\nrecovery_target_time = '${moment?.at}'\nrecovery_target_action = 'promote'\n`,
  );
  await copyFile(join(folder, 'first/postgres-password'), join(folder, 'second/postgres-password'));
  const { uid, gid } = await stat(archive);
  await run('chown', ['-R', `${uid}:${gid}`, base]);
  const started = performance.now();
  postgres = await start('second');
  const { url: restored } = postgres;
  await eventually(async () => {
    const [row] = await query<{ recovering: boolean }>(restored, 'SELECT pg_is_in_recovery() AS recovering');
    expect(row?.recovering).toBe(false);
  }, 60_000);
  process.stderr.write(`point-in-time recovery took ${((performance.now() - started) / 1_000).toFixed(1)} s\n`);
  const scopes = await query<{ scope: string }>(
    restored,
    `SELECT scope FROM cache_revision WHERE scope LIKE '%-the-%' ORDER BY scope`,
  );
  expect(scopes.map(({ scope }) => scope)).toEqual(['after-the-base-backup', 'before-the-base-backup']);
});
