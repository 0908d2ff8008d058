import { renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';

/** The folder beside `.data/coverage-build`, from which this module is loaded. Test processes get few environment variables. */
const FOLDER = fileURLToPath(new URL('../../../coverage/', import.meta.url));
const FILE = `${FOLDER}${process.pid}-${threadId}-${Math.round(performance.timeOrigin)}`;
const EVERY_MILLISECONDS = 1_000;
/** False in the build without counters, whose Jest environment also loads this module. */
const isMeasuring = import.meta.url.includes('/coverage-build/');

/** Writes the counters of this thread to its file, which replaces earlier figures. */
export function writeCounters(): void {
  const counters = (globalThis as { __coverage__?: unknown }).__coverage__;
  if (!counters) return;
  // Renamed into place, because tests can kill the process during the write.
  writeFileSync(`${FILE}.part`, JSON.stringify(counters));
  renameSync(`${FILE}.part`, `${FILE}.json`);
}

if (isMeasuring) {
  process.on('exit', writeCounters);
  // Also regularly: killed processes and terminated threads have no exit event.
  setInterval(writeCounters, EVERY_MILLISECONDS).unref();
}
