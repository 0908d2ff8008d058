import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { Config, redisPrefix } from '../config/config.js';
import { Clock } from '../kernel/clock.js';
import type { DomainError } from '../kernel/domain-error.js';
import { LocalRateLimiter, tooMany } from './local-rate-limiter.js';
import type { Permission } from './permissions.js';
import { RedisHealth } from '../redis/redis-health.js';

/** A sign-in asks for several limits; the first one that takes longer than this is the last one that waits. */
const ANSWER_MILLISECONDS = 200;
/**
 * Counts one on each key, in order, up to the first that has reached its limit. The keys are those of RateLimiterRedis: a
 * number that expires. KEYS: one per limit. ARGV: points and seconds of each. Returns how many were counted, and the
 * milliseconds until the one that refused is free again.
 */
const CONSUME_IN_ORDER = `
  for index, key in ipairs(KEYS) do
    local points, seconds = tonumber(ARGV[2 * index - 1]), ARGV[2 * index]
    if tonumber(redis.call('get', key) or '0') >= points then return {index - 1, redis.call('pttl', key)} end
    redis.call('set', key, 0, 'EX', seconds, 'NX')
    redis.call('incr', key)
  end
  return {#KEYS, 0}`;

/** Takes one back on each of the first ARGV[1] keys that still count something, and deletes the others. */
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

/** The limit that refused, and the error to throw. */
export interface Refusal {
  limit: string;
  error: DomainError;
}

/** ioredis, with the script as a command. */
interface RedisWithLimits extends Redis {
  consumeInOrder(
    keyCount: number,
    ...keysAndBounds: (string | number)[]
  ): Promise<[counted: number, milliseconds: number]>;
  takeBack(keyCount: number, ...keysAndCount: (string | number)[]): Promise<number>;
}

interface Limiters extends LimitOptions {
  /** Counted over all processes. */
  shared: RateLimiterRedis;
  /** Of this process. */
  own: RateLimiterAbstract;
}

/** So many points in so many seconds. */
export interface LimitOptions {
  points: number;
  seconds: number;
}

/**
 * Limits kept in Redis. When Redis is away they go on in this process, so that sign-in is never without one. The flood
 * limit is in-process only: it stands before everything and costs no round trip.
 */
