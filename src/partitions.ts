import { ChangeLog } from './core/changes/change-log.js';
import { loadPartitionConfig } from './core/config/database-config.js';
import { WITHOUT_ENTITIES, withDataSource } from './core/database/data-source.js';
import { Database } from './core/database/database.js';
import { MIGRATION_LOCK_TIMEOUT_MILLISECONDS, retryWhileLocked } from './core/database/lock-retry.js';
import { SystemClock } from './core/kernel/clock.js';
import { printError } from './core/logging/print-error.js';
import { PartitionsRepository } from './core/partitions/partitions.repository.js';
import { OldPartitionsService, type PartitionResult } from './modules/privacy/old-partitions.service.js';

const USAGE = 'Usage: node dist/src/partitions.js [--dry-run]';

/** Creates the partitions of the coming months, and detaches old ones by the configured retention, or only lists these. */
async function run(args: string[]): Promise<void> {
  if (args.some((argument) => argument !== '--dry-run')) throw new Error(USAGE);
  const isDryRun = args.includes('--dry-run');
  const config = loadPartitionConfig();
  await withDataSource(
    WITHOUT_ENTITIES,
    config.DATABASE_URL,
    async (dataSource) => {
      const db = new Database(dataSource);
      const partitions = new PartitionsRepository(db);
      if (!isDryRun) process.stdout.write(`${await createComing(partitions)} partitions created\n`);
      const service = new OldPartitionsService(db, partitions, ChangeLog.withoutHashes(db), new SystemClock());
      for (const result of await service.run(config, { isDryRun }))
        process.stdout.write(`${toLine(result, isDryRun)}\n`);
    },
    { lockTimeoutMilliseconds: MIGRATION_LOCK_TIMEOUT_MILLISECONDS },
  );
}

/** Repeats each step that did not get a lock in time. @returns the number of new partitions */
async function createComing(partitions: PartitionsRepository): Promise<number> {
  let count = 0;
  while ((await retryWhileLocked(() => partitions.createNext())) !== null) count += 1;
  return count;
}

function toLine(result: PartitionResult, isDryRun: boolean): string {
  if (result.action === 'KEPT') return `${result.name}: kept, ${result.reason}`;
  const verb = result.action === 'DROPPED' ? 'dropped' : 'moved to the schema archive';
  return `${result.name}: ${isDryRun ? 'would be ' : ''}${verb}, ${result.rows} rows`;
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
