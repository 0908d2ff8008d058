import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';

const PAGES = ['docs/complaints.md', 'docs/found-in-use.md'];

/** A line of a page that names a test: - `test/e2e/zones.spec.ts`: "its name" */
const TEST = /^- `((?:src|test)\/[\w./-]+\.spec\.ts)`: "(.+)"$/;

/** A heading of a complaint, a requirement or a failure. */
const CASE = /^(## \d|### )/;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether the source calls `it`, `test`, `describe` or their `each` with this name. */
const hasTest = (source: string, name: string): boolean =>
  new RegExp(`\\(\\s*(['"\`])${escaped(name)}\\1,`).test(source);

describe.each(PAGES)('%s', (page) => {
  it('names only tests that exist', async () => {
    const lines = (await readFile(page, 'utf8')).split('\n').filter((line) => line.startsWith('- '));
    expect(lines.length).toBeGreaterThan(60);
    const unknown: string[] = [];
    for (const line of lines) {
      const [, file = '', name = ''] = TEST.exec(line) ?? [];
      if (!existsSync(file) || !hasTest(await readFile(file, 'utf8'), name)) unknown.push(line);
    }
    expect(unknown).toEqual([]);
  });

  it('names a test for each case whose feature is available', async () => {
    const sections = (await readFile(page, 'utf8')).split(/^(?=##)/m).filter((section) => CASE.test(section));
    expect(sections.length).toBeGreaterThan(30);
    const untested = sections.filter((section) => !section.includes('\n- `') && !section.includes('Not available yet'));
    expect(untested.map((section) => section.split('\n')[0])).toEqual([]);
  });
});
