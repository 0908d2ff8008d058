import { spawn } from 'node:child_process';
import { Interrupted } from './services/interruption.js';
import { withTestDatabases } from './services/test-databases.js';
import { buildForTests, builtPath } from './test-build.js';

/** `npm run simulate-payments -- --seed 7 --days 1000`: random days of payments, see test/simulation/payments. Fails if a rule is broken. */
buildForTests();
process.exit(
  await withTestDatabases((variables, interrupted) => {
    const command = builtPath('test/simulation/payments/command.ts');
    const simulation = spawn(process.execPath, [command, ...process.argv.slice(2)], {
      stdio: 'inherit',
      env: { ...process.env, ...variables },
    });
    interrupted.catch((error: unknown) => simulation.kill(error instanceof Interrupted ? error.signal : 'SIGTERM'));
    return new Promise((resolve) => simulation.once('exit', (exitCode) => resolve(exitCode ?? 1)));
  }),
);
