import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';

/** Beside `.data/coverage-build`, in which this module is loaded. Relative, since test processes get few variables. */
const FOLDER = fileURLToPath(new URL('../../../coverage/', import.meta.url));
const startedAt = Math.round(performance.timeOrigin);

/** Writes the counters of this thread down. Later calls replace what earlier ones wrote. */
export function writeCounters(): void {
  const counters = (globalThis as { __coverage__?: unknown }).__coverage__;
  if (counters) writeFileSync(`${FOLDER}${process.pid}-${threadId}-${startedAt}.json`, JSON.stringify(counters));
}

process.on('exit', writeCounters);
