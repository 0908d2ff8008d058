import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';

const FOLDER = '.data/test-build';
const SOURCES = ['src', 'migrations', 'tools'];

/**
 * The sources as JavaScript, for processes that tests start and kill: compiled while they start they take twice as long.
 * What has not changed since the last run is left as it is. @returns the entry's path
 */
export function compiled(entry: string): string {
  for (const folder of SOURCES) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) compile(join(folder, file));
  }
  return outputOf(entry);
}

const outputOf = (file: string): string => join(FOLDER, file.replace(/\.ts$/, '.js'));

function compile(file: string): void {
  if (!file.endsWith('.ts') || file.endsWith('.spec.ts')) return;
  const output = outputOf(file);
  if (existsSync(output) && statSync(output).mtimeMs > statSync(file).mtimeMs) return;
  const { code } = transformFileSync(file, { swcrc: true, sourceMaps: 'inline' });
  mkdirSync(dirname(output), { recursive: true });
  // At once or not at all: another worker of jest may be starting from the same file.
  const part = `${output}.${process.pid}`;
  writeFileSync(part, code);
  renameSync(part, output);
}
