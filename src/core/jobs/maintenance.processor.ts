import { InjectQueue, Process, Processor } from '@nestjs/bull';
import { Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Job, Queue } from 'bull';
import type { Logger } from 'pino';
import { LOGGER } from '../logging/logger.js';
import { JobQueues } from './job-queues.js';
import { taskSucceeded } from './job-metrics.js';
import { MAINTENANCE_QUEUE, MaintenanceScheduler } from './maintenance-scheduler.js';
import { runJob } from './run-job.js';

/** Adds the repeatable jobs again at this interval, in case Redis has lost its data. */
const ADD_AGAIN_MILLISECONDS = 60_000;

/** Runs the periodic tasks. */
@Processor(MAINTENANCE_QUEUE)
export class MaintenanceProcessor implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(MAINTENANCE_QUEUE) private readonly queue: Queue,
    private readonly queues: JobQueues,
    private readonly scheduler: MaintenanceScheduler,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.addAll();
  }

  @Interval('repeatable jobs', ADD_AGAIN_MILLISECONDS)
  addAgain(): void {
    if (this.queues.isReady(MAINTENANCE_QUEUE)) this.addAll();
  }

  @Process('*')
  async process({ name }: Pick<Job, 'name'>): Promise<void> {
    const task = this.scheduler.find(name);
    // A process of another version of CareSlot added it to the same Redis.
    if (!task) return;
    try {
      await runJob({ queue: MAINTENANCE_QUEUE, useCase: `task ${name}` }, () => task.run());
      taskSucceeded(name);
    } catch (error) {
      this.logger.warn({ err: error, task: name }, 'a periodic task failed and is retried');
      throw error;
    }
  }

  /** Adding an existing task again changes nothing: the id of its next job consists of its name and time. */
  private addAll(): void {
    for (const { name, everySeconds } of this.scheduler.tasks) {
      const repeat = { every: everySeconds * 1000 };
      const options = { repeat, attempts: 3, backoff: { type: 'exponential', delay: 10_000 } };
      this.queue
        .add(name, {}, { ...options, removeOnComplete: true, removeOnFail: true })
        .catch((error: unknown) => this.logger.debug({ err: error, task: name }, 'a periodic task was not added'));
    }
  }
}
