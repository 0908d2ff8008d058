import { runBuiltCommand } from './test-command.js';

/** `npm run soak`: random faults for some minutes, in which memory and open files must stay flat (docs/faults.md). */
process.exit(await runBuiltCommand('test/faults/soak-command.ts'));
