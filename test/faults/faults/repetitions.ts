import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../fault.js';
import { send } from '../../support/send.js';
import type { World } from '../world.js';

const [WEBHOOKS, TIMES] = [5, 20];

/** The second worker runs beside the first one until the end of the fault. */
const secondWorker = (world: World): World['workers'][number] => world.workers[1] as World['workers'][number];

export const everythingTwice: Fault = {
  ...{ id: 13, title: 'every change sent twice, webhooks 20 times, two workers', runs: 1, lasts: [4_000, 6_000] },
  inject: async (world) => {
    world.doublePercent = 100;
    await secondWorker(world).start();
  },
  during: async (world, load) => {
    await load.acknowledged(15);
    const sends = world.webhooks.slice(-WEBHOOKS).flatMap((webhook) =>
      Array.from({ length: TIMES }, (_, index) => {
        const api = world.apis[index % world.apis.length] as World['apis'][number];
        const request = { method: 'POST', path: 'payments/webhook', ...webhook };
        return send(api, request, (problem) => world.problems.push(problem));
      }),
    );
    await Promise.all(sends);
  },
  heal: async (world) => {
    world.doublePercent = 0;
    await secondWorker(world).stop();
  },
};

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
  during: (_world, load) => load.acknowledged(5),
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
