import { expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { Histories, repeatedly } from '../linearizability/histories.js';
import { TestApp } from '../support/app.js';
import { rounds } from '../support/long-form.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** A small part of what `npm run linearizability` does; there, the API is a process that is also killed. */

it('concurrent clients whose connections are cut get answers that one order explains', async () => {
  const app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  const proxy = await TcpProxy.start(app.url);
  try {
    const histories = await Histories.open(app);
    const { violations, operations, unanswered } = await histories.run(proxy.url, {
      ...{ seed: 1, requests: rounds(30, 150), seconds: 60 },
      disturb: (random, signal) =>
        repeatedly({ random, signal, from: 100, to: 400 }, async () => {
          proxy.refuse();
          await pause(random.below(30));
          proxy.accept();
        }),
      heal: () => Promise.resolve(),
    });
    expect(violations).toEqual([]);
    expect(operations).toBeGreaterThan(100);
    expect(unanswered).toBeGreaterThan(0);
  } finally {
    await proxy.close();
    await app.close();
  }
});
