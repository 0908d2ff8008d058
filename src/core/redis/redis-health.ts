import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Config } from '../config/config.js';
import { LOGGER } from '../logging/logger.js';
import { OutageLog } from '../logging/outage-log.js';

const PROBE_INTERVAL_MILLISECONDS = 400;
/** If Redis does not respond within this time (usually less than a millisecond), it counts as unavailable. */
const MAX_RESPONSE_MILLISECONDS = 250;

/**
 * Whether Redis responds, for all code of this process that works without Redis during an outage. Sends a command at intervals,
 * because connections stay open if Redis hangs or the network fails.
 */
@Injectable()
export class RedisHealth implements OnApplicationShutdown {
  /** For commands that may fail. They fail at once without a connection, and after 250 ms without a response. */
  readonly connection: Redis;
  private readonly outage: OutageLog;
  private readonly timer: NodeJS.Timeout;
  private hasResponded = false;

  constructor(config: Config, @Inject(LOGGER) logger: Logger) {
    this.outage = new OutageLog(logger, 'redis', 'what uses it goes on without it');
    this.connection = new Redis(config.REDIS_URL, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: MAX_RESPONSE_MILLISECONDS,
      connectTimeout: 2_000,
      disconnectTimeout: 200,
      retryStrategy: (attempt) => Math.min(attempt * 200, 1_000),
    });
    this.connection.on('error', (error) => this.report(error));
    this.connection.on('ready', () => void this.probe());
    this.timer = setInterval(() => void this.probe(), PROBE_INTERVAL_MILLISECONDS).unref();
  }

  /** Whether the last command succeeded; false until the first response. */
  get isUp(): boolean {
    return this.hasResponded && !this.outage.isDown;
  }

  /** Reports a failed command, so that other code does not wait for Redis as well. */
  report(error: unknown): void {
    this.outage.down(error);
  }

  /** Sends a command now. @returns whether Redis is available */
  async probe(): Promise<boolean> {
    try {
      await this.connection.ping();
      this.hasResponded = true;
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
