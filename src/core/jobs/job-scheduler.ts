import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Job, JobOptions } from 'bull';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { Config } from '../config/config.js';
import { newContext, runInContext } from '../context/request-context.js';
import { isUnavailable } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { OutageLog } from '../logging/outage-log.js';
import { currentTraceparent } from '../tracing/tracing.js';
import { JobQueues } from './job-queues.js';
import { LocalRunner } from './local-runner.js';
import { runJob } from './run-job.js';

/** The data of a job: the id of work that a table in PostgreSQL describes. */
export interface JobData {
  id: string;
  /** The trace that the job continues. */
  traceparent?: string;
}

/** What a `@Process` method needs of Bull's job; also the job of a process that works without Redis. */
export type DueJob = Pick<Job<JobData>, 'data' | 'progress'>;

/** Work to enqueue. Bull runs a lower priority number first; without one, jobs run in their order. */
export interface DueWork {
  id: string;
  priority?: number;
}

/** A processor whose work is due by a table in PostgreSQL: the table states what is due, claimed and done. */
export interface DueWorkProcessor {
  queue: { name: string };
  /** Jobs that one process runs at once. The same number as in `@Process`. */
  concurrency: number;
  /** What is due by the database's clock and not claimed; at most some hundreds, the rest comes with the next sweep. */
  findDue(): Promise<DueWork[]>;
  /**
   * Claims the work by compare-and-set, does it and saves the result. Bull calls it as `@Process`; without Redis it is
   * called directly. It must be safe to run twice, also at the same time.
   */
  process(job: DueJob): Promise<void>;
}

export interface JobRun {
  /** Aborted when the process shuts down: long work stops early, and what is left stays due. */
  stopping: AbortSignal;
  /** Shown on the queue board. */
  reportProgress: (progress: number) => void;
}

const SWEEP = 'due work';

/**
 * Work that is still due this long after a sweep first saw it also runs locally, whatever the state of Redis: Redis may hang or
 * contain the job of a process that died, or the queue may be paused. The claims in PostgreSQL keep both runs apart.
 */
const MAX_WAIT_MILLISECONDS = 30_000;

/** Finished jobs are deleted: their result is in the table. A failed job is retried by Bull, and found again by the sweep. */
const JOB_OPTIONS: JobOptions = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: true,
  removeOnFail: true,
};

/**
 * Hands work that is due to Bull, and runs it in this process while Redis is away. Every JOBS_SWEEP_SECONDS it asks each
 * processor what is due; `enqueue` saves the wait for the next sweep.
 */
@Injectable()
export class JobScheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly processors = new Map<string, DueWorkProcessor>();
  private readonly runners = new Map<string, LocalRunner>();
  private readonly active = new Set<string>();
  private readonly dueSince = new Map<string, number>();
  private readonly shutdown = new AbortController();
  private readonly outage: OutageLog;
  private isSweeping = false;

  constructor(
    private readonly queues: JobQueues,
    private readonly config: Config,
    private readonly schedule: SchedulerRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.outage = new OutageLog(logger, 'the list of due work', 'the next sweep reads it again');
  }

  /** Call in onModuleInit. Only processes that run jobs have processors. */
  register(processor: DueWorkProcessor): void {
    const { name } = processor.queue;
    this.processors.set(name, processor);
    const run = (id: string): Promise<void> => processor.process({ data: { id }, progress: noProgress });
    this.runners.set(name, new LocalRunner(processor.concurrency, run));
  }

  onApplicationBootstrap(): void {
    if (this.processors.size === 0) return;
    void this.sweep();
    const timer = setInterval(() => void this.sweep(), this.config.JOBS_SWEEP_SECONDS * 1000);
    this.schedule.addInterval(SWEEP, timer.unref());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.shutdown.abort();
    await Promise.all([this.queues.close(), ...[...this.runners.values()].map((runner) => runner.stop())]);
  }

  /**
   * Enqueues work that became due. Call after the commit. Never waits and never fails: if Redis is away or loses the job,
   * the next sweep of a process that runs jobs finds the work.
   */
  enqueue(queue: string, ...work: DueWork[]): void {
    if (this.shutdown.signal.aborted || work.length === 0) return;
    if (!this.queues.isReady(queue)) {
      this.runLocally(queue, work);
      return;
    }
    const traceparent = currentTraceparent();
    this.queues.add(
      queue,
      work.map(({ id, priority }) => ({
        data: traceparent === undefined ? { id } : { id, traceparent },
        options: { ...JOB_OPTIONS, jobId: id, ...(priority !== undefined && { priority }) },
      })),
    );
  }

  /** Runs the body of a `@Process` method. An id that this process is working on already is skipped. */
  async run(queue: string, job: DueJob, work: (run: JobRun) => Promise<void>): Promise<void> {
    const key = `${queue}:${job.data.id}`;
    if (this.active.has(key)) return;
    this.active.add(key);
    const reportProgress = (progress: number): void => void job.progress(progress).catch(() => undefined);
    const { traceparent } = job.data;
    try {
      await runJob({ queue, useCase: `job ${queue}`, requestId: key, traceparent }, () =>
        work({ stopping: this.shutdown.signal, reportProgress }),
      );
    } catch (error) {
      this.logger.error({ err: error, queue }, 'job failed');
      throw error;
    } finally {
      this.active.delete(key);
    }
  }

  private async sweep(): Promise<void> {
    if (this.isSweeping) return;
    this.isSweeping = true;
    try {
      // One after the other: together they would use up the connections that requests need.
      for (const processor of this.processors.values()) await this.sweepQueue(processor);
    } finally {
      this.isSweeping = false;
    }
  }

  private async sweepQueue(processor: DueWorkProcessor): Promise<void> {
    const { name } = processor.queue;
    try {
      const due = await runInContext(newContext({ useCase: `sweep ${name}` }), () => processor.findDue());
      this.enqueue(name, ...due);
      this.runLocally(name, this.overdue(name, due));
      this.outage.up();
    } catch (error) {
      if (isUnavailable(error)) this.outage.down(error);
      else this.logger.error({ err: error, queue: name }, 'the work that is due could not be read');
    }
  }

  /** The work that sweeps have found due for too long. */
  private overdue(queue: string, due: DueWork[]): DueWork[] {
    const now = performance.now();
    const toKey = ({ id }: DueWork): string => `${queue} ${id}`;
    const keys = new Set(due.map(toKey));
    for (const key of this.dueSince.keys()) {
      if (key.startsWith(`${queue} `) && !keys.has(key)) this.dueSince.delete(key);
    }
    for (const key of keys) if (!this.dueSince.has(key)) this.dueSince.set(key, now);
    return due.filter((work) => now - (this.dueSince.get(toKey(work)) ?? now) > MAX_WAIT_MILLISECONDS);
  }

  private runLocally(queue: string, work: DueWork[]): void {
    this.runners.get(queue)?.add(work.map(({ id }) => id));
  }
}

const noProgress = (): Promise<void> => Promise.resolve();
