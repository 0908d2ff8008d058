import { Redis } from 'ioredis';
import type { Fault } from '../fault.js';
import type { World } from '../world.js';

/** Changes that are acknowledged while Redis is away. */
const WITHOUT_REDIS = 3;

async function command(world: World, ...args: [string, ...string[]]): Promise<void> {
  const redis = new Redis(world.redis.url, { lazyConnect: true });
  await redis.connect();
  try {
    const [name, ...rest] = args;
    await redis.call(name, ...rest);
  } finally {
    redis.disconnect();
  }
}

export const redisKilled: Fault = {
  ...{ id: 9, title: 'Redis killed, empty when it comes back', runs: 18, lasts: [200, 1_500] },
  inject: async (world) => {
    await world.redis.kill();
    world.kills += 1;
  },
  during: (_world, load) => load.waitForAcknowledged(WITHOUT_REDIS),
  heal: (world) => world.startRedisAgain(),
};

export const redisFrozen: Fault = {
  ...{ id: 10, title: 'Redis frozen', runs: 2, lasts: [3_000, 6_000] },
  inject: (world) => Promise.resolve(world.redis.pause()),
  during: (_world, load) => load.waitForAcknowledged(WITHOUT_REDIS),
  heal: (world) => Promise.resolve(world.redis.resume()),
};

export const redisFull: Fault = {
  ...{ id: 10, title: 'Redis without free memory', runs: 1, lasts: [3_000, 5_000] },
  inject: (world) => command(world, 'CONFIG', 'SET', 'maxmemory', '1mb'),
  during: (_world, load) => load.waitForAcknowledged(WITHOUT_REDIS),
  heal: (world) => command(world, 'CONFIG', 'SET', 'maxmemory', '0'),
};

export const redisPaused: Fault = {
  ...{ id: 10, title: 'Redis pauses its clients', runs: 1, lasts: [1_000, 2_000] },
  inject: (world) => command(world, 'CLIENT', 'PAUSE', '4000'),
  during: (_world, load) => load.waitForAcknowledged(WITHOUT_REDIS),
  heal: () => Promise.resolve(),
};
