import { readFile } from 'node:fs/promises';
import { loadMigrationConfig } from './core/config/database-config.js';
import { WITHOUT_ENTITIES, withDataSource } from './core/database/data-source.js';
import { Database } from './core/database/database.js';
import { ErasureRepository } from './modules/privacy/erasure.repository.js';

const USAGE = 'Usage: node dist/src/erasures.js --list | --replay <file>';

interface Entry {
  userId: string;
  erasedAt: Date;
}

/** A line of `--list`: the account and the time. */
function readEntry(line: string): Entry {
  const [userId = '', time = ''] = line.trim().split(/\s+/);
  const erasedAt = new Date(time);
  if (!/^[0-9a-f-]{36}$/.test(userId) || Number.isNaN(erasedAt.getTime())) {
    throw new Error(`Not an entry of the list of erasures: ${line.slice(0, 100)}`);
  }
  return { userId, erasedAt };
}

const readEntries = async (file: string): Promise<Entry[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readEntry);

/**
 * Erases again what a restored backup brought back. Future visits are cancelled and files deleted by a task of the running application,
 * within a minute.
 */
async function replay(db: Database, entries: readonly Entry[]): Promise<void> {
  const erasures = new ErasureRepository(db);
  for (const { userId, erasedAt } of entries) {
    await db.transaction(async () => {
      await erasures.insert(userId, null, erasedAt);
      await erasures.wipe(userId);
    });
  }
  process.stderr.write(`${entries.length} erasures replayed\n`);
}

async function list(db: Database): Promise<void> {
  for (const { userId, erasedAt } of await new ErasureRepository(db).list()) {
    process.stdout.write(`${userId} ${erasedAt.toISOString()}\n`);
  }
}

async function run([option, file, ...rest]: string[]): Promise<void> {
  const isList = option === '--list' && file === undefined;
  if (!isList && (option !== '--replay' || file === undefined || rest.length > 0)) throw new Error(USAGE);
  const entries = file === undefined ? [] : await readEntries(file);
  await withDataSource(WITHOUT_ENTITIES, loadMigrationConfig().DATABASE_URL, async (dataSource) => {
    const db = new Database(dataSource);
    await (isList ? list(db) : replay(db, entries));
  });
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
