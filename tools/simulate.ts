import { spawn } from 'node:child_process';
import { Interrupted } from './services/interruption.js';
import { withTestDatabases } from './services/test-databases.js';
import { buildForTests, builtPath } from './test-build.js';

/** `npm run simulate -- --seed 7`: a simulated day of a clinic, see test/simulation. Fails if a rule is broken. */
buildForTests();
process.exit(
  await withTestDatabases((variables, interrupted) => {
    const simulation = spawn(process.execPath, [builtPath('test/simulation/command.ts'), ...process.argv.slice(2)], {
      stdio: 'inherit',
      env: { ...process.env, ...variables },
    });
    interrupted.catch((error: unknown) => simulation.kill(error instanceof Interrupted ? error.signal : 'SIGTERM'));
    return new Promise((resolve) => simulation.once('exit', (exitCode) => resolve(exitCode ?? 1)));
  }),
);