@Injectable()
export class RateLimits implements OnModuleDestroy {
  private readonly redis: RedisWithLimits;
  private readonly limiters = new Map<string, Limiters>();
  private readonly flood: LocalRateLimiter;
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
      commandTimeout: ANSWER_MILLISECONDS,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
    }) as RedisWithLimits;
    this.redis.defineCommand('consumeInOrder', { lua: CONSUME_IN_ORDER });
    this.redis.defineCommand('takeBack', { lua: TAKE_BACK });
    // An outage is logged by RedisHealth.
    this.redis.on('error', () => undefined);
    this.flood = new LocalRateLimiter(config.RATE_LIMIT_PER_MINUTE, clock);
  }

  /** Features define their limits by name when they start. Each is counted over all processes. */
  define(limits: Record<string, LimitOptions>): void {
    for (const [name, { points, seconds }] of Object.entries(limits)) {
      const options = { keyPrefix: `${redisPrefix(this.config)}:limit:${name}`, points, duration: seconds };
      this.limiters.set(name, {
        points,
        seconds,
        shared: new RateLimiterRedis({ ...options, storeClient: this.redis }),
        own: new RateLimiterMemory(options),
      });
    }
  }

  /**
   * Limits how often a patient uses each of these permissions. Counted in this process: a round trip to Redis would cost
   * each booking more than a count over all processes is worth.
   */
  limitPermissions(permissions: readonly Permission[], { points, seconds }: LimitOptions): void {
    for (const permission of permissions) {
      this.permissionLimits.set(permission, new LocalRateLimiter(points, this.clock, seconds * 1000));
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.redis.disconnect();
    return Promise.resolve();
  }

  /** @throws DomainError RATE_LIMITED, with the seconds to wait */
  async consume(limit: string, key: string): Promise<void> {
    try {
      await this.use(limit, (limiter) => limiter.consume(key));
    } catch (error) {
      throw error instanceof RateLimiterRes ? tooMany(error.msBeforeNext, this.limiter(limit).points) : error;
    }
  }

  /**
   * Counts one on each of these limits, up to the first that is exhausted, in one round trip.
   * @returns the limit that refused; null if all were counted
   */
  async consumeInOrder(uses: readonly LimitUse[]): Promise<Refusal | null> {
    const refusal = (limit: string, milliseconds: number): Refusal => ({
      limit,
      error: tooMany(milliseconds, this.limiter(limit).points),
    });
    const shared = async (): Promise<Refusal | null> => {
      const keys = uses.map(({ limit, key }) => this.limiter(limit).shared.getKey(key));
      const bounds = uses.flatMap(({ limit }) => [this.limiter(limit).points, this.limiter(limit).seconds]);
      const [counted, milliseconds] = await this.redis.consumeInOrder(keys.length, ...keys, ...bounds);
      const refusing = uses[counted];
      return refusing ? refusal(refusing.limit, milliseconds) : null;
    };
    const own = async (): Promise<Refusal | null> => {
      for (const { limit, key } of uses) {
        const limiter = this.limiter(limit).own;
        const state = await limiter.get(key);
        if (state && state.consumedPoints >= this.limiter(limit).points) return refusal(limit, state.msBeforeNext);
        await limiter.consume(key);
      }
      return null;
    };
    return this.inRedisOr(shared, own);
  }

  /** Whether the next `consume` would be refused; counts nothing. */
  async isExhausted(limit: string, key: string): Promise<DomainError | null> {
    const state = await this.use(limit, (limiter) => limiter.get(key));
    return state && state.consumedPoints >= this.limiter(limit).points
      ? tooMany(state.msBeforeNext, this.limiter(limit).points)
      : null;
  }

  /** Takes one back on each of `counted` and forgets all that was counted on `forgotten`, in one round trip. */
  async takeBack(counted: readonly LimitUse[], forgotten: readonly LimitUse[]): Promise<void> {
    const shared = async (): Promise<void> => {
      const keys = [...counted, ...forgotten].map(({ limit, key }) => this.limiter(limit).shared.getKey(key));
      await this.redis.takeBack(keys.length, ...keys, counted.length);
    };
    const own = async (): Promise<void> => {
      for (const { limit, key } of counted) await this.limiter(limit).own.reward(key);
      for (const { limit, key } of forgotten) await this.limiter(limit).own.delete(key);
    };
    await this.inRedisOr(shared, own);
  }

  /** Counts what was used already: never refuses, but `isExhausted` and `consume` see it. */
  async spend(limit: string, key: string, points: number): Promise<void> {
    await this.use(limit, (limiter) => limiter.penalty(key, points));
  }

  /** The limit on everything that one address sends to this process. */
  consumeFlood(ip: string): void {
    this.flood.consume(ip);
  }

  private use<T>(limit: string, work: (limiter: RateLimiterAbstract) => Promise<T>): Promise<T> {
    const { shared, own } = this.limiter(limit);
    return this.inRedisOr(
      () => work(shared),
      () => work(own),
    );
  }

  /** In Redis; while Redis does not answer, in this process. */
  private async inRedisOr<T>(shared: () => Promise<T>, own: () => Promise<T>): Promise<T> {
    if (!this.health.isUp) return own();
    try {
      return await shared();
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error;
      this.health.report(error);
      return own();
    }
  }

  /**
   * Only what succeeds counts: what was refused is given back.
   * @throws DomainError RATE_LIMITED
   */
  consumePermission(permission: Permission, userId: string): void {
    const limit = this.permissionLimits.get(permission);
    limit?.assertFree(userId);
    limit?.count(userId);
  }

  giveBackPermission(permission: Permission, userId: string): void {
    this.permissionLimits.get(permission)?.giveBack(userId);
  }

  isPermissionLimited(permission: Permission): boolean {
    return this.permissionLimits.has(permission);
  }

  /** @throws Error if no feature has defined it */
  private limiter(name: string): Limiters {
    const limiter = this.limiters.get(name);
    if (!limiter) throw new Error(`The limit "${name}" is not defined`);
    return limiter;
  }
}
