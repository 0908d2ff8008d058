import { pipeline } from 'node:stream/promises';
import { Writable, type Readable } from 'node:stream';
import type { Client } from 'pg';
import { ormconfig } from '../../ormconfig.js';
import type { BackupConfig } from '../core/config/backup-config.js';
import { withDataSource, WITHOUT_ENTITIES } from '../core/database/data-source.js';
import { Database } from '../core/database/database.js';
import { runMigrations } from '../core/database/migrator.js';
import { createBlobStore } from '../core/storage/storage.module.js';
import { replayErasures, type ErasureEntry } from '../erasure-list.js';
import { AuditLinksRepository } from '../modules/audit/audit-links.repository.js';
import { AuditVerifierService, type VerificationResult } from '../modules/audit/audit-verifier.service.js';
import { PARTS } from './backup-folder.js';
import { findTool, runTool } from './client-tools.js';
import type { Contents } from './contents.js';
import { readPart } from './parts.js';
import { checkKeys, checkTarget } from './restore-checks.js';
import { mergeErasures, readErasures } from './saved-erasures.js';
import { digestNow, serverMajor, withConnection } from './snapshot.js';
import { isNamed, unpackFiles } from './stored-files.js';
import { verifyBackup } from './verify-backup.js';

export interface RestoreOptions {
  backup: string;
  /** Deletes what is in the database. */
  force: boolean;
  endSessions: boolean;
  /** The list that is kept outside of the database. */
  erasures: readonly ErasureEntry[];
}

export interface RestoreReport {
  contents: Contents;
  migrations: string[];
  erasures: number;
  endedSessions: number;
  files: { restored: number; erased: number };
  audit: VerificationResult;
  /** The number of stored keys that the configured keys decrypt; null if none are configured. */
  keys: number | null;
}

/** Restores a backup: checks all of it before the database is changed, and compares the restored rows with the backup's. */
export async function restoreBackup(config: BackupConfig, options: RestoreOptions): Promise<RestoreReport> {
  const { DATABASE_URL: url, BACKUP_IDENTITY: identity } = config;
  if (!identity) throw new Error('BACKUP_IDENTITY is not set: it is the private key of the backups (docs/backup.md).');
  const contents = await verifyBackup(options.backup, identity);
  if (!contents) throw new Error('The backup cannot be read.');
  return withConnection(url, async (db) => {
    const pgRestore = await findTool('pg_restore', await serverMajor(db));
    const hasTables = await checkTarget(db, contents, options.force);
    // The list in the folder may be older than the database that is replaced.
    const known = hasTables ? await readErasures(db) : [];
    if (hasTables) await db.query(DROP_TABLES);
    await loadDump(pgRestore, url, await readPart(options.backup, PARTS.database, identity));
    assertSameTables(contents.tables, await digestNow(db));
    const keys = await checkKeys(db, config);
    const migrations = await withDataSource(ormconfig, url, (source) =>
      runMigrations(source, config.DATABASE_APP_ROLE),
    );
    const erasures = mergeErasures(options.erasures, known);
    const audit = await withDataSource(WITHOUT_ENTITIES, url, async (source) => {
      const database = new Database(source);
      await replayErasures(database, erasures);
      return new AuditVerifierService(new AuditLinksRepository(database)).verify({
        anchors: [],
        onHead: () => undefined,
      });
    });
    const endedSessions = options.endSessions ? await endSessions(db) : 0;
    const files = await restoreFiles(db, config, await readPart(options.backup, PARTS.files, identity));
    return { contents, migrations, erasures: erasures.length, endedSessions, files, audit, keys };
  });
}

const DROP_TABLES = 'DROP SCHEMA IF EXISTS public, partitions, archive CASCADE; CREATE SCHEMA public';

/** In one transaction: a failed restore leaves an empty database. */
async function loadDump(pgRestore: string, databaseUrl: string, dump: Readable): Promise<void> {
  const args = ['--no-owner', '--no-privileges', '--no-comments', '--single-transaction', '--exit-on-error'];
  const tool = runTool(pgRestore, [...args, '--no-password'], databaseUrl);
  tool.stdout.resume();
  try {
    // If the tool failed, its message is the reason, not that of the broken pipe.
    await pipeline(dump, tool.stdin).catch(async (error: unknown) => {
      await tool.done;
      throw error;
    });
    await tool.done;
  } finally {
    tool.kill();
  }
}

/** @throws Error that names the tables whose rows are not those of the backup */
function assertSameTables(expected: Contents['tables'], actual: Contents['tables']): void {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  const different = [...names].filter(
    (name) => expected[name]?.rows !== actual[name]?.rows || expected[name]?.hash !== actual[name]?.hash,
  );
  if (different.length > 0) throw new Error(`The restored rows are not those of the backup: ${different.join(', ')}`);
}

async function endSessions(db: Client): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE session SET revoked_at = now(), revoked_reason = 'RESTORED' WHERE revoked_at IS NULL`,
  );
  return rowCount ?? 0;
}

/** After the erasures: the files of an erased person are read and not stored. */
async function restoreFiles(db: Client, config: BackupConfig, archive: Readable): Promise<RestoreReport['files']> {
  const blobs = createBlobStore(config);
  const files = { restored: 0, erased: 0 };
  await unpackFiles(archive, async (key, content) => {
    if (await isNamed(db, key)) {
      await blobs.put(key, content);
      files.restored += 1;
    } else {
      await pipeline(content, new Writable({ write: (_chunk, _encoding, done) => done() }));
      files.erased += 1;
    }
  });
  return files;
}
