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
import { dirname, join, sep } from 'node:path';
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
  const { code } = transformSync(isInstrumented ? instrument(file, source) : source, {
    filename: file,
    swcrc: true,
    sourceMaps: 'inline',
  });
  mkdirSync(dirname(output), { recursive: true });
  // Renamed into place, because another test run may be reading the file.
  const part = `${output}.${process.pid}`;
  writeFileSync(part, code);
  renameSync(part, output);
}
