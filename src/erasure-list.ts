import { readFile } from 'node:fs/promises';
import type { Database } from './core/database/database.js';
import { ErasureRepository } from './modules/privacy/erasure.repository.js';

/** An erased account. The list of them is kept outside of the database, so that a restored backup can be erased again. */
export interface ErasureEntry {
  userId: string;
  erasedAt: Date;
}

function parseEntry(line: string): ErasureEntry {
  const [userId = '', time = ''] = line.trim().split(/\s+/);
  const erasedAt = new Date(time);
  if (!/^[0-9a-f-]{36}$/.test(userId) || Number.isNaN(erasedAt.getTime())) {
    throw new Error(`Not an entry of the list of erasures: ${line.slice(0, 100)}`);
  }
  return { userId, erasedAt };
}

/** A line of the list: the account and the time. */
export const formatEntry = ({ userId, erasedAt }: ErasureEntry): string => `${userId} ${erasedAt.toISOString()}\n`;

export const readErasureList = async (file: string): Promise<ErasureEntry[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseEntry);

/**
 * Erases again what a restored backup brought back. Future visits are cancelled and files deleted by a task of the running application,
 * within a minute.
 */
export async function replayErasures(db: Database, entries: readonly ErasureEntry[]): Promise<void> {
  const erasures = new ErasureRepository(db);
  for (const { userId, erasedAt } of entries) {
    await db.transaction(async () => {
      await erasures.insert(userId, null, erasedAt);
      await erasures.wipe(userId);
    });
  }
}
