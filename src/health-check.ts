/*
 * The health check of a container: exits with 0 if the process that listens on the port is ready, else with 1.
 * Usage: node dist/src/health-check.js [port]
 */
const ANSWER_WITHIN_MILLISECONDS = 4_000;

const [port = '3000'] = process.argv.slice(2);

try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/health/ready`, {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MILLISECONDS),
  });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
