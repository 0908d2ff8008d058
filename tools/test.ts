import { buildForTests } from './test-build.js';
import { runWithTestDatabases } from './test-command.js';

/**
 * Runs Jest with its own PostgreSQL and Redis, or with those of DATABASE_URL and REDIS_URL: `npm run jest -- booking`. The option
 * `--long`, of `npm run test:long`, runs every test in its long form (test/support/long-form.ts).
 */
const args = process.argv.slice(2).filter((arg) => arg !== '--long');
const isLong = process.argv.includes('--long') || process.env.LONG_TESTS === 'true';

buildForTests();
process.exit(
  await runWithTestDatabases(['node_modules/jest/bin/jest.js', ...args], {
    LONG_TESTS: String(isLong),
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
  }),
);
