import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { Config, redisPrefix } from '../config/config.js';
import { Clock } from '../kernel/clock.js';
import type { DomainError } from '../kernel/domain-error.js';
import { LocalRateLimiter, tooMany } from './local-rate-limiter.js';
import type { Permission } from './permissions.js';
import { RedisHealth } from '../redis/redis-health.js';

/** The maximum time to wait for Redis. After that, limits are counted in this process. */
const MAX_RESPONSE_MILLISECONDS = 200;

/**
 * Counts a use of each key, in order, until a key has reached its limit. The keys are those of RateLimiterRedis: numbers that expire.
 * KEYS: one for each limit. ARGV: points and seconds of each limit. Returns how many keys were counted, and the milliseconds until the
 * exhausted key expires.
 */
const CONSUME_IN_ORDER = `
  for index, key in ipairs(KEYS) do
    local points, seconds = tonumber(ARGV[2 * index - 1]), ARGV[2 * index]
    if tonumber(redis.call('get', key) or '0') >= points then return {index - 1, redis.call('pttl', key)} end
    redis.call('set', key, 0, 'EX', seconds, 'NX')
    redis.call('incr', key)
  end
  return {#KEYS, 0}`;

/** Subtracts a use of each of the first ARGV[1] keys that are not zero, and deletes the other keys. */
const TAKE_BACK = `
  for index, key in ipairs(KEYS) do
    if index > tonumber(ARGV[1]) then redis.call('del', key)
    elseif tonumber(redis.call('get', key) or '0') > 0 then redis.call('decr', key) end
  end
  return #KEYS`;

/** A use of one limit. */
export interface LimitUse {
  limit: string;
  key: string;
}

/** The exhausted limit, and the error to throw. */
export interface ExhaustedLimit {
  limit: string;
  error: DomainError;
}

/** ioredis with the scripts as commands. */
interface RedisWithLimits extends Redis {
  consumeInOrder(
    keyCount: number,
    ...keysAndBounds: (string | number)[]
  ): Promise<[counted: number, milliseconds: number]>;
  takeBack(keyCount: number, ...keysAndCount: (string | number)[]): Promise<number>;
}

interface Limiters extends LimitOptions {
  /** Counts over all processes. */
  shared: RateLimiterRedis;
  /** Counts in this process, while Redis is unavailable. */
  local: RateLimiterAbstract;
}

/** The maximum number of points in a window of this length. */
export interface LimitOptions {
  points: number;
  seconds: number;
}

/**
 * Rate limits that are counted in Redis, over all processes. While Redis is unavailable, each process counts on its own. The limit of
 * requests per address and the limits of permissions are always counted in the process, to save a round trip.
 */
