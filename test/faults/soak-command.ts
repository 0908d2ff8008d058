import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { freePort } from '../../tools/services/children.js';
import { Interrupted, untilInterrupted } from '../../tools/services/interruption.js';
import { Random } from '../simulation/random.js';
import type { Fault } from './fault.js';
import { FAULTS } from './faults/index.js';
import { findGrowth } from './flatness.js';
import { sampleHeap, withInspector, type Sample } from './heap.js';
import { settle } from './invariants.js';
import { Load } from './load.js';
import { printViolations } from './report.js';
import { check, injectOnce } from './runner.js';
import { World } from './world.js';

const HELP = `npm run soak -- [options]: random faults one after the other while clients work; memory and open files must stay flat
  --seed n       default: 1
  --minutes n    default: 10`;

const CHANGES_BETWEEN = 10;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
if (values.help) {
  print(HELP);
  process.exit(0);
}

const interrupted = untilInterrupted();
const random = new Random(Number(values.seed));
const world = await World.open();
process.on('unhandledRejection', (error) => world.problems.push(`unhandled: ${String(error)}`));
// API 2 and worker 1 live until the end, so that they can be measured.
world.killable = world.apis.slice(0, 1);
const measured = await Promise.all(
  [...world.apis.slice(1), world.worker].map(async (process) => ({
    ...{ process, port: await freePort(0), samples: [] as Sample[] },
  })),
);
const injected = new Map<string, number>();
const result = { lost: [] as string[], duplicated: [] as string[], violations: [] as string[] };
const started = performance.now();
const minutes = (): number => (performance.now() - started) / 60_000;

async function chooseFaults(): Promise<Fault[]> {
  const chosen: Fault[] = [];
  for (const fault of FAULTS) {
    if (fault.notInSoak) continue;
    if (((await fault.unavailable?.(world)) ?? null) === null) chosen.push(fault);
  }
  return chosen;
}

async function soak(): Promise<void> {
  for (const { process, port } of measured) {
    await process.stop();
    await process.start(withInspector(port));
  }
  const faults = await chooseFaults();
  const load = new Load(world, random);
  while (minutes() < Number(values.minutes)) {
    const fault = random.pick(faults) as Fault;
    const seconds = await injectOnce(world, fault, { load, random });
    injected.set(`${fault.id} ${fault.title}`, (injected.get(`${fault.id} ${fault.title}`) ?? 0) + 1);
    await load.waitForAcknowledged(CHANGES_BETWEEN);
    for (const { process, port, samples } of measured) samples.push(await sampleHeap(process, port, minutes()));
    print(`${minutes().toFixed(1)} min: ${fault.title}, recovered in ${seconds.toFixed(1)} s`);
  }
  await load.stop();
  result.violations.push(...(await settle(world)));
  await check(world, result);
}

try {
  await Promise.race([interrupted, soak()]);
} catch (error) {
  if (!(error instanceof Interrupted)) result.violations.push(`the soak ended with an error: ${String(error)}`);
}
result.violations.push(
  ...world.problems,
  ...measured.flatMap(({ process, samples }) => findGrowth(process.name, samples)),
);
const all = [...result.lost, ...result.duplicated, ...result.violations];
await world.close(all.length > 0);
for (const [fault, count] of injected) print(`${count} × ${fault}`);
for (const { process, samples } of measured) {
  print(`${process.name}: minute, heap after garbage collection (MB), memory (MB), open files`);
  for (const { minute, heapMegabytes, megabytes, files } of samples)
    print(`  ${minute.toFixed(1)} ${heapMegabytes.toFixed(1)} ${megabytes.toFixed(0)} ${files}`);
}
printViolations(all, print);
if (all.length > 0) print(`data and logs: ${world.folder}`);
print(
  `seed ${values.seed}, ${[...injected.values()].reduce((sum, count) => sum + count, 0)} faults, ${world.kills} kills, ` +
    `${world.log.countAcknowledged()} acknowledged, ${all.length} violations`,
);
process.exit(all.length === 0 ? 0 : 1);
