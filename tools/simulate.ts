import { runTestCommand } from './test-command.js';

/** `npm run simulate -- --seed 7`: a simulated day of a clinic, see test/simulation. Fails if a rule is broken. */
process.exit(await runTestCommand('test/simulation/command.ts'));
