import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { builtPath } from '../../tools/test-build.js';

/** The fault suite finds what it searches for. `npm run faults` runs all of it (docs/faults.md). */

jest.setTimeout(900_000);

interface Result {
  code: number;
  printed: string;
}

const faults = (...args: string[]): Promise<Result> =>
  new Promise((resolve) => {
    execFile(process.execPath, [builtPath('test/faults/command.ts'), ...args], (error, stdout) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, printed: stdout }),
    );
  });

describe('killing all processes of PostgreSQL', () => {
  it('loses nothing that was acknowledged', async () => {
    const { code, printed } = await faults('--only', '5', '--runs', '4');
    expect({ code, printed }).toMatchObject({ code: 0, printed: expect.stringMatching(/, 4 kills, 0 violations\n$/) });
  });

  it('is found to lose acknowledged changes if PostgreSQL acknowledges commits before they are durable', async () => {
    const { code, printed } = await faults('--only', '5', '--runs', '2', '--lossy');
    expect(code).toBe(1);
    expect(printed).toMatch(/VIOLATION .* was acknowledged and is not stored/);
  });
});

describe('docs/faults.md', () => {
  it('has commands whose options exist', async () => {
    const page = await readFile('docs/faults.md', 'utf8');
    const commands = [...page.matchAll(/^npm run (faults|soak)(?: -- (.*))?$/gm)];
    expect(commands.length).toBeGreaterThan(2);
    for (const [, name, options = ''] of commands) {
      const entry = name === 'soak' ? 'soak-command' : 'command';
      const help = await new Promise<number>((resolve) => {
        const args = [builtPath(`test/faults/${entry}.ts`), ...options.split(' ').filter(Boolean), '--help'];
        execFile(process.execPath, args, (error) => resolve(error ? 1 : 0));
      });
      expect([name, options, help]).toEqual([name, options, 0]);
    }
  });
});
