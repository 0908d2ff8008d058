import { runTestCommand } from './test-command.js';

/** `npm run linearizability -- --seed 7`: histories of concurrent clients under faults, see test/linearizability. Fails if no order explains one. */
process.exit(await runTestCommand('test/linearizability/command.ts'));
