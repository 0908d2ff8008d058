import { runBuiltCommand } from './test-command.js';

/** `npm run faults`: breaks processes, servers and networks, and checks that nothing is lost (docs/faults.md). */
process.exit(await runBuiltCommand('test/faults/command.ts'));
