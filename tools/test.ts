import { spawn } from 'node:child_process';
import { Interrupted } from './services/interruption.js';
import { withTestDatabases } from './services/test-databases.js';
import { buildForTests } from './test-build.js';

/**
 * Runs Jest with its own PostgreSQL and Redis, or with those of DATABASE_URL and REDIS_URL: `npm run jest -- booking`. The option
 * `--long`, of `npm run test:long`, runs every test in its long form (test/support/long-form.ts).
 */
const args = process.argv.slice(2).filter((arg) => arg !== '--long');
const isLong = process.argv.includes('--long') || process.env.LONG_TESTS === 'true';

buildForTests();
process.exit(
  await withTestDatabases((variables, interrupted) => {
    const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...args], {
      stdio: 'inherit',
      env: {
        ...process.env,
        ...variables,
        LONG_TESTS: String(isLong),
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      },
    });
    interrupted.catch((error: unknown) => jest.kill(error instanceof Interrupted ? error.signal : 'SIGTERM'));
    return new Promise((resolve) => jest.once('exit', (exitCode) => resolve(exitCode ?? 1)));
  }),
);
