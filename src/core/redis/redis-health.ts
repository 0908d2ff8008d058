import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Config } from '../config/config.js';
import { LOGGER } from '../logging/logger.js';
import { OutageLog } from '../logging/outage-log.js';

const PROBE_EACH_MILLISECONDS = 400;
/** Redis answers in less than a millisecond; one that needs longer than this is as good as away. */
const ANSWER_MILLISECONDS = 250;

/**
 * Whether Redis answers, for everybody in this process who goes on without it. Connections alone do not show it: those to a
 * Redis that is frozen or behind a broken network stay open.
 */
@Injectable()
export class RedisHealth implements OnApplicationShutdown {
  /** For commands whose failure does no harm: fails at once while Redis is away, and after 250 ms where it is silent. */
  readonly connection: Redis;
  private readonly outage: OutageLog;
  private readonly timer: NodeJS.Timeout;
  private answered = false;

  constructor(config: Config, @Inject(LOGGER) logger: Logger) {
    this.outage = new OutageLog(logger, 'redis', 'limits, jobs and live events go on without it');
    this.connection = new Redis(config.REDIS_URL, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: ANSWER_MILLISECONDS,
      connectTimeout: 2_000,
      disconnectTimeout: 200,
      retryStrategy: (attempt) => Math.min(attempt * 200, 1_000),
    });
    this.connection.on('error', (error) => this.report(error));
    this.connection.on('ready', () => void this.probe());
    this.timer = setInterval(() => void this.probe(), PROBE_EACH_MILLISECONDS).unref();
  }

  /** What the last answers say; false until the first one. */
  get isUp(): boolean {
    return this.answered && !this.outage.isDown;
  }

  /** A command that Redis did not answer: nobody else has to find out the same way. */
  report(error: unknown): void {
    this.outage.down(error);
  }

  /** Asks now. */
  async probe(): Promise<boolean> {
    try {
      await this.connection.ping();
      this.answered = true;
      this.outage.up();
    } catch (error) {
      this.report(error);
    }
    return this.isUp;
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.connection.disconnect();
  }
}
