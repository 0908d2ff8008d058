import { spawn } from 'node:child_process';
import { Interrupted } from './services/interruption.js';
import { withTestDatabases } from './services/test-databases.js';
import { buildForTests } from './test-build.js';

/** `npm run jest -- booking`: runs Jest with its own PostgreSQL and Redis, or with those of DATABASE_URL and REDIS_URL. */
buildForTests();
process.exit(
  await withTestDatabases((variables, interrupted) => {
    const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...process.argv.slice(2)], {
      stdio: 'inherit',
      env: {
        ...process.env,
        ...variables,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      },
    });
    interrupted.catch((error: unknown) => jest.kill(error instanceof Interrupted ? error.signal : 'SIGTERM'));
    return new Promise((resolve) => jest.once('exit', (exitCode) => resolve(exitCode ?? 1)));
  }),
);
