/*
 * The health check of a container: exits with 0 if the process that listens on the port is ready, else with 1.
 * Usage: node dist/src/health-check.js [port]
 */
import { pathToFileURL } from 'node:url';

const ANSWER_WITHIN_MILLISECONDS = 4_000;

export async function isReady(port: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MILLISECONDS);
    const { ok } = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal });
    return ok;
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = (await isReady(process.argv[2] ?? '3000')) ? 0 : 1;
}
