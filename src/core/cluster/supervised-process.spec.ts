import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { eventually, within } from '../../../test/support/eventually.js';
import { MAX_FAILURES, SupervisedProcess } from './supervised-process.js';

const SERVES = `process.send('ready'); process.on('message', (message) => message === 'retire' && process.exit(0));`;
const FAILS = `process.exit(3);`;

let folder: string;
let program: string;
let supervised: SupervisedProcess[] = [];
let forked: ChildProcess[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-supervised-'));
  program = join(folder, 'program.mjs');
});
afterEach(async () => {
  await Promise.all(supervised.map((one) => one.stop()));
  supervised = [];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(source: string, onGiveUp = (): void => undefined): Promise<SupervisedProcess> {
  await writeFile(program, source);
  forked = [];
  const one = new SupervisedProcess({
    name: 'api-1',
    fork: () => {
      const child = fork(program, { execArgv: [], env: {} });
      forked.push(child);
      return child;
    },
    retire: (child) => void child.send('retire'),
    onGiveUp,
    onEvent: () => undefined,
    firstDelayMilliseconds: 1,
    endWithinMilliseconds: 20_000,
  });
  supervised.push(one);
  one.start();
  return one;
}

const serving = (one: SupervisedProcess): Promise<void> => eventually(async () => expect(one.ready).toBe(true));

it('starts a process again that was killed', async () => {
  const one = await start(SERVES);
  await serving(one);
  forked[0]?.kill('SIGKILL');
  await eventually(async () => expect([one.restarts, one.ready]).toEqual([1, true]));
  expect(one.process).toBe(forked[1]);
});

it('gives up a process that fails at once each time', async () => {
  await within('the end of all attempts', new Promise<void>((resolve) => void start(FAILS, resolve)));
  expect(forked).toHaveLength(MAX_FAILURES);
});

it('ends the old process only when the new one serves', async () => {
  const one = await start(SERVES);
  await serving(one);
  expect(await one.replace()).toBe(true);
  expect(forked.map(({ exitCode }) => exitCode)).toEqual([0, null]);
  expect([one.process, one.ready, one.restarts]).toEqual([forked[1], true, 0]);
});

it('keeps the old process if the new one fails', async () => {
  const one = await start(SERVES);
  await serving(one);
  await writeFile(program, FAILS);
  expect(await one.replace()).toBe(false);
  expect(forked.map(({ exitCode }) => exitCode)).toEqual([null, 3]);
  expect([one.process, one.ready]).toEqual([forked[0], true]);
});

it('has one process if the old one dies while the new one starts', async () => {
  const one = await start(SERVES);
  await serving(one);
  await writeFile(program, `setTimeout(() => process.send('ready'), 300);`);
  const replaced = one.replace();
  forked[0]?.kill('SIGKILL');
  expect(await replaced).toBe(true);
  expect([forked.length, one.process === forked[1], one.ready]).toEqual([2, true, true]);
});
