import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { createInstrumenter } from 'istanbul-lib-instrument';

/** A file of counters for each process of a test run, and one with zero for every source file. */
export const COUNTERS_FOLDER = '.data/coverage';

/** Set by `npm run coverage`. */
export const isMeasuring = process.env.COVERAGE === 'true';

/** Istanbul, because V8's counters report every line of a loaded file outside of functions as covered. */
const instrumenter = createInstrumenter({
  esModules: true,
  compact: false,
  parserPlugins: ['typescript', 'decorators-legacy', 'importAttributes'],
});
const uncovered: Record<string, unknown> = {};

/** Returns the code with counters of statements and branches, which are written to a file when the process ends. */
export function instrument(file: string, code: string): string {
  const instrumented = instrumenter.instrumentSync(code, resolve(file));
  uncovered[resolve(file)] = instrumenter.lastFileCoverage();
  const collector = relative(dirname(file), 'tools/counters/collect.js');
  return `${instrumented}\nimport '${collector}';\n`;
}

/** Writes zero for every source file, so that files that no test loads count too. */
export function writeUncoveredFiles(): void {
  rmSync(COUNTERS_FOLDER, { recursive: true, force: true });
  mkdirSync(COUNTERS_FOLDER, { recursive: true });
  writeFileSync(join(COUNTERS_FOLDER, 'uncovered.json'), JSON.stringify(uncovered));
}
