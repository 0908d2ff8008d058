import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { getQueueToken } from '@nestjs/bull';
import { ModuleRef } from '@nestjs/core';
import type { Queue } from 'bull';
import type { Logger } from 'pino';
import { Config } from '../config/config.js';
import { runInContext } from '../context/request-context.js';
import { jobsRun } from '../health/metrics.js';
import { LOGGER } from '../logging/logger.js';
import { closeQueues } from './closing.js';
import { QUEUES, type JobKind, type QueueName } from './queues.js';

interface Work {
  id: string;
}

/** Nothing stays in Redis: a job that is done, or that failed, is known by its row. */
const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true } as const;

/**
 * Background work, by Bull while Redis is there and without it while it is not. A sweep asks each kind what is due
 * and hands it over; `wake` is only the hint that spares the wait for the next sweep.
 */
@Injectable()
export class Jobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly kinds = new Map<QueueName, JobKind>();
  private readonly busy = new Set<QueueName>();
  private readonly queues = new Map<QueueName, Queue<Work>>();
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(
    private readonly modules: ModuleRef,
    private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Call in onModuleInit. */
  register(kind: JobKind): void {
    this.kinds.set(kind.name, kind);
  }

  onApplicationBootstrap(): void {
    for (const name of QUEUES) this.connect(name);
    if (!this.config.JOBS_IN_PROCESS) return;
    for (const kind of this.kinds.values()) {
      const done = this.queue(kind.name).process(kind.concurrency ?? 1, ({ data }) => this.run(kind, data.id));
      done.catch((error: unknown) => this.logger.warn({ err: error, queue: kind.name }, 'queue is not worked on'));
    }
    void this.sweep();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await closeQueues([...this.queues.values()]);
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
        this.hand(kind.name, await kind.due());
      } catch (error) {
        this.logger.error({ err: error, queue: kind.name }, 'what is due could not be read');
      }
    }
  }

  private async sweep(): Promise<void> {
    await this.sweepOnce();
    if (this.stopping) return;
    this.timer = setTimeout(() => void this.sweep(), this.config.JOBS_SWEEP_SECONDS * 1000).unref();
  }

  private hand(name: QueueName, ids: string[]): void {
    if (this.stopping || ids.length === 0) return;
    const queue = this.queue(name);
    // `add` hangs while Redis is away and would pile up (measured: SECURITY F5), so it is asked first.
    if (!isReady(queue)) {
      void this.runHere(name, ids);
      return;
    }
    queue
      .addBulk(ids.map((id) => ({ data: { id }, opts: { ...JOB_OPTIONS, jobId: id } })))
      .catch((error: unknown) => this.logger.warn({ err: error, queue: name }, 'due work was not handed to Redis'));
  }

  /** Redis is away: the claims in PostgreSQL keep processes out of each other's way just as well. */
  private async runHere(name: QueueName, ids: string[]): Promise<void> {
    const kind = this.kinds.get(name);
    if (!kind || !this.config.JOBS_IN_PROCESS || this.busy.has(name)) return;
    this.busy.add(name);
    for (const id of ids) await this.run(kind, id).catch(() => undefined);
    this.busy.delete(name);
  }

  private async run(kind: JobKind, id: string): Promise<void> {
    try {
      await runInContext({ requestId: `${kind.name}:${id}`, actor: null, transaction: null }, () => kind.run(id));
      jobsRun.inc({ queue: kind.name, outcome: 'done' });
    } catch (error) {
      jobsRun.inc({ queue: kind.name, outcome: 'failed' });
      this.logger.error({ err: error, queue: kind.name }, 'job failed');
      throw error;
    }
  }

  private queue(name: QueueName): Queue<Work> {
    return this.queues.get(name) ?? this.connect(name);
  }

  private connect(name: QueueName): Queue<Work> {
    const queue = this.modules.get<Queue<Work>>(getQueueToken(name), { strict: false });
    if (!this.queues.has(name)) {
      queue.on('error', (error: Error) => this.logger.warn({ err: error, queue: name }, 'redis is away, jobs go on'));
      queue.on('stalled', () => this.logger.warn({ queue: name }, 'a job stalled and runs again'));
      this.queues.set(name, queue);
    }
    return queue;
  }
}

const isReady = (queue: Queue): boolean => (queue.client as { status: string }).status === 'ready';
