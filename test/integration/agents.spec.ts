import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { existsSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { inLongForm } from '../support/long-form.js';

const run = promisify(execFile);
const COMMAND_WITHIN_MILLISECONDS = 240_000;

const PAGES = ['README.md', 'AGENTS.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];

const texts = new Map<string, string>();
let scripts: Record<string, string>;

beforeAll(async () => {
  for (const page of PAGES) texts.set(page, await readFile(page, 'utf8'));
  scripts = (JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts;
});

const getText = (page: string): string => texts.get(page) ?? '';
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);

describe('AGENTS.md', () => {
  inLongForm(it)(
    'contains only commands that succeed or are part of `npm run check`',
    async () => {
      const commands = all(getText('AGENTS.md'), /^```sh\n(.*?)^```$/gms).flatMap((block) => block.trim().split('\n'));
      expect(commands.length).toBeGreaterThan(5);
      const checks = scripts.check?.split(' ').map((name) => `npm run ${name}`);
      const isInCheck = (command: string): boolean =>
        checks?.includes(command) === true || command.startsWith('npx oxlint src/');
      const others = commands.filter((command) => !isInCheck(command));
      expect(commands.length - others.length).toBe(3);
      const { PATH, HOME, DATABASE_URL, REDIS_URL } = process.env;
      const failed: string[] = [];
      for (const command of others) {
        const env = { PATH, HOME, DATABASE_URL, REDIS_URL };
        await run('sh', ['-c', command], { env, timeout: COMMAND_WITHIN_MILLISECONDS }).catch(
          ({ stdout, stderr }: { stdout: string; stderr: string }) => failed.push(`${command}\n${stdout}${stderr}`),
        );
      }
      expect(failed).toEqual([]);
    },
    2 * COMMAND_WITHIN_MILLISECONDS,
  );
});

describe.each(PAGES)('%s', (page) => {
  it('filters only by names of existing tests', async () => {
    for (const [, file = '', filter = ''] of getText(page).matchAll(/jest -- -w 1 (\S+) -t "([^"]+)"/g)) {
      expect(await readFile(await findSpec(file), 'utf8')).toMatch(new RegExp(`(it|test)(\\.each.*)?\\(.*${filter}`));
    }
  });

  it('names only npm scripts that exist', () => {
    const named = all(getText(page), /npm run ([\w:-]+)/g);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('names only files that exist', () => {
    const links = all(getText(page), /\]\((?!https?:)([^)#]+)\)/g);
    const paths = all(getText(page), /`((?:src|test|docs|bench|migrations|\.\w+)\/[\w./-]+)`/g);
    expect([...links, ...paths].filter((path) => !path.startsWith('.data/') && !existsSync(path))).toEqual([]);
  });
});

describe('src/README.md', () => {
  it('has a row for each program of src, and for each folder of core and modules', async () => {
    const map = await readFile('src/README.md', 'utf8');
    const entries = async (folder: string): Promise<Dirent[]> => readdir(folder, { withFileTypes: true });
    const folders = async (parent: string): Promise<string[]> =>
      (await entries(join('src', parent))).flatMap((entry) => (entry.isDirectory() ? [`${parent}/${entry.name}`] : []));
    const files = (await entries('src')).filter(({ name }) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
    const names = [...files.map(({ name }) => name), ...(await folders('core')), ...(await folders('modules'))];
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => !map.includes(`\`${name}\``))).toEqual([]);
  });
});

/** The spec that a pattern of Jest names. */
async function findSpec(pattern: string): Promise<string> {
  const folders = await Promise.all(
    ['src', 'test'].map(async (root) => (await readdir(root, { recursive: true })).map((file) => join(root, file))),
  );
  return folders.flat().find((file) => file.includes(pattern)) ?? pattern;
}
