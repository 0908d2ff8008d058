import type { Fault } from '../fault.js';
import { send } from '../../support/send.js';
import type { World } from '../world.js';
import { secondWorker } from './processes.js';

const [WEBHOOKS, TIMES] = [5, 20];

export const everythingTwice: Fault = {
  ...{ id: 13, title: 'every change sent twice, webhooks 20 times, two workers', runs: 1, lasts: [4_000, 6_000] },
  inject: async (world) => {
    world.doublePercent = 100;
    await secondWorker(world).start();
  },
  during: async (world, load) => {
    await load.waitForAcknowledged(15);
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
