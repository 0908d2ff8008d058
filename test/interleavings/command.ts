import { inspect, parseArgs } from 'node:util';
import { Interleavings, type Explored } from './interleavings.js';
import { SCENARIOS } from './scenarios.js';

const HELP = `npm run interleavings -- [options]: every order of the statements of two requests, and random orders of three
  --only text    only the scenarios whose name contains this
  --all          also the orders that differ only by neighbours that cannot influence each other
  --three n      random orders of three sessions; default: 500
  --seed n       of these orders; default: 1
  --path p       of a failure, as it was printed: runs only that one`;

const OPTIONS = {
  only: { type: 'string', default: '' },
  all: { type: 'boolean', default: false },
  three: { type: 'string', default: '500' },
  seed: { type: 'string', default: '1' },
  path: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const { values } = parseArgs({ options: OPTIONS });
if (values.help) {
  print(HELP);
  process.exit(0);
}

const { only, all, three, seed, path } = values;
const interleavings = await Interleavings.start();
let failures = 0;
let orders = 0;
const chosen = path === undefined ? SCENARIOS.filter(({ name }) => name.includes(only)) : [];
for (const scenario of chosen) {
  const explored = await interleavings.explore(scenario, all ? 'ALL' : 'DISTINCT');
  printExplored(explored);
  orders += explored.orders;
  failures += explored.failures.length;
}
print(`${chosen.length} scenarios of two sessions, ${orders} orders`);
if (Number(three) > 0) {
  try {
    const results = await interleavings.exploreThree(Number(three), Number(seed), path);
    print(`${three} orders of three sessions, seed ${seed}: ${results.size} different answers`);
  } catch (error) {
    failures += 1;
    print(`VIOLATION ${inspect(error)}`);
  }
}
await interleavings.close();
print(`${failures} violations`);
process.exit(failures === 0 ? 0 : 1);

function printExplored({ scenario, orders: visited, repetitions, diverged, results, failures: found }: Explored): void {
  const others = diverged > 0 ? `, ${diverged} not repeatable` : '';
  print(`${scenario}: ${visited} orders (and ${repetitions} repetitions${others})`);
  for (const [answers, count] of results) print(`  ${count} × ${answers}`);
  for (const failure of found) print(`VIOLATION ${failure}`);
}
