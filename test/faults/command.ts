import { parseArgs } from 'node:util';
import { FAULTS } from './faults/index.js';
import { Interrupted, untilInterrupted } from '../../tools/services/interruption.js';
import { printTable, printViolations } from './report.js';
import { checkSweep } from './sweep.js';
import { runFault, type FaultResult } from './runner.js';
import { World } from './world.js';

const HELP = `npm run faults -- [options]: breaks processes, servers and networks while clients work, and checks that nothing is lost
  --seed n        of the requests and faults; default: 1. Their times are the machine's
  --rounds n      how often each fault has its turn; default: 1
  --runs n        how often each fault is injected in a turn; default: as in docs/faults.md
  --only n,n      numbers of faults (docs/faults.md); default: all
  --lossy         PostgreSQL acknowledges commits before they are durable: the command must find that and exit non-zero`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    runs: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    lossy: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
if (values.help) {
  print(HELP);
  process.exit(0);
}
const only = values.only.split(',').filter(Boolean).map(Number);
const faults = FAULTS.filter(({ id }) => only.length === 0 || only.includes(id)).map((fault) => ({
  ...fault,
  ...(values.runs && { runs: Number(values.runs) }),
}));
const interrupted = untilInterrupted();
const seed = Number(values.seed);
const world = await World.open(values.lossy);
print(
  `PostgreSQL ${world.postgres.installed ?? 'embedded'}; the processes started in ${world.startSeconds.toFixed(1)} s`,
);
// A dashboard that missed too many events, for example.
process.on('unhandledRejection', (error) => world.problems.push(`unhandled: ${String(error)}`));
const results: FaultResult[] = [];
/** Found at the end. */
const leftovers: string[] = [];
const countViolations = (): number =>
  leftovers.length +
  results.reduce(
    (sum, { lost, duplicated, violations }) => sum + lost.length + duplicated.length + violations.length,
    0,
  );
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [index, fault] of faults.entries()) {
      const result = await Promise.race([interrupted, runFault(world, fault, seed + round * 1_000 + index)]);
      results.push(result);
      print(
        `${fault.id} ${fault.title}: ${result.notRun ?? `${result.runs} runs, ${result.acknowledged} acknowledged`}`,
      );
      printViolations([...result.lost, ...result.duplicated, ...result.violations], print);
    }
  }
  leftovers.push(...(await checkSweep(world)));
} catch (error) {
  if (!(error instanceof Interrupted)) leftovers.push(`the run ended with an error: ${String(error)}`);
} finally {
  await world.close(countViolations() > 0);
}
printTable(results, print);
printViolations(leftovers, print);
print(`seed ${seed}, ${world.kills} kills, ${countViolations()} violations`);
if (countViolations() > 0) print(`data and logs: ${world.folder}`);
process.exit(countViolations() === 0 && results.length > 0 ? 0 : 1);
