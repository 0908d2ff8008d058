/**
 * Runs the tests in their long form and measures which lines and branches of `src` they run, in Jest's workers and in the processes and threads
 * that the tests start: `npm run coverage`. Exits non-zero if a test fails or a figure is below its threshold. With arguments for
 * Jest that select tests, such as `npm run coverage -- booking`, no threshold applies.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import coverage, { type CoverageMap, type CoverageMapData, type CoverageSummary } from 'istanbul-lib-coverage';
import report from 'istanbul-lib-report';
import reports from 'istanbul-reports';
import { COUNTERS_FOLDER } from './counters/instrument.js';

const THRESHOLDS = { lines: 95, branches: 90 };
const SHOWN_FILES = 15;
const args = process.argv.slice(2);
/** The options of Jest that do not select tests. */
const WORKER_OPTIONS = {
  maxWorkers: { type: 'string', short: 'w' },
  runInBand: { type: 'boolean', short: 'i' },
} as const;
const log = (line: string): void => void process.stdout.write(`${line}\n`);

const tests = spawn(process.execPath, [...process.execArgv, 'tools/test.ts', ...args], {
  stdio: 'inherit',
  env: { ...process.env, COVERAGE: 'true', LONG_TESTS: 'true' },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal));
const [code] = (await once(tests, 'exit')) as [number | null];

const map = await readCounters();
const context = report.createContext({ dir: 'coverage', coverageMap: map });
for (const name of ['html', 'lcovonly', 'json-summary'] as const) reports.create(name).execute(context);
const summary = map.getCoverageSummary();
printLeastCovered(map);
log(`\nlines ${summary.lines.pct} %, branches ${summary.branches.pct} %; file by file in coverage/index.html`);
process.exitCode = code === 0 && isEnough(summary) ? 0 : 1;

async function readCounters(): Promise<CoverageMap> {
  const result = coverage.createCoverageMap({});
  const files = (await readdir(COUNTERS_FOLDER)).filter((file) => file.endsWith('.json'));
  for (const file of files) {
    result.merge(JSON.parse(await readFile(join(COUNTERS_FOLDER, file), 'utf8')) as CoverageMapData);
  }
  return result;
}

function printLeastCovered(files: CoverageMap): void {
  const missing = files.files().map((file) => {
    const { lines, branches } = files.fileCoverageFor(file).toSummary();
    return { file, lines: lines.total - lines.covered, branches: branches.total - branches.covered };
  });
  missing.sort((a, b) => b.lines + b.branches - (a.lines + a.branches));
  log('\nuncovered lines, uncovered branches');
  for (const { file, lines, branches } of missing.slice(0, SHOWN_FILES)) {
    log(`${String(lines).padStart(5)} ${String(branches).padStart(5)}  ${relative('.', file)}`);
  }
}

function selectsTests(): boolean {
  const { values, positionals } = parseArgs({ args, options: WORKER_OPTIONS, strict: false });
  return positionals.length > 0 || Object.keys(values).some((name) => !(name in WORKER_OPTIONS));
}

function isEnough(figures: CoverageSummary): boolean {
  if (selectsTests()) return true;
  const low = (['lines', 'branches'] as const).filter((what) => figures[what].pct < THRESHOLDS[what]);
  for (const what of low) log(`${what}: ${figures[what].pct} % is below the threshold of ${THRESHOLDS[what]} %`);
  return low.length === 0;
}
