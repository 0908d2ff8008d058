import { spawn } from 'node:child_process';
import { Interrupted, untilInterrupted } from './services/interruption.js';
import { withTestDatabases } from './services/test-databases.js';
import { buildForTests, builtPath } from './test-build.js';

/**
 * Runs a Node program with its own PostgreSQL and Redis, or with those of DATABASE_URL and REDIS_URL, and ends it if this process is interrupted.
 * @param args the program and its arguments
 * @returns the exit code
 */
export const runWithTestDatabases = (args: readonly string[], env: Record<string, string> = {}): Promise<number> =>
  withTestDatabases((variables, interrupted) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...variables, ...env } });
    interrupted.catch((error: unknown) => child.kill(error instanceof Interrupted ? error.signal : 'SIGTERM'));
    return new Promise((resolve) => child.once('exit', (exitCode) => resolve(exitCode ?? 1)));
  });

/** Runs a command of the test code with the arguments of this process. @param entry such as `test/simulation/command.ts` */
export function runTestCommand(entry: string): Promise<number> {
  buildForTests();
  return runWithTestDatabases([builtPath(entry), ...process.argv.slice(2)]);
}

/** Runs a command of the test code that starts its own servers. */
export function runBuiltCommand(entry: string): Promise<number> {
  buildForTests();
  const interrupted = untilInterrupted();
  const child = spawn(process.execPath, [builtPath(entry), ...process.argv.slice(2)], { stdio: 'inherit' });
  interrupted.catch((error: unknown) => child.kill(error instanceof Interrupted ? error.signal : 'SIGTERM'));
  return new Promise((resolve) => child.once('exit', (exitCode) => resolve(exitCode ?? 1)));
}
