import { runTestCommand } from './test-command.js';

/** `npm run simulate-payments -- --seed 7 --days 1000`: random days of payments, see test/simulation/payments. Fails if a rule is broken. */
process.exit(await runTestCommand('test/simulation/payments/command.ts'));