@Injectable()
export class RateLimits implements OnModuleDestroy {
  private readonly redis: RedisWithLimits;
  private readonly limiters = new Map<string, Limiters>();
  private readonly requestsByAddress: LocalRateLimiter;
  private readonly permissionLimits = new Map<string, LocalRateLimiter>();

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly health: RedisHealth,
  ) {
    this.redis = new Redis(config.REDIS_URL, {
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      maxRetriesPerRequest: 0,
      commandTimeout: MAX_RESPONSE_MILLISECONDS,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
    }) as RedisWithLimits;
    this.redis.defineCommand('consumeInOrder', { lua: CONSUME_IN_ORDER });
    this.redis.defineCommand('takeBack', { lua: TAKE_BACK });
    // RedisHealth logs outages.
    this.redis.on('error', () => undefined);
    this.requestsByAddress = new LocalRateLimiter(config.RATE_LIMIT_PER_MINUTE, clock);
  }

  /** Defines limits by name. Features call it when they start. */
  define(limits: Record<string, LimitOptions>): void {
    for (const [name, { points, seconds }] of Object.entries(limits)) {
      const options = { keyPrefix: `${redisPrefix(this.config)}:limit:${name}`, points, duration: seconds };
      this.limiters.set(name, {
        points,
        seconds,
        shared: new RateLimiterRedis({ ...options, storeClient: this.redis }),
        local: new RateLimiterMemory(options),
      });
    }
  }

  /**
   * Limits how often a patient may use each of these permissions. Counted in this process: for bookings, a round trip to Redis would
   * cost more than an exact count is worth.
   */
  limitPermissions(permissions: readonly Permission[], { points, seconds }: LimitOptions): void {
    for (const permission of permissions) {
      this.permissionLimits.set(permission, new LocalRateLimiter(points, this.clock, seconds * 1000));
    }
  }

  onModuleDestroy(): void {
    this.redis.disconnect();
  }

  /** Counts a use. @throws DomainError RATE_LIMITED, with the seconds to wait */
  async consume(limit: string, key: string): Promise<void> {
    try {
      await this.use(limit, (limiter) => limiter.consume(key));
    } catch (error) {
      throw error instanceof RateLimiterRes ? tooMany(error.msBeforeNext, this.limiter(limit).points) : error;
    }
  }

  /**
   * Counts a use of each of these limits, until one is exhausted, in one round trip.
   * @returns the exhausted limit; null if all were counted
   */
  consumeInOrder(uses: readonly LimitUse[]): Promise<ExhaustedLimit | null> {
    return this.inRedisOrLocally(
      () => this.consumeInRedis(uses),
      () => this.consumeLocally(uses),
    );
  }

  /** Whether the next `consume` would fail. Does not count a use. */
  async isExhausted(limit: string, key: string): Promise<boolean> {
    const state = await this.use(limit, (limiter) => limiter.get(key));
    return state !== null && state.consumedPoints >= this.limiter(limit).points;
  }

  /** Subtracts a use of each limit of `counted`, and resets the limits of `reset`, in one round trip. */
  async takeBack(counted: readonly LimitUse[], reset: readonly LimitUse[]): Promise<void> {
    const shared = async (): Promise<void> => {
      const keys = [...counted, ...reset].map(({ limit, key }) => this.limiter(limit).shared.getKey(key));
      await this.redis.takeBack(keys.length, ...keys, counted.length);
    };
    const local = async (): Promise<void> => {
      for (const { limit, key } of counted) await this.limiter(limit).local.reward(key);
      for (const { limit, key } of reset) await this.limiter(limit).local.delete(key);
    };
    await this.inRedisOrLocally(shared, local);
  }

  /** Counts points that are already used. Does not fail above the limit, but then `isExhausted` is true and `consume` fails. */
  async addPoints(limit: string, key: string, points: number): Promise<void> {
    await this.use(limit, (limiter) => limiter.penalty(key, points));
  }

  /** Counts a request of an address to this process. @throws DomainError RATE_LIMITED */
  consumeRequest(ip: string): void {
    this.requestsByAddress.consume(ip);
  }

  /**
   * Counts a use of a limited permission, but not a refused one. If the request fails, `takeBackPermission` subtracts it again.
   * @throws DomainError RATE_LIMITED
   */
  consumePermission(permission: Permission, userId: string): void {
    const limit = this.permissionLimits.get(permission);
    limit?.assertFree(userId);
    limit?.count(userId);
  }

  takeBackPermission(permission: Permission, userId: string): void {
    this.permissionLimits.get(permission)?.takeBack(userId);
  }

  isPermissionLimited(permission: Permission): boolean {
    return this.permissionLimits.has(permission);
  }

  private async consumeInRedis(uses: readonly LimitUse[]): Promise<ExhaustedLimit | null> {
    const keys = uses.map(({ limit, key }) => this.limiter(limit).shared.getKey(key));
    const bounds = uses.flatMap(({ limit }) => [this.limiter(limit).points, this.limiter(limit).seconds]);
    const [counted, milliseconds] = await this.redis.consumeInOrder(keys.length, ...keys, ...bounds);
    const exhausted = uses[counted];
    return exhausted ? this.toExhausted(exhausted.limit, milliseconds) : null;
  }

  private async consumeLocally(uses: readonly LimitUse[]): Promise<ExhaustedLimit | null> {
    for (const { limit, key } of uses) {
      const { local, points } = this.limiter(limit);
      const state = await local.get(key);
      if (state && state.consumedPoints >= points) return this.toExhausted(limit, state.msBeforeNext);
      await local.consume(key);
    }
    return null;
  }

  private toExhausted(limit: string, milliseconds: number): ExhaustedLimit {
    return { limit, error: tooMany(milliseconds, this.limiter(limit).points) };
  }

  private use<T>(limit: string, work: (limiter: RateLimiterAbstract) => Promise<T>): Promise<T> {
    const { shared, local } = this.limiter(limit);
    return this.inRedisOrLocally(
      () => work(shared),
      () => work(local),
    );
  }

  /** Counts in Redis; while Redis is unavailable, in this process. */
  private async inRedisOrLocally<T>(shared: () => Promise<T>, local: () => Promise<T>): Promise<T> {
    if (!this.health.isUp) return local();
    try {
      return await shared();
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error;
      this.health.report(error);
      return local();
    }
  }

  /** @throws Error if no feature has defined it */
  private limiter(name: string): Limiters {
    const limiter = this.limiters.get(name);
    if (!limiter) throw new Error(`The limit "${name}" is not defined`);
    return limiter;
  }
}
