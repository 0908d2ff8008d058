import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { Config, redisPrefix } from '../config/config.js';
import { Clock } from '../kernel/clock.js';
import type { DomainError } from '../kernel/domain-error.js';
import { FloodGate, tooMany } from './flood-gate.js';
import { LOGGER } from '../logging/logger.js';

const QUARTER_HOUR = 15 * 60;
const DAY = 24 * 60 * 60;

/** Named limits: `points` per `seconds`, counted over all processes. */
const LIMITS = {
  signInAddress: { points: 10, seconds: QUARTER_HOUR },
  signInAccount: { points: 100, seconds: 60 * 60 },
  signInIp: { points: 300, seconds: QUARTER_HOUR },
  registrationIp: { points: 2_000, seconds: 60 * 60 },
  refreshIp: { points: 3_000, seconds: QUARTER_HOUR },
  chatUser: { points: 30, seconds: 60 },
  chatEmergencies: { points: 120, seconds: 60 },
} as const;

export type Limit = keyof typeof LIMITS | 'chatTokens';

/**
 * Limits kept in Redis. When Redis is away they go on in this process, so that sign-in is never without one. The flood
 * limit is in-process only: it stands before everything and costs no round trip.
 */
@Injectable()
export class RateLimits implements OnModuleDestroy {
  private readonly redis: Redis;
  private readonly limits: Record<Limit, { points: number; seconds: number }>;
  private readonly limiters: Record<Limit, RateLimiterAbstract>;
  private readonly flood: FloodGate;

  constructor(config: Config, clock: Clock, @Inject(LOGGER) logger: Logger) {
    this.redis = new Redis(config.REDIS_URL, {
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      maxRetriesPerRequest: 0,
      commandTimeout: 500,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
    });
    this.redis.on('error', (error) => logger.warn({ err: error }, 'redis is away, rate limits go on in this process'));
    this.limits = { ...LIMITS, chatTokens: { points: config.AI_TOKENS_PER_DAY, seconds: DAY } };
    const prefix = redisPrefix(config);
    const make = (name: Limit): RateLimiterAbstract => {
      const { points, seconds } = this.limits[name];
      const options = { keyPrefix: `${prefix}:limit:${name}`, points, duration: seconds };
      return new RateLimiterRedis({
        ...options,
        storeClient: this.redis,
        insuranceLimiter: new RateLimiterMemory(options),
      });
    };
    this.limiters = Object.fromEntries(
      (Object.keys(this.limits) as Limit[]).map((name) => [name, make(name)]),
    ) as Record<Limit, RateLimiterAbstract>;
    this.flood = new FloodGate(config.RATE_LIMIT_PER_MINUTE, clock);
  }

  async onModuleDestroy(): Promise<void> {
    this.redis.disconnect();
    return Promise.resolve();
  }

  /** @throws DomainError RATE_LIMITED, with the seconds to wait */
  async consume(limit: Limit, key: string): Promise<void> {
    try {
      await this.limiters[limit].consume(key);
    } catch (error) {
      throw error instanceof RateLimiterRes ? tooMany(error.msBeforeNext, this.limits[limit].points) : error;
    }
  }

  /** Whether the next `consume` would be refused; counts nothing. */
  async isExhausted(limit: Limit, key: string): Promise<DomainError | null> {
    const state = await this.limiters[limit].get(key);
    return state && state.consumedPoints >= this.limits[limit].points
      ? tooMany(state.msBeforeNext, this.limits[limit].points)
      : null;
  }

  async forget(limit: Limit, key: string): Promise<void> {
    await this.limiters[limit].delete(key);
  }

  /** Counts what was used already: never refuses, but `isExhausted` and `consume` see it. */
  async spend(limit: Limit, key: string, points: number): Promise<void> {
    await this.limiters[limit].penalty(key, points);
  }

  async giveBack(limit: Limit, key: string): Promise<void> {
    await this.limiters[limit].reward(key);
  }

  /** The limit on everything that one address sends to this process. */
  consumeFlood(ip: string): void {
    this.flood.consume(ip);
  }

  async ping(): Promise<boolean> {
    return this.redis.ping().then(
      () => true,
      () => false,
    );
  }
}
