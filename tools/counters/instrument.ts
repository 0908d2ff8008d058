import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { createInstrumenter } from 'istanbul-lib-instrument';

/** One file of counters for each process that ran, and one with every source file at zero. */
export const COUNTERS_FOLDER = '.data/coverage';

/** Set by `npm run coverage`. */
export const isMeasuring = process.env.COVERAGE === 'true';

/** With Istanbul, not by V8's own counters: those take every line of a loaded file that is no function body for covered. */
const instrumenter = createInstrumenter({
  esModules: true,
  compact: false,
  parserPlugins: ['typescript', 'decorators-legacy', 'importAttributes'],
});
const atZero: Record<string, unknown> = {};

/** TypeScript that counts which statements and branches run, and writes the counters down when its process ends. */
export function instrument(file: string, code: string): string {
  const counting = instrumenter.instrumentSync(code, resolve(file));
  atZero[resolve(file)] = instrumenter.lastFileCoverage();
  const collector = relative(dirname(file), 'tools/counters/collect.js');
  return `${counting}\nimport '${collector}';\n`;
}

/** So that a file which no test loads counts too. */
export function writeFilesAtZero(): void {
  rmSync(COUNTERS_FOLDER, { recursive: true, force: true });
  mkdirSync(COUNTERS_FOLDER, { recursive: true });
  writeFileSync(join(COUNTERS_FOLDER, 'at-zero.json'), JSON.stringify(atZero));
}
