import { statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Client } from 'pg';
import type { BackupConfig } from '../core/config/backup-config.js';
import { createBlobStore } from '../core/storage/storage.module.js';
import { PARTS, writeBackup } from './backup-folder.js';
import { findTool, runTool } from './client-tools.js';
import { readVersion, type Contents } from './contents.js';
import { writePart, type Part } from './parts.js';
import { saveErasures } from './saved-erasures.js';
import { beginSnapshot, readFacts, serverMajor, withConnection } from './snapshot.js';
import { packFiles } from './stored-files.js';

interface CreatedBackup {
  path: string;
  contents: Contents;
  bytes: number;
  erasures: number;
}

interface Destination {
  folder: string;
  recipients: readonly string[];
}

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Writes a backup of the database and of the files that its rows name. One transaction sees all rows, so that a change during the backup is
 * in all parts or in none.
 */
export async function createBackup(config: BackupConfig, to: string): Promise<CreatedBackup> {
  const { BACKUP_RECIPIENTS: recipients } = config;
  if (!recipients) throw new Error('BACKUP_RECIPIENTS is not set: backups are always encrypted (docs/backup.md).');
  return withConnection(config.DATABASE_URL, async (db) => {
    const pgDump = await findTool('pg_dump', await serverMajor(db));
    const snapshot = await beginSnapshot(db);
    let contents: Contents | undefined;
    let parts: Part[] = [];
    const folder = resolve(to);
    const path = await writeBackup(folder, await startOf(db), readVersion(), async (unfinished) => {
      await requireSpace(db, folder);
      const destination = { folder: unfinished, recipients };
      const database = await dumpDatabase(pgDump, config.DATABASE_URL, snapshot, destination);
      const facts = await readFacts(db);
      const { part: files, report } = await writeFiles(db, config, destination);
      contents = { ...facts, files: report };
      const text = Readable.from([Buffer.from(JSON.stringify(contents))], { objectMode: false });
      parts = [database, files, await writePart(unfinished, PARTS.contents, text, recipients)];
      return parts;
    }).catch((error: unknown) => {
      throw withReason(error, folder);
    });
    await db.query('COMMIT');
    const erasures = await saveErasures(db, folder);
    return { path, contents: contents as Contents, erasures, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
  });
}

async function startOf(db: Client): Promise<Date> {
  const { rows } = await db.query<{ at: Date }>('SELECT now() AS at');
  return rows[0]?.at ?? new Date(NaN);
}

/** The compressed dump is smaller than the database. The size of the files is known only when they are read. */
async function requireSpace(db: Client, folder: string): Promise<void> {
  const { rows } = await db.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
  const { bavail, bsize } = await statfs(folder);
  assertSpace(bavail * bsize, Number(rows[0]?.bytes ?? 0) / 2, folder);
}

/** @throws Error if less than the needed bytes are free */
export function assertSpace(free: number, needed: number, folder: string): void {
  if (free >= needed) return;
  const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);
  throw new Error(`Only ${megabytes(free)} MB are free in ${folder}; the backup may need ${megabytes(needed)} MB.`);
}

async function dumpDatabase(pgDump: string, databaseUrl: string, snapshot: string, to: Destination): Promise<Part> {
  // Owners and privileges are made again by roles.js and migrate.js, under the names of the new installation.
  const args = ['--format=custom', '--no-owner', '--no-privileges'];
  const tool = runTool(pgDump, [...args, `--snapshot=${snapshot}`, '--no-password'], databaseUrl);
  tool.stdin.end();
  try {
    const part = await writePart(to.folder, PARTS.database, tool.stdout, to.recipients);
    await tool.done;
    return part;
  } finally {
    tool.kill();
  }
}

async function writeFiles(
  db: Client,
  config: BackupConfig,
  { folder, recipients }: Destination,
): Promise<{ part: Part; report: Contents['files'] }> {
  const { archive, report } = packFiles(db, createBlobStore(config));
  const part = await writePart(folder, PARTS.files, archive, recipients);
  return { part, report: await report };
}

/** Names the cause of an error of the disk. */
function withReason(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (!code || !DISK_FULL.has(code)) return error;
  return new Error(`The disk of ${folder} is full (${code}): the unfinished backup was deleted.`, { cause: error });
}
