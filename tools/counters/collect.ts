import { renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';

/** Beside `.data/coverage-build`, in which this module is loaded. Relative, since test processes get few variables. */
const FOLDER = fileURLToPath(new URL('../../../coverage/', import.meta.url));
const FILE = `${FOLDER}${process.pid}-${threadId}-${Math.round(performance.timeOrigin)}`;
const EVERY_MILLISECONDS = 1_000;
/** In the other build, Jest's environment loads this module, too. */
const isMeasuring = import.meta.url.includes('/coverage-build/');

/** Writes the counters of this thread down. Later calls replace what earlier ones wrote. */
export function writeCounters(): void {
  const counters = (globalThis as { __coverage__?: unknown }).__coverage__;
  if (!counters) return;
  // Atomically: tests kill processes at any moment.
  writeFileSync(`${FILE}.part`, JSON.stringify(counters));
  renameSync(`${FILE}.part`, `${FILE}.json`);
}

if (isMeasuring) {
  process.on('exit', writeCounters);
  // Processes that are killed and threads that are terminated have no exit event.
  setInterval(writeCounters, EVERY_MILLISECONDS).unref();
}
