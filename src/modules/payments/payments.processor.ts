import { InjectQueue, Process, Processor } from '@nestjs/bull';
import type { OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bull';
import { JobScheduler, type DueJob, type DueWork, type DueWorkProcessor } from '../../core/jobs/job-scheduler.js';
import { PAYMENTS_QUEUE } from './payment-work.js';
import { PaymentWorker } from './payment-worker.js';

const CONCURRENCY = 4;

/** Settles payments, sends refunds, and asks the provider for orders that no report has paid yet. */
@Processor(PAYMENTS_QUEUE)
export class PaymentsProcessor implements DueWorkProcessor, OnModuleInit {
  readonly concurrency = CONCURRENCY;

  constructor(
    @InjectQueue(PAYMENTS_QUEUE) readonly queue: Queue,
    private readonly jobs: JobScheduler,
    private readonly worker: PaymentWorker,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this);
  }

  async findDue(): Promise<DueWork[]> {
    return (await this.worker.findDue()).map((id) => ({ id }));
  }

  @Process({ concurrency: CONCURRENCY })
  process(job: DueJob): Promise<void> {
    return this.jobs.run(PAYMENTS_QUEUE, job, () => this.worker.run(job.data.id));
  }
}
