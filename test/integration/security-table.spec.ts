import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

/** The table of docs/security.md and the ids in the names of tests are compared in both directions. */

/** How many requirements each group has: T-01 to T-14 and so on. */
const GROUPS = { T: 14, A: 11, Z: 11, I: 10, R: 3, U: 9, S: 2, W: 5, H: 6, X: 2, L: 4, C: 5, P: 12 };
const NAME = /\(\s*(['"`])((?:(?!\1).)*?) \(([A-Z]-\d\d(?:, [A-Z]-\d\d)*)\)\1,/g;
const ROW = /^\| ([A-Z]-\d\d) \| (.+?) \| (covered|partly|not covered)(?:\. (.+?))? \| (.+) \|$/;

interface Row {
  id: string;
  state: string;
  reason: string | undefined;
  tests: string[];
}

let rows: Row[];
/** The tests of each id, as in the table: `file`: name. */
let named: Map<string, string[]>;
let files: string[];

beforeAll(async () => {
  const page = await readFile('docs/security.md', 'utf8');
  const lines = page.split('\n').filter((line) => /^\| [A-Z]-\d/.test(line) && !line.startsWith('| `'));
  rows = lines.map((line) => {
    const [, id = '', , state = `unreadable: ${line}`, reason, tests = ''] = ROW.exec(line) ?? [];
    return { id, state, reason, tests: tests === 'none' ? [] : tests.replaceAll('\\|', '|').split('<br>') };
  });
  const folders = await Promise.all(['src', 'test'].map((folder) => readSpecs(folder)));
  const specs = folders.flat().sort();
  named = new Map();
  files = [];
  for (const file of specs) {
    const matches = [...(await readFile(file, 'utf8')).matchAll(NAME)];
    if (matches.length > 0) files.push(file);
    for (const [, , name = '', ids = ''] of matches) {
      for (const id of ids.split(', ')) {
        const test = `\`${file}\`: ${name}`;
        const tests = named.get(id) ?? [];
        if (!tests.includes(test)) named.set(id, [...tests, test]);
      }
    }
  }
});

const readSpecs = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith('.spec.ts'))
    .map((file) => join(folder, file));

describe('the table of docs/security.md', () => {
  it('has each requirement once', () => {
    const ids = Object.entries(GROUPS).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, n) => `${letter}-${String(n + 1).padStart(2, '0')}`),
    );
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  it('names exactly the tests that have the id in their names', () => {
    const listed = Object.fromEntries(rows.map(({ id, tests }) => [id, [...tests].sort()]));
    const found = Object.fromEntries(rows.map(({ id }) => [id, [...(named.get(id) ?? [])].sort()]));
    expect(listed).toEqual(found);
    expect([...named.keys()].filter((id) => !(id in listed))).toEqual([]);
  });

  it('says of each requirement whether it is covered, and otherwise why not', () => {
    expect(rows.filter(({ state }) => !['covered', 'partly', 'not covered'].includes(state))).toEqual([]);
    expect(rows.filter(({ state, tests }) => (state === 'not covered') !== (tests.length === 0))).toEqual([]);
    expect(rows.filter(({ state, reason }) => state !== 'covered' && !reason)).toEqual([]);
  });
});

describe('npm run test:security', () => {
  it('runs the tests with ids, of exactly the files that have one', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
    const script = scripts['test:security'] ?? '';
    expect(script.startsWith('nest build && npm run -s jest -- ')).toBe(true);
    const print = script.replace('nest build && npm run -s jest --', `printf '%s\\n'`);
    const { stdout } = await promisify(execFile)('sh', ['-c', print]);
    const [option, pattern = '', ...selected] = stdout.trim().split('\n');
    expect([option, selected.sort()]).toEqual(['-t', files]);
    expect('a token with alg none (T-01, T-02)').toMatch(new RegExp(pattern));
    expect('a search folds by Unicode (docs/patients.md)').not.toMatch(new RegExp(pattern));
  });
});
