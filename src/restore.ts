import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { findBackup } from './backup/backup-folder.js';
import { restoreBackup, type RestoreReport } from './backup/restore-backup.js';
import { ERASURE_LIST } from './backup/saved-erasures.js';
import { readKeys } from './backup/saved-keys.js';
import { loadBackupConfig } from './core/config/backup-config.js';
import { printError } from './core/logging/print-error.js';
import { readErasureList, type ErasureEntry } from './erasure-list.js';

const USAGE = `Usage: node dist/src/restore.js
  --from <backup or folder> [--force] [--end-sessions] [--erasures <file> | --no-erasures]
      restores a backup, or the newest in a folder, and replays the erasures that were made after it
  --keys <file>
      prints the keys in a file that backup.js --keys-to wrote`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const options = {
  from: { type: 'string' },
  force: { type: 'boolean', default: false },
  'end-sessions': { type: 'boolean', default: false },
  erasures: { type: 'string' },
  'no-erasures': { type: 'boolean', default: false },
  keys: { type: 'string' },
} as const;

/** @returns whether everything that was restored is intact */
async function run(args: string[]): Promise<boolean> {
  const { values } = parseArgs({ args, options });
  const config = loadBackupConfig();
  if (values.keys !== undefined) {
    if (!config.BACKUP_IDENTITY) throw new Error('BACKUP_IDENTITY is not set.');
    process.stdout.write(await readKeys(values.keys, config.BACKUP_IDENTITY));
    return true;
  }
  if (values.from === undefined) throw new Error(USAGE);
  const started = performance.now();
  const backup = await findBackup(values.from);
  const erasures = values['no-erasures'] ? [] : await findErasures(backup, values.erasures);
  const { force } = values;
  const report = await restoreBackup(config, { backup, force, endSessions: values['end-sessions'], erasures });
  return printReport(backup, report, (performance.now() - started) / 1_000);
}

/** @throws Error if there is no list: without it, erased people would come back unnoticed */
async function findErasures(backup: string, file = join(dirname(backup), ERASURE_LIST)): Promise<ErasureEntry[]> {
  if (existsSync(file)) return readErasureList(file);
  throw new Error(
    `There is no list of erasures at ${file}. Name it with --erasures, or restore with --no-erasures if nobody was erased since.`,
  );
}

function printReport(backup: string, report: RestoreReport, seconds: number): boolean {
  const { contents, migrations, erasures, endedSessions, files, audit, keys } = report;
  const tables = Object.values(contents.tables);
  const rows = tables.reduce((sum, table) => sum + Number(table.rows), 0);
  print(`Restored ${backup}, the state of ${contents.takenAt}, in ${seconds.toFixed(1)} s`);
  print(`Rows: ${rows} in ${tables.length} tables, all with the counts and hashes of the backup`);
  print(`Files: ${files.restored}, without ${files.erased} of erased people`);
  print(`Migrations after the backup: ${migrations.join(', ') || 'none'}`);
  print(`Erasures replayed: ${erasures}`);
  print(`Sessions ended: ${endedSessions}`);
  print(`Audit log: ${audit.chains} chains, ${audit.linkedRows} linked rows, ${audit.brokenChains} broken`);
  print(`Keys: ${keys === null ? 'not checked, because JWT_SECRET is not set' : `decrypt all ${keys} stored keys`}`);
  const { missing, damaged } = contents.files;
  for (const key of missing) print(`Missing already when the backup was made: ${key}`);
  for (const key of damaged) print(`Damaged already when the backup was made: ${key}`);
  return audit.brokenChains + missing.length + damaged.length === 0;
}

try {
  if (!(await run(process.argv.slice(2)))) process.exitCode = 1;
} catch (error) {
  printError(error);
  process.exitCode = 2;
}
