import { runTestCommand } from './test-command.js';

/** `npm run interleavings -- --seed 7`: orders of the statements of concurrent requests, see test/interleavings. Fails if one breaks a rule. */
process.exit(await runTestCommand('test/interleavings/command.ts'));
