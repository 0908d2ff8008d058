import { parseArgs } from 'node:util';
import { withTestDatabases } from '../../tools/services/test-databases.js';
import { Random } from '../simulation/random.js';
import { DatabasePair, ReplicatedInstallation } from './installation.js';
import { runRound, type Mode } from './round.js';
import type { KnownVisit } from './visits.js';

const HELP = `npm run replication -- [options]: kills the primary of a pair of PostgreSQL servers under load, and promotes its replica
  --seed n      of requests and faults; default: 1. Their times are the machine's
  --rounds n    kills; every second one with asynchronous replication; default: 6`;

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  rounds: { type: 'string', default: '6' },
  help: { type: 'boolean', default: false },
} as const;

const PATIENTS = 6;
const MODES: readonly Mode[] = ['synchronous', 'asynchronous'];

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const { values } = parseArgs({ options: OPTIONS });
if (values.help) {
  print(HELP);
  process.exit(0);
}

/** @returns the number of violations */
async function runRounds(pair: DatabasePair, installation: ReplicatedInstallation): Promise<number> {
  let violations = 0;
  const known: KnownVisit[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const mode = MODES[round % MODES.length] ?? 'synchronous';
    const random = new Random(Number(values.seed) * 1_000 + round);
    const result = await runRound(pair, installation, { round, mode, random, patients: PATIENTS, known });
    print(`round ${round + 1}, ${mode}: ${result.summary}`);
    for (const violation of result.violations) print(`VIOLATION ${violation}`);
    violations += result.violations.length;
  }
  return violations;
}

const pair = await DatabasePair.start();
try {
  process.env.DATABASE_URL = pair.writes.url;
  process.exitCode = await withTestDatabases(async (variables, interrupted) => {
    Object.assign(process.env, variables);
    const installation = await ReplicatedInstallation.start(pair, PATIENTS);
    try {
      const violations = await Promise.race([interrupted, runRounds(pair, installation)]);
      print(`seed ${values.seed}: ${violations} violations`);
      return violations === 0 ? 0 : 1;
    } finally {
      await installation.close();
    }
  });
} finally {
  await pair.close();
}
