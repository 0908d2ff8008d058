import { ChangeLog } from './core/changes/change-log.js';
import { loadRetentionConfig } from './core/config/database-config.js';
import { WITHOUT_ENTITIES, withDataSource } from './core/database/data-source.js';
import { Database } from './core/database/database.js';
import { SystemClock } from './core/kernel/clock.js';
import { printError } from './core/logging/print-error.js';
import { ErasureRepository } from './modules/privacy/erasure.repository.js';
import { RetentionRepository } from './modules/privacy/retention.repository.js';
import { RetentionService } from './modules/privacy/retention.service.js';

const USAGE = 'Usage: node dist/src/retention.js [--dry-run]';

/** Applies the configured retention periods, or only counts what they would delete. */
async function run(args: string[]): Promise<void> {
  if (args.some((argument) => argument !== '--dry-run')) throw new Error(USAGE);
  const isDryRun = args.includes('--dry-run');
  const config = loadRetentionConfig();
  const results = await withDataSource(WITHOUT_ENTITIES, config.DATABASE_URL, (dataSource) => {
    const db = new Database(dataSource);
    const erasures = new ErasureRepository(db);
    const changes = ChangeLog.withoutHashes(db);
    const service = new RetentionService(db, new RetentionRepository(db), erasures, changes, new SystemClock());
    return service.run(config, { isDryRun });
  });
  for (const { name, days, count } of results) {
    const result = days === null ? 'kept' : `${count} ${isDryRun ? 'would be deleted' : 'deleted'}, after ${days} days`;
    process.stdout.write(`${name}: ${result}\n`);
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
