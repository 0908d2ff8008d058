import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkParts, PARTS } from './backup-folder.js';
import { readContents, type Contents } from './contents.js';
import { readPart } from './parts.js';
import { unpackFiles } from './stored-files.js';

const discard = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * Reads a whole backup without restoring it: every part has the SHA-256 of the manifest, and, with the identity, can be decrypted to its end.
 * @returns null without an identity
 * @throws Error that names what is wrong
 */
export async function verifyBackup(backup: string, identity: string | null): Promise<Contents | null> {
  await checkParts(backup);
  if (identity === null) return null;
  const contents = await readContents(backup, identity);
  await pipeline(await readPart(backup, PARTS.database, identity), discard());
  const files = await unpackFiles(await readPart(backup, PARTS.files, identity), (_key, content) =>
    pipeline(content, discard()),
  );
  if (files.sha256 !== contents.files.sha256) throw new Error('The files are not those that the backup names.');
  return contents;
}
