import { loadMigrationConfig } from './core/config/database-config.js';
import { WITHOUT_ENTITIES, withDataSource } from './core/database/data-source.js';
import { Database } from './core/database/database.js';
import { printError } from './core/logging/print-error.js';
import { formatEntry, readErasureList, replayErasures } from './erasure-list.js';
import { ErasureRepository } from './modules/privacy/erasure.repository.js';

const USAGE = 'Usage: node dist/src/erasures.js --list | --replay <file>';

async function list(db: Database): Promise<void> {
  for (const entry of await new ErasureRepository(db).list()) process.stdout.write(formatEntry(entry));
}

async function run([option, file, ...rest]: string[]): Promise<void> {
  const isList = option === '--list' && file === undefined;
  if (!isList && (option !== '--replay' || file === undefined || rest.length > 0)) throw new Error(USAGE);
  const entries = file === undefined ? [] : await readErasureList(file);
  await withDataSource(WITHOUT_ENTITIES, loadMigrationConfig().DATABASE_URL, async (dataSource) => {
    const db = new Database(dataSource);
    if (isList) return list(db);
    await replayErasures(db, entries);
    process.stderr.write(`${entries.length} erasures replayed\n`);
  });
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
