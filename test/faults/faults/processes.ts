import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../simulation/random.js';
import type { Fault } from '../fault.js';
import type { OwnProcess } from '../own-process.js';
import type { World } from '../world.js';

let killed: OwnProcess[] = [];

async function kill(world: World, processes: OwnProcess[]): Promise<void> {
  killed = processes;
  world.kills += processes.length;
  await Promise.all(processes.map((process) => process.kill()));
}

const startKilled = async (): Promise<void> => {
  await Promise.all(killed.splice(0).map((process) => process.start()));
};

const pickApi = ({ killable, apis }: World, random: Random): OwnProcess =>
  random.pick(apis.filter((api) => killable.includes(api))) as OwnProcess;

export const apiKilled: Fault = {
  ...{ id: 1, title: 'API killed at a random moment', runs: 3, lasts: [0, 400] },
  inject: async (world, random) => {
    await sleep(random.below(300));
    await kill(world, [pickApi(world, random)]);
  },
  heal: startKilled,
};

/** What the processes sent is committed, and nobody learns of it. */
export const apiKilledAfterCommit: Fault = {
  ...{
    id: 1,
    title: 'API killed after the commit, before the answer',
    runs: 1,
    notInSoak: 'it ends API 2, whose memory is measured',
  },
  inject: async (world, random) => {
    world.proxies.apiDatabase.stallAnswers();
    await sleep(200 + random.below(400));
    await kill(world, [...world.apis]);
    world.proxies.apiDatabase.resume();
  },
  heal: startKilled,
};

const ENDS_WORKER = 'it ends the worker, whose memory is measured';

export const workerKilled: Fault = {
  ...{ id: 2, title: 'worker killed at a random moment, twice', runs: 2, lasts: [0, 300], notInSoak: ENDS_WORKER },
  inject: async (world, random) => {
    await sleep(random.below(300));
    await kill(world, [world.worker]);
    // It is killed again while it does the same work.
    world.worker.launch();
    await sleep(random.below(4_000));
    await kill(world, [world.worker]);
  },
  heal: startKilled,
};

export const workerKilledAfterAcceptance: Fault = {
  ...{ id: 2, title: 'worker killed after a provider accepted', runs: 1, notInSoak: ENDS_WORKER },
  inject: async (world) => {
    const { smtp, twilio } = world;
    smtp.faults.push('HANG_AFTER_ACCEPT', 'HANG_AFTER_ACCEPT');
    twilio.faults.push('HANG_AFTER_ACCEPT');
    for (let n = 0; n < 100 && smtp.faults.length > 0; n += 1) await sleep(50);
    await kill(world, [world.worker]);
    smtp.faults.length = 0;
    twilio.faults.length = 0;
  },
  heal: startKilled,
};

/** The second worker runs beside the first one until the end of the fault. */
export const secondWorker = ({ workers }: World): OwnProcess => workers[1] as OwnProcess;

/** Longer than the leases of deliveries and of the relay. */
const FROZEN_MILLISECONDS = 10_000;

export const workerFrozen: Fault = {
  ...{
    id: 21,
    title: 'a worker frozen for 10 s beside another one',
    runs: 1,
    lasts: [FROZEN_MILLISECONDS, FROZEN_MILLISECONDS],
  },
  inject: async (world, random) => {
    await secondWorker(world).start();
    await sleep(random.below(1_000));
    world.worker.signal('SIGSTOP');
  },
  during: (_world, load) => load.waitForAcknowledged(5),
  heal: async (world) => {
    world.worker.signal('SIGCONT');
    await secondWorker(world).stop();
  },
};

export const apiFrozen: Fault = {
  ...{ id: 21, title: 'an API process frozen', runs: 2, lasts: [4_000, 8_000] },
  inject: async (world, random) => random.pick(world.apis)?.signal('SIGSTOP'),
  heal: async (world) => {
    for (const api of world.apis) api.signal('SIGCONT');
  },
};

const NEIGHBOURS = 2;
let neighbours: ChildProcess[] = [];

export const processorBusy: Fault = {
  ...{ id: 21, title: 'neighbours use the whole processor', runs: 1, lasts: [5_000, 6_000] },
  inject: async () => {
    neighbours = Array.from({ length: NEIGHBOURS }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  },
  heal: async () => {
    for (const neighbour of neighbours.splice(0)) neighbour.kill('SIGKILL');
  },
};
