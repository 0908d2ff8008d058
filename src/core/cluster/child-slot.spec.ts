import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { ChildSlot, MAX_FAILURES } from './child-slot.js';

const SERVES = `process.send('ready'); process.on('message', (message) => message === 'retire' && process.exit(0));`;
const FAILS = `process.exit(3);`;

let folder: string;
let program: string;
let slots: ChildSlot[] = [];
let forked: ChildProcess[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-slot-'));
  program = join(folder, 'program.mjs');
});
afterEach(async () => {
  await Promise.all(slots.map((slot) => slot.stop()));
  slots = [];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(source: string, onGiveUp = (): void => undefined): Promise<ChildSlot> {
  await writeFile(program, source);
  forked = [];
  const slot = new ChildSlot({
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
  slots.push(slot);
  slot.start();
  return slot;
}

const serving = (slot: ChildSlot): Promise<void> => eventually(async () => expect(slot.ready).toBe(true));

it('starts a process again that was killed', async () => {
  const slot = await start(SERVES);
  await serving(slot);
  forked[0]?.kill('SIGKILL');
  await eventually(async () => expect([slot.restarts, slot.ready]).toEqual([1, true]));
  expect(slot.process).toBe(forked[1]);
});

it('gives up a process that fails at once each time', async () => {
  await new Promise<void>((resolve) => void start(FAILS, resolve));
  expect(forked).toHaveLength(MAX_FAILURES);
});

it('ends the old process only when the new one serves', async () => {
  const slot = await start(SERVES);
  await serving(slot);
  expect(await slot.replace()).toBe(true);
  expect(forked.map(({ exitCode }) => exitCode)).toEqual([0, null]);
  expect([slot.process, slot.ready, slot.restarts]).toEqual([forked[1], true, 0]);
});

it('keeps the old process if the new one fails', async () => {
  const slot = await start(SERVES);
  await serving(slot);
  await writeFile(program, FAILS);
  expect(await slot.replace()).toBe(false);
  expect(forked.map(({ exitCode }) => exitCode)).toEqual([null, 3]);
  expect([slot.process, slot.ready]).toEqual([forked[0], true]);
});

it('has one process if the old one dies while the new one starts', async () => {
  const slot = await start(SERVES);
  await serving(slot);
  await writeFile(program, `setTimeout(() => process.send('ready'), 300);`);
  const replaced = slot.replace();
  forked[0]?.kill('SIGKILL');
  expect(await replaced).toBe(true);
  expect([forked.length, slot.process === forked[1], slot.ready]).toEqual([2, true, true]);
});
