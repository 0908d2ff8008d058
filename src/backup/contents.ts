import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readPart, readText } from './parts.js';
import { PARTS } from './backup-folder.js';

const FilesSchema = z.object({ count: z.number(), bytes: z.number(), sha256: z.string() });

/** What a backup contains, to compare it with what was restored. Encrypted: hashes of small tables could be guessed. */
const ContentsSchema = z.object({
  serverVersion: z.number(),
  lsn: z.string().nullable(),
  takenAt: z.iso.datetime(),
  migrations: z.array(z.string()),
  tables: z.record(z.string(), z.object({ rows: z.string(), hash: z.string() })),
  files: FilesSchema.extend({ missing: z.array(z.string()), damaged: z.array(z.string()) }),
});
export type Contents = z.output<typeof ContentsSchema>;

/** @throws Error if it cannot be decrypted with the identity */
export const readContents = async (backup: string, identity: string): Promise<Contents> =>
  ContentsSchema.parse(JSON.parse(await readText(await readPart(backup, PARTS.contents, identity))));

/** The version of this build, from the nearest package.json. */
export function readVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    if (folder === dirname(folder)) return 'unknown';
  }
}
