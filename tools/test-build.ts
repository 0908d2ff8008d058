import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { transformSync } from '@swc/core';
import { instrument, isMeasuring, writeUncoveredFiles } from './counters/instrument.js';

/** jest.config.js has the same paths. */
const FOLDER = isMeasuring ? '.data/coverage-build' : '.data/test-build';
const FOLDERS = ['src', 'migrations', 'tools', 'test'];

/** Returns the path of the compiled JavaScript of a TypeScript file. Both paths are relative to the repository. */
export const builtPath = (file: string): string => join(FOLDER, file.replace(/\.ts$/, '.js'));

/** Compiles the files that changed since the last run, for the tests and for the processes that they start. */
export function buildForTests(): void {
  compile('ormconfig.ts');
  for (const folder of FOLDERS) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) compile(join(folder, file));
  }
  if (isMeasuring) writeUncoveredFiles();
}

/** The weights of the chat's classifier, which it reads from the folder of its module. */
function copy(file: string): void {
  mkdirSync(dirname(builtPath(file)), { recursive: true });
  copyFileSync(file, builtPath(file));
}

function compile(file: string): void {
  if (file.endsWith('.bin')) return copy(file);
  if (!file.endsWith('.ts') || file.endsWith('.d.ts') || file.endsWith('.spec.ts')) return;
  const output = builtPath(file);
  const isInstrumented = isMeasuring && file.startsWith(`src${sep}`);
  if (!isInstrumented && existsSync(output) && statSync(output).mtimeMs > statSync(file).mtimeMs) return;
  const source = readFileSync(file, 'utf8');
  const { code, map = '' } = transformSync(isInstrumented ? instrument(file, source) : source, {
    filename: resolve(file),
    swcrc: true,
  });
  mkdirSync(dirname(output), { recursive: true });
  // A file of its own, for debuggers: each process that a test starts would read an inline map.
  write(`${output}.map`, map);
  write(output, `${code}//# sourceMappingURL=${basename(output)}.map\n`);
}

/** Renames the file into place, because another test run may be reading it. */
function write(file: string, content: string): void {
  const part = `${file}.${process.pid}`;
  writeFileSync(part, content);
  renameSync(part, file);
}
