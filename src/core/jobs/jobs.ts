import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { getQueueToken } from '@nestjs/bull';
import { ModuleRef } from '@nestjs/core';
import type { Queue } from 'bull';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { Config } from '../config/config.js';
import { newContext, runInContext } from '../context/request-context.js';
import { jobsRun } from '../health/metrics.js';
import { isUnavailable } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { OutageLog } from '../logging/outage-log.js';
import { RedisHealth } from '../redis/redis-health.js';
import { closeQueues } from './closing.js';
import { LocalWork } from './local-work.js';
import { QUEUES, type JobKind, type QueueName } from './queues.js';

interface Work {
  id: string;
}

/**
 * What is still due so long after it was first seen is done here too, whatever Redis says: it may hang, hold the job of a
 * process that died, or be paused. Claims keep the two out of each other's way. With the sweep well within a minute.
 */
const PATIENCE_MILLISECONDS = 30_000;

/** Nothing stays in Redis: a job that is done, or that failed, is known by its row. */
const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true } as const;

/**
 * Background work, by Bull while Redis is there and without it while it is not. A sweep asks each kind what is due
 * and hands it over; `wake` is only the hint that spares the wait for the next sweep.
 */
@Injectable()
export class Jobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly kinds = new Map<QueueName, JobKind>();
  private readonly local = new LocalWork((kind, id) => this.run(kind, id));
  private readonly active = new Set<string>();
  private readonly dueSince = new Map<string, number>();
  private readonly shutdown = new AbortController();
  private readonly queues = new Map<QueueName, Queue<Work>>();
  private readonly outage: OutageLog;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly modules: ModuleRef,
    private readonly config: Config,
    private readonly redis: RedisHealth,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.outage = new OutageLog(logger, 'what is due', 'it is looked for again in the next sweep');
  }

  /** Call in onModuleInit. */
  register(kind: JobKind): void {
    this.kinds.set(kind.name, kind);
  }

  onApplicationBootstrap(): void {
    for (const name of QUEUES) this.connect(name);
    if (!this.config.JOBS_IN_PROCESS) return;
    for (const kind of this.kinds.values()) {
      const work = ({ data }: { data: Work }): Promise<void> => this.run(this.kinds.get(kind.name) ?? kind, data.id);
      const done = this.queue(kind.name).process(kind.concurrency ?? 1, work);
      done.catch((error: unknown) => this.logger.warn({ err: error, queue: kind.name }, 'queue is not worked on'));
    }
    void this.sweep();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.shutdown.abort();
    clearTimeout(this.timer);
    await Promise.all([closeQueues([...this.queues.values()]), this.local.stop()]);
  }

  /**
   * Says that something is due now. Call after the commit. Never waits and never fails: with Redis away, or when the
   * hint is lost, the next sweep finds the work.
   */
  wake(name: QueueName, id: string): void {
    this.hand(name, [id]);
  }

  /** Asks every kind what is due. Public for tests and for ops. */
  async sweepOnce(): Promise<void> {
    for (const kind of this.kinds.values()) {
      try {
        const due = await runInContext(newContext({ useCase: `sweep ${kind.name}` }), () => kind.due());
        this.hand(kind.name, due);
        this.runWhatWaits(kind, due);
        this.outage.up();
      } catch (error) {
        if (isUnavailable(error)) this.outage.down(error);
        else this.logger.error({ err: error, queue: kind.name }, 'what is due could not be read');
      }
    }
  }

  private async sweep(): Promise<void> {
    await this.sweepOnce();
    if (this.shutdown.signal.aborted) return;
    this.timer = setTimeout(() => void this.sweep(), this.config.JOBS_SWEEP_SECONDS * 1000).unref();
  }

  private hand(name: QueueName, ids: string[]): void {
    if (this.shutdown.signal.aborted || ids.length === 0) return;
    const queue = this.queue(name);
    // `add` hangs while Redis is away, and calls would pile up.
    if (!this.redis.isUp || !isReady(queue)) {
      this.runHere(name, ids);
      return;
    }
    queue
      .addBulk(ids.map((id) => ({ data: { id }, opts: { ...JOB_OPTIONS, jobId: id } })))
      .catch((error: unknown) => this.logger.warn({ err: error, queue: name }, 'due work was not handed to Redis'));
  }

  /** Without Redis: the claims in PostgreSQL keep processes out of each other's way just as well. */
  private runHere(name: QueueName, ids: string[]): void {
    const kind = this.kinds.get(name);
    if (kind && this.config.JOBS_IN_PROCESS) this.local.offer(kind, ids);
  }

  private runWhatWaits({ name }: JobKind, due: string[]): void {
    const now = performance.now();
    const isDue = new Set(due.map((id) => `${name} ${id}`));
    for (const key of this.dueSince.keys()) {
      if (key.startsWith(`${name} `) && !isDue.has(key)) this.dueSince.delete(key);
    }
    for (const key of isDue) if (!this.dueSince.has(key)) this.dueSince.set(key, now);
    const waited = due.filter((id) => now - (this.dueSince.get(`${name} ${id}`) ?? now) > PATIENCE_MILLISECONDS);
    if (waited.length > 0) this.runHere(name, waited);
  }

  /** An id that this process works on already is let go: its work sees what came meanwhile, or the next sweep does. */
  private async run(kind: JobKind, id: string): Promise<void> {
    const key = `${kind.name}:${id}`;
    if (this.active.has(key)) return;
    this.active.add(key);
    try {
      const context = newContext({ requestId: key, useCase: `job ${kind.name}` });
      await runInContext(context, () => kind.run(id, this.shutdown.signal));
      jobsRun.inc({ queue: kind.name, outcome: 'done' });
    } catch (error) {
      jobsRun.inc({ queue: kind.name, outcome: 'failed' });
      this.logger.error({ err: error, queue: kind.name }, 'job failed');
      throw error;
    } finally {
      this.active.delete(key);
    }
  }

  /** An outage makes errors in every queue, several times a second; RedisHealth logs it once. */
  private report(queue: QueueName, error: Error): void {
    if (this.redis.isUp && !isConnectionError(error)) this.logger.warn({ err: error, queue }, 'a queue had an error');
  }

  private queue(name: QueueName): Queue<Work> {
    return this.queues.get(name) ?? this.connect(name);
  }

  private connect(name: QueueName): Queue<Work> {
    const queue = this.modules.get<Queue<Work>>(getQueueToken(name), { strict: false });
    if (!this.queues.has(name)) {
      queue.on('error', (error: Error) => this.report(name, error));
      queue.on('stalled', () => this.logger.warn({ queue: name }, 'a job stalled and runs again'));
      this.queues.set(name, queue);
    }
    return queue;
  }
}

const isReady = (queue: Queue): boolean => (queue.client as { status: string }).status === 'ready';

const isConnectionError = (error: Error): boolean =>
  'syscall' in error || /connection is closed|connect|command timed out/i.test(error.message);
