import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { PaymentWorld } from '../../support/payments.js';
import { TestProcess } from '../../support/processes.js';
import { simulatePaymentDays } from './payment-days.js';

const HELP = `npm run simulate-payments -- [options]: random days of payments, with every rule checked after each
  --seed n     default: 1. The same seed makes the same choices
  --days n     default: 1000
  --visits n   visits of a day, at the same time; default: 3
  --kills n    on how many of a hundred days the server process is killed; default: 5`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: '1000' },
    visits: { type: 'string', default: '3' },
    kills: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const [seed, days, visits, kills] = [values.seed, values.days, values.visits, values.kills].map(Number) as [
  number,
  number,
  number,
  number,
];
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
print(`${days} days of ${visits} visits with seed ${seed}; the server is killed on ${kills} of 100 days`);

// Two patients for each visit, at most. Their tokens, which are made at the beginning, last as long as the run.
const world = await PaymentWorld.open(days * visits * 2, { JWT_EXPIRES_IN: '24h' });
const start = async (): Promise<TestProcess> => {
  const env = { ...world.app.environment, ...world.razorpay.environment, JOBS_IN_PROCESS: 'false', LOG_LEVEL: 'info' };
  const server = new TestProcess('src/main.ts', env);
  world.target = `http://127.0.0.1:${await server.listeningPort()}`;
  return server;
};
let server = await start();
let killed = 0;
const { tally, violations } = await simulatePaymentDays(world, {
  ...{ seed, days, visits, interruptPercent: kills, log: print },
  interrupt: async (random) => {
    await sleep(random.below(250));
    await server.kill();
    killed += 1;
    server = await start();
  },
});
await server.kill();
await world.close();
for (const [visit, count] of Object.entries(tally).sort()) print(`  ${visit}: ${count}`);
for (const violation of violations) print(`VIOLATION ${violation}`);
print(`${days} days, ${killed} kills, ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
