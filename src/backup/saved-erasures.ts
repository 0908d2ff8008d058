import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { formatEntry, readErasureList, type ErasureEntry } from '../erasure-list.js';
import { replaceFile } from './backup-folder.js';

/** Beside the backups, and newer than they are: ids and times, by which nobody can find the person. */
export const ERASURE_LIST = 'erasures.txt';

/** The erasures in the database; none if it is not one of CareSlot. */
export async function readErasures(db: Client): Promise<ErasureEntry[]> {
  const { rows: tables } = await db.query<{ exists: boolean }>(`SELECT to_regclass('erasure') IS NOT NULL AS exists`);
  if (!tables[0]?.exists) return [];
  const { rows } = await db.query<ErasureEntry>(
    'SELECT user_id AS "userId", erased_at AS "erasedAt" FROM erasure ORDER BY erased_at, user_id',
  );
  return rows;
}

/** All entries of both lists, oldest first, once each. */
export function mergeErasures(...lists: (readonly ErasureEntry[])[]): ErasureEntry[] {
  const byUser = new Map<string, ErasureEntry>();
  for (const entry of lists.flat()) if (!byUser.has(entry.userId)) byUser.set(entry.userId, entry);
  return [...byUser.values()].sort((a, b) => a.erasedAt.getTime() - b.erasedAt.getTime());
}

/** Adds the database's erasures to the list in the folder. Entries are never removed. @returns how many it has */
export async function saveErasures(db: Client, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, ERASURE_LIST);
  const saved = existsSync(file) ? await readErasureList(file) : [];
  const all = mergeErasures(saved, await readErasures(db));
  await replaceFile(file, all.map(formatEntry).join(''));
  return all.length;
}
