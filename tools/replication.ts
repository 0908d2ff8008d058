import { runBuiltCommand } from './test-command.js';

/** `npm run replication -- --seed 7`: kills primaries under load and promotes their replicas, see test/replication. Fails if something is lost. */
process.exit(await runBuiltCommand('test/replication/command.ts'));
