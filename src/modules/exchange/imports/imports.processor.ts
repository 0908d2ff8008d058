import { InjectQueue, Process, Processor } from '@nestjs/bull';
import type { OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bull';
import { JobScheduler, type DueJob, type DueWork, type DueWorkProcessor } from '../../../core/jobs/job-scheduler.js';
import { ImportRunner } from './import-runner.js';
import { IMPORTS_QUEUE } from './imports-queue.js';

/** Imports of different clinics at the same time. Each uses the processor fully. */
const CONCURRENCY = 2;

/** Runs dry runs and imports. */
@Processor(IMPORTS_QUEUE)
export class ImportsProcessor implements DueWorkProcessor, OnModuleInit {
  readonly concurrency = CONCURRENCY;

  constructor(
    @InjectQueue(IMPORTS_QUEUE) readonly queue: Queue,
    private readonly jobs: JobScheduler,
    private readonly runner: ImportRunner,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this);
  }

  async findDue(): Promise<DueWork[]> {
    return (await this.runner.findDue()).map((id) => ({ id }));
  }

  @Process({ concurrency: CONCURRENCY })
  process(job: DueJob): Promise<void> {
    return this.jobs.run(IMPORTS_QUEUE, job, ({ stopping }) => this.runner.run(job.data.id, stopping));
  }
}
