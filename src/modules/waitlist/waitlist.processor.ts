import { InjectQueue, Process, Processor } from '@nestjs/bull';
import type { OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bull';
import { JobScheduler, type DueJob, type DueWork, type DueWorkProcessor } from '../../core/jobs/job-scheduler.js';
import { WAITLIST_QUEUE } from './offer-closing.js';
import { OffersRepository } from './offers.repository.js';
import { WaitlistWorker } from './waitlist-worker.js';

const CONCURRENCY = 2;

/** Offers freed times: a job for each clinic that has any, or offers or entries that are over. */
@Processor(WAITLIST_QUEUE)
export class WaitlistProcessor implements DueWorkProcessor, OnModuleInit {
  readonly concurrency = CONCURRENCY;

  constructor(
    @InjectQueue(WAITLIST_QUEUE) readonly queue: Queue,
    private readonly jobs: JobScheduler,
    private readonly offers: OffersRepository,
    private readonly worker: WaitlistWorker,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this);
  }

  async findDue(): Promise<DueWork[]> {
    return (await this.offers.findDueClinics()).map((id) => ({ id }));
  }

  @Process({ concurrency: CONCURRENCY })
  process(job: DueJob): Promise<void> {
    return this.jobs.run(WAITLIST_QUEUE, job, ({ stopping }) => this.worker.run(job.data.id, stopping));
  }
}
