import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { ApiProcess } from '../support/processes.js';
import { isReady } from '../support/readiness.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { Histories, repeatedly } from './histories.js';

const HELP = `npm run linearizability -- [options]: concurrent clients of an API process whose connections are cut and which is killed
  --seed n      of the requests and faults; default: 1. Their times are the machine's
  --minutes n   default: 2`;

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  minutes: { type: 'string', default: '2' },
  help: { type: 'boolean', default: false },
} as const;

const [ROUND_SECONDS, REQUESTS] = [20, 80];
const CUT_MILLISECONDS = 200;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const { values } = parseArgs({ options: OPTIONS });
if (values.help) {
  print(HELP);
  process.exit(0);
}

const app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
const histories = await Histories.open(app);
await app.stopServing();
const database = await TcpProxy.start(app.environment.DATABASE_URL as string);
const environment = { ...app.environment, DATABASE_URL: database.url, JOBS_IN_PROCESS: 'false' };
let api = await ApiProcess.start(environment);
const clients = await TcpProxy.start(api.url);
const faults = { cuts: 0, 'cuts of the database': 0, kills: 0 };

async function cut(proxy: TcpProxy, milliseconds: number): Promise<void> {
  proxy.refuse();
  await pause(milliseconds);
  proxy.accept();
}

async function killAndRestart(): Promise<void> {
  faults.kills += 1;
  await api.kill();
  api = await ApiProcess.start(environment, api.port);
}

const first = Number(values.seed);
const until = performance.now() + Number(values.minutes) * 60_000;
let violations = 0;
for (let seed = first; performance.now() < until; seed += 1) {
  const result = await histories.run(clients.url, {
    ...{ seed, requests: REQUESTS, seconds: ROUND_SECONDS },
    disturb: (random, signal) =>
      repeatedly({ random, signal, from: 200, to: 1_500 }, async () => {
        const dice = random.below(10);
        const length = random.below(CUT_MILLISECONDS);
        if (dice === 0) return killAndRestart();
        faults[dice < 6 ? 'cuts' : 'cuts of the database'] += 1;
        return cut(dice < 6 ? clients : database, length);
      }),
    heal: () =>
      eventually(async () => {
        if (!(await isReady(new URL(clients.url).origin))) throw new Error('The API is not ready.');
      }),
  });
  violations += result.violations.length;
  print(`seed ${seed}: ${result.operations} operations, ${result.unanswered} without an answer`);
  for (const violation of result.violations) print(`VIOLATION ${violation}`);
}
await api.kill();
await clients.close();
await database.close();
await app.close();
print(
  `${Object.entries(faults)
    .map(([fault, count]) => `${count} ${fault}`)
    .join(', ')}; ${violations} violations`,
);
process.exit(violations === 0 ? 0 : 1);
