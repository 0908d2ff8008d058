import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { hashFile } from '../core/storage/hashing-stream.js';
import type { Part } from './parts.js';

const FORMAT = 'careslot-backup-1';
const MANIFEST = 'manifest.json';
const UNFINISHED = '.unfinished-';
const NAME = /^careslot-\d{8}T\d{6}Z$/;
/** A folder of an interrupted backup is deleted by a later one, when no backup can still be writing to it. */
const UNFINISHED_MILLISECONDS = 24 * 3_600_000;

const ManifestSchema = z.object({
  format: z.literal(FORMAT),
  createdAt: z.iso.datetime(),
  version: z.string(),
  parts: z.array(
    z.object({
      name: z.string().regex(/^[a-z]+(\.[a-z]+)+$/),
      bytes: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

/** Not encrypted, so that a copy can be checked without the private key. It contains no data of the clinic. */
export type Manifest = z.output<typeof ManifestSchema>;

/** The parts that every backup has. */
export const PARTS = { database: 'database.dump.age', files: 'files.tar.age', contents: 'contents.json.age' } as const;

/** `careslot-20261130T101500Z` */
export const backupName = (at: Date): string =>
  `careslot-${at.toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '')}`;

/**
 * Writes a backup into a folder with a temporary name. It gets its name when it is complete, so an interrupted backup is never taken for one.
 * @returns its path
 */
export async function writeBackup(
  to: string,
  createdAt: Date,
  version: string,
  write: (folder: string) => Promise<Part[]>,
): Promise<string> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  await deleteUnfinished(to, createdAt);
  const target = join(to, backupName(createdAt));
  if (existsSync(target)) throw new Error(`${target} exists already.`);
  const folder = join(to, `${UNFINISHED}${basename(target)}`);
  try {
    await mkdir(folder, { mode: 0o700 });
    const manifest: Manifest = {
      format: FORMAT,
      createdAt: createdAt.toISOString(),
      version,
      parts: await write(folder),
    };
    await writeAndSync(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await syncFolder(folder);
    await rename(folder, target);
    await syncFolder(to);
    return target;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function deleteUnfinished(to: string, now: Date): Promise<void> {
  for (const name of await readdir(to)) {
    const path = join(to, name);
    if (!name.startsWith(UNFINISHED)) continue;
    if ((await stat(path)).mtimeMs < now.getTime() - UNFINISHED_MILLISECONDS)
      await rm(path, { recursive: true, force: true });
  }
}

/** The complete backups in a folder, newest first. */
export async function listBackups(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name) && existsSync(join(folder, name, MANIFEST)));
  return names
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

/** Deletes all but the newest backups. Without its manifest, a half-deleted backup is not taken for one. @returns the deleted ones */
export async function deleteOlder(folder: string, keep: number): Promise<string[]> {
  const old = (await listBackups(folder)).slice(keep);
  for (const path of old) {
    await rm(join(path, MANIFEST));
    await rm(path, { recursive: true, force: true });
  }
  return old;
}

/** A backup, or the newest one in a folder of backups. @throws Error if there is none */
export async function findBackup(path: string): Promise<string> {
  const full = resolve(path);
  if (existsSync(join(full, MANIFEST))) return full;
  if (!existsSync(full)) throw new Error(`${full} does not exist.`);
  const [newest] = await listBackups(full);
  if (!newest) throw new Error(`There is no complete backup in ${full}.`);
  return newest;
}

/** Reads the manifest and compares each part with it. @throws Error that names what is missing or changed */
export async function checkParts(backup: string): Promise<Manifest> {
  const parsed = ManifestSchema.safeParse(JSON.parse(await readFile(join(backup, MANIFEST), 'utf8')));
  if (!parsed.success) throw new Error(`${join(backup, MANIFEST)} is not the manifest of a backup of this version.`);
  const manifest = parsed.data;
  for (const name of Object.values(PARTS)) {
    const part = manifest.parts.find((entry) => entry.name === name);
    const path = join(backup, name);
    if (!part) throw new Error(`The manifest does not name ${name}.`);
    if (!existsSync(path)) throw new Error(`${name} is missing in the backup.`);
    const { bytes, sha256 } = await hashFile(path);
    if (bytes !== part.bytes) throw new Error(`${name} has ${bytes} bytes, but was written with ${part.bytes}.`);
    if (sha256 !== part.sha256) throw new Error(`${name} has been changed: its SHA-256 is not that of the manifest.`);
  }
  return manifest;
}

/** Whether one folder is the other, or is inside of it. */
export async function areNested(a: string, b: string): Promise<boolean> {
  await Promise.all([a, b].map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })));
  const [first, second] = await Promise.all([realpath(a), realpath(b)]);
  return `${first}${sep}`.startsWith(`${second}${sep}`) || `${second}${sep}`.startsWith(`${first}${sep}`);
}

/** Writes a file whose content is complete under this name, also after a crash. The umask does not change its mode. */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeAndSync(temporary, text);
    await chmod(temporary, mode);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}

async function writeAndSync(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode: 0o600, flush: true });
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
