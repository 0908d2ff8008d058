import { spawnSync } from 'node:child_process';
import { buildForTests, builtPath } from './test-build.js';

/** `npm run replication -- --seed 7`: kills primaries under load and promotes their replicas, see test/replication. Fails if something is lost. */
buildForTests();
const args = [builtPath('test/replication/command.ts'), ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
