import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import Bull, { type JobOptions, type Queue } from 'bull';
import { Redis, type RedisOptions } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LOGGER } from '../logging/logger.js';
import { MetricSources } from '../metrics/metric-sources.js';
import { RedisHealth } from '../redis/redis-health.js';
import { jobsStalled, queueJobs } from './job-metrics.js';

const ANSWER_MILLISECONDS = 500;
const FINISH_MILLISECONDS = 3_000;
const CLOSE_MILLISECONDS = 1_000;

export interface JobToAdd {
  data: object;
  options: JobOptions;
}

/** All queues that features have registered with `BullModule.registerQueue`, and Bull's connections to Redis. */
@Injectable()
export class JobQueues implements OnModuleInit {
  private byName?: Map<string, Queue>;
  private readonly connections: Redis[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly redis: RedisHealth,
    private readonly sources: MetricSources,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.discover();
    this.sources.register({ name: 'queues', read: () => this.readDepths(), clear: () => queueJobs.reset() });
  }

  get all(): Queue[] {
    return [...this.discover().values()];
  }

  /** Bull's `createClient`: connections made here can be closed also when Redis does not answer. */
  connect(options: RedisOptions): Redis {
    const connection = new Redis({ ...options, maxRetriesPerRequest: null, disconnectTimeout: 200 });
    // Bull passes errors on to its queue until it is closed; after that, an error without a listener would be printed.
    connection.on('error', () => undefined);
    this.connections.push(connection);
    return connection;
  }

  /** Returns false while Redis is away: adding a job would wait until it is back. */
  isReady(queue: string): boolean {
    return this.redis.isUp && this.get(queue).client.status === 'ready';
  }

  /** Adds jobs without waiting for Redis. A failure is logged. */
  add(queue: string, jobs: JobToAdd[]): void {
    this.get(queue)
      .addBulk(jobs.map(({ data, options }) => ({ data, opts: options })))
      .catch((error: unknown) => this.logger.warn({ err: error, queue }, 'jobs could not be added to Redis'));
  }

  /**
   * Stops taking jobs at once, waits up to three seconds for those that run, and closes. Bull alone would wait without end
   * for a Redis that is away or does not answer. Work that was cut off is claimed again after its lease.
   */
  async close(): Promise<void> {
    await Promise.all(this.all.map((queue) => this.finish(queue)));
    const closed = Promise.allSettled(this.all.map((queue) => queue.close(true)));
    await isDoneWithin(CLOSE_MILLISECONDS, closed);
    this.disconnect();
    // Bull reconnects while it closes, which may happen after we stopped waiting.
    void closed.then(() => this.disconnect());
  }

  private async finish(queue: Queue): Promise<void> {
    if (!(await answers(queue))) return;
    const finished = queue.pause(true, true).then(() => queue.whenCurrentJobsFinished());
    await isDoneWithin(FINISH_MILLISECONDS, finished);
  }

  private disconnect(): void {
    for (const connection of this.connections) {
      // While a connection is being opened, Bull has promises without handlers. On `end`, they would become unhandled rejections.
      if (connection.status !== 'ready') connection.removeAllListeners('end');
      // Disconnecting an ended connection would keep the process alive until ioredis's disconnect timeout.
      if (connection.status !== 'end') connection.disconnect();
    }
  }

  private discover(): Map<string, Queue> {
    if (this.byName) return this.byName;
    this.byName = new Map();
    for (const { instance } of this.discovery.getProviders()) {
      const queue: unknown = instance;
      if (!(queue instanceof Bull)) continue;
      queue.on('error', (error: Error) => this.logError(queue.name, error));
      queue.on('stalled', () => {
        jobsStalled.inc({ queue: queue.name });
        this.logger.warn({ queue: queue.name }, 'a job stalled and runs again');
      });
      this.byName.set(queue.name, queue);
    }
    return this.byName;
  }

  /** @throws Error while Redis is away: reading would wait until it is back */
  private async readDepths(): Promise<void> {
    if (!this.all.every(({ name }) => this.isReady(name))) throw new Error('Redis is not available');
    await Promise.all(
      this.all.map(async (queue) => {
        for (const [state, count] of Object.entries<number>({ ...(await queue.getJobCounts()) })) {
          queueJobs.set({ queue: queue.name, state }, count);
        }
      }),
    );
  }

  private get(name: string): Queue {
    const queue = this.discover().get(name);
    if (!queue) throw new Error(`No module has registered a queue "${name}"`);
    return queue;
  }

  /** During an outage each queue has errors several times a second; RedisHealth logs it once. */
  private logError(queue: string, error: Error): void {
    if (this.redis.isUp && !isConnectionError(error)) this.logger.warn({ err: error, queue }, 'a queue had an error');
  }
}

const answers = async ({ client }: Queue): Promise<boolean> =>
  client.status === 'ready' && isDoneWithin(ANSWER_MILLISECONDS, client.ping());

const isDoneWithin = (milliseconds: number, work: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    work.then(
      () => true,
      () => false,
    ),
    sleep(milliseconds, false, { ref: false }),
  ]);

const isConnectionError = (error: Error): boolean =>
  'syscall' in error || /connection is closed|connect|command timed out/i.test(error.message);
