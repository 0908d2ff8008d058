import { parseArgs } from 'node:util';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { deleteOlder, findBackup } from './backup/backup-folder.js';
import { writeBackupMetrics } from './backup/backup-metrics.js';
import { createBackup } from './backup/create-backup.js';
import { saveErasures } from './backup/saved-erasures.js';
import { saveKeys } from './backup/saved-keys.js';
import { withConnection } from './backup/snapshot.js';
import { verifyBackup } from './backup/verify-backup.js';
import { loadBackupConfig } from './core/config/backup-config.js';
import { printError } from './core/logging/print-error.js';

const USAGE = `Usage: node dist/src/backup.js
  --to <folder> [--keep <number>] [--keys-to <folder>]   write a backup, and delete all but the newest
  --to <folder> --only-erasures                          update only the list of erasures in the folder
  --verify <backup or folder>                            read a backup without restoring it
  --new-key                                              make a key pair`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const options = {
  to: { type: 'string' },
  keep: { type: 'string' },
  'keys-to': { type: 'string' },
  'only-erasures': { type: 'boolean', default: false },
  verify: { type: 'string' },
  'new-key': { type: 'boolean', default: false },
} as const;

/** @returns whether the backup is complete */
async function run(args: string[]): Promise<boolean> {
  const { values } = parseArgs({ args, options });
  if (values['new-key']) return printNewKey();
  if (values.verify !== undefined) return verify(values.verify);
  const { to, keep } = values;
  if (to === undefined || (keep !== undefined && !/^[1-9]\d{0,3}$/.test(keep))) throw new Error(USAGE);
  if (!values['only-erasures']) return backUp(to, keep ? Number(keep) : null, values['keys-to'] ?? null);
  const { DATABASE_URL } = loadBackupConfig();
  print(`${await withConnection(DATABASE_URL, (db) => saveErasures(db, to))} erasures in the list`);
  return true;
}

async function printNewKey(): Promise<true> {
  const identity = await generateIdentity();
  print(`BACKUP_RECIPIENTS=${await identityToRecipient(identity)}`);
  print(`BACKUP_IDENTITY=${identity}`);
  return true;
}

async function verify(path: string): Promise<boolean> {
  const { BACKUP_IDENTITY: identity } = loadBackupConfig();
  const backup = await findBackup(path);
  const contents = await verifyBackup(backup, identity ?? null);
  const what = contents
    ? `${Object.keys(contents.tables).length} tables and ${contents.files.count} files of ${contents.takenAt} are readable`
    : 'all parts have their SHA-256; set BACKUP_IDENTITY to read them, too';
  print(`${backup}: ${what}`);
  return true;
}

async function backUp(to: string, keep: number | null, keysTo: string | null): Promise<boolean> {
  const config = loadBackupConfig();
  const started = performance.now();
  const { path, contents, bytes, erasures } = await createBackup(config, to);
  const { files, tables, takenAt } = contents;
  const rows = Object.values(tables).reduce((sum, table) => sum + Number(table.rows), 0);
  const seconds = (performance.now() - started) / 1_000;
  print(`${path}: state of ${takenAt}, ${rows} rows of ${Object.keys(tables).length} tables, ${files.count} files,`);
  print(`  ${bytes} bytes encrypted in ${seconds.toFixed(1)} s; ${erasures} erasures in the list`);
  const damagedFiles = files.missing.length + files.damaged.length;
  const { BACKUP_METRICS_PATH: metrics } = config;
  if (metrics !== undefined) await writeBackupMetrics(metrics, { takenAt, bytes, seconds, damagedFiles });
  if (keysTo !== null) print(`Keys: ${await saveKeys(config, keysTo, to, new Date(takenAt))}`);
  if (keep !== null) for (const old of await deleteOlder(to, keep)) print(`Deleted: ${old}`);
  for (const key of files.missing) process.stderr.write(`Missing in the store, or deleted during the backup: ${key}\n`);
  for (const key of files.damaged) process.stderr.write(`Not the content that was uploaded: ${key}\n`);
  return damagedFiles === 0;
}

try {
  if (!(await run(process.argv.slice(2)))) process.exitCode = 1;
} catch (error) {
  printError(error);
  process.exitCode = 2;
}
