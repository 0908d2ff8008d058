import type { Fault } from '../fault.js';
import type { Proxies } from '../world.js';

/** A fault in which no packet passes between the processes and a server. */
const stalled = (title: string, proxy: keyof Proxies, [least, most]: readonly [number, number]): Fault => ({
  ...{ id: 15, title, runs: 1, lasts: [least, most] },
  inject: ({ proxies }) => Promise.resolve(proxies[proxy].stall()),
  heal: ({ proxies }) => Promise.resolve(proxies[proxy].resume()),
});

export const databaseUnreachable = stalled('no packets between API and PostgreSQL', 'apiDatabase', [5_000, 9_000]);
export const workerDatabaseUnreachable = stalled(
  'no packets between worker and PostgreSQL',
  'workerDatabase',
  [5_000, 9_000],
);
export const redisUnreachable = stalled('no packets between processes and Redis', 'redis', [4_000, 7_000]);
export const mailServerUnreachable = stalled('no packets between worker and mail server', 'smtp', [4_000, 7_000]);

export const connectionsHalfOpen: Fault = {
  ...{ id: 15, title: 'half-open connections to PostgreSQL and Redis', runs: 2, lasts: [3_000, 5_000] },
  inject: async ({ proxies }) => {
    for (const proxy of Object.values(proxies)) proxy.stallOpenConnections();
  },
  heal: async ({ proxies }) => {
    for (const proxy of Object.values(proxies)) proxy.resume();
  },
};

export const connectionsReset: Fault = {
  ...{ id: 15, title: 'all connections cut, and refused for a while', runs: 3, lasts: [200, 2_000] },
  inject: async ({ proxies }) => {
    for (const proxy of Object.values(proxies)) proxy.refuse();
  },
  heal: async ({ proxies }) => {
    for (const proxy of Object.values(proxies)) proxy.accept();
  },
};

export const networkSlow: Fault = {
  ...{ id: 15, title: 'network slow by 60 ms in each direction', runs: 1, lasts: [5_000, 8_000] },
  inject: async ({ proxies }) => {
    for (const proxy of Object.values(proxies)) proxy.delayBy(60);
  },
  heal: async ({ proxies }) => {
    for (const proxy of Object.values(proxies)) proxy.delayBy(0);
  },
};
