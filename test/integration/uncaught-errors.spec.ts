import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { builtPath } from '../../tools/test-build.js';
import { within } from '../support/eventually.js';

const moduleUrl = (file: string): string => JSON.stringify(pathToFileURL(builtPath(file)).href);

/** Runs a process that logs like API and worker. @returns its exit code, and the lines of its log */
async function run(statement: string): Promise<{ exitCode: number; lines: unknown[] }> {
  const program = `
    const { createLogger } = await import(${moduleUrl('src/core/logging/logger.ts')});
    const { exitOnUncaughtErrors } = await import(${moduleUrl('src/core/logging/uncaught-errors.ts')});
    exitOnUncaughtErrors(createLogger('info'));
    setTimeout(() => { ${statement} });
    setInterval(() => undefined, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [exitCode]] = await within(
    'the end of the process',
    Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number]>]),
  );
  return {
    exitCode,
    lines: output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  };
}

describe('an error that nothing catches', () => {
  it.each([
    ['uncaughtException', `throw Object.assign(new TypeError('of Mona Hassan'), { detail: 'Mona Hassan' })`],
    ['unhandledRejection', `void Promise.reject(new TypeError('of Mona Hassan'))`],
  ])('is logged without its texts, and ends the process with 1: %s (L-04)', async (origin, statement) => {
    const { exitCode, lines } = await run(statement);
    const error = { type: 'TypeError', stack: expect.stringContaining('    at ') };
    expect([exitCode, lines]).toEqual([1, [expect.objectContaining({ level: 'fatal', origin, err: error })]]);
    expect(JSON.stringify(lines)).not.toContain('Mona');
  });
});
