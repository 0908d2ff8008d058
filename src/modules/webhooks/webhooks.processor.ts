import { InjectQueue, Process, Processor } from '@nestjs/bull';
import type { OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bull';
import { JobScheduler, type DueJob, type DueWork, type DueWorkProcessor } from '../../core/jobs/job-scheduler.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookSender } from './webhook-sender.js';
import { WEBHOOKS_QUEUE } from './webhooks-queue.js';

/** Endpoints at the same time. Jobs mostly wait for the network: many can, so that slow endpoints do not delay the others. */
const CONCURRENCY = 50;

/** Sends webhooks: a job for each endpoint with deliveries that are due. */
@Processor(WEBHOOKS_QUEUE)
export class WebhooksProcessor implements DueWorkProcessor, OnModuleInit {
  readonly concurrency = CONCURRENCY;

  constructor(
    @InjectQueue(WEBHOOKS_QUEUE) readonly queue: Queue,
    private readonly jobs: JobScheduler,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly sender: WebhookSender,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this);
  }

  async findDue(): Promise<DueWork[]> {
    return (await this.deliveries.findDueEndpoints()).map((id) => ({ id }));
  }

  @Process({ concurrency: CONCURRENCY })
  process(job: DueJob): Promise<void> {
    return this.jobs.run(WEBHOOKS_QUEUE, job, ({ stopping }) => this.sender.run(job.data.id, stopping));
  }
}
