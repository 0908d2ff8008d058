import { spawn } from 'node:child_process';
import { Interrupted } from './services/interruption.js';
import { withTestDatabases } from './services/test-databases.js';
import { buildForTests, builtPath } from './test-build.js';

/**
 * Runs a command of the test code with its own PostgreSQL and Redis, or with those of DATABASE_URL and REDIS_URL. It gets the arguments
 * of this process. @param entry such as `test/simulation/command.ts`
 * @returns the exit code
 */
export function runTestCommand(entry: string): Promise<number> {
  buildForTests();
  return withTestDatabases((variables, interrupted) => {
    const command = spawn(process.execPath, [builtPath(entry), ...process.argv.slice(2)], {
      stdio: 'inherit',
      env: { ...process.env, ...variables },
    });
    interrupted.catch((error: unknown) => command.kill(error instanceof Interrupted ? error.signal : 'SIGTERM'));
    return new Promise((resolve) => command.once('exit', (exitCode) => resolve(exitCode ?? 1)));
  });
}
