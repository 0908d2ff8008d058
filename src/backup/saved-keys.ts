import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { BackupConfig } from '../core/config/backup-config.js';
import { areNested, backupName } from './backup-folder.js';
import { readPart, readText, writePart } from './parts.js';

/** The variables without which encrypted columns cannot be read. */
const KEYS = ['FIELD_ENCRYPTION_KEYS', 'JWT_SECRET', 'JWT_SECRET_PREVIOUS'] as const;

/**
 * Writes the keys of the encrypted columns, encrypted for other recipients than the backups, to a folder that is not that of the backups.
 * @returns the file
 */
export async function saveKeys(config: BackupConfig, folder: string, backups: string, at: Date): Promise<string> {
  const { BACKUP_KEYS_RECIPIENTS: recipients } = config;
  if (!recipients) throw new Error('BACKUP_KEYS_RECIPIENTS is not set: keys are always encrypted (docs/backup.md).');
  if (await areNested(folder, backups)) {
    throw new Error('The keys must not be beside the backups: choose a folder on other storage.');
  }
  const lines = KEYS.flatMap((name) => (config[name] ? [`${name}=${format(config[name])}\n`] : []));
  if (lines.length === 0) throw new Error('No keys are set: start with the environment of the API.');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = `${backupName(at)}.keys.age`;
  await writePart(folder, name, Readable.from([Buffer.from(lines.join(''))], { objectMode: false }), recipients);
  return join(resolve(folder), name);
}

const format = (value: string | readonly { id: string; secret: string }[]): string =>
  typeof value === 'string' ? value : value.map(({ id, secret }) => `${id}:${secret}`).join(',');

/** The lines of a file of keys, as in `.env`. */
export const readKeys = async (file: string, identity: string): Promise<string> =>
  readText(await readPart(dirname(file), basename(file), identity));
