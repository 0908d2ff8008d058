import { InjectQueue, Process, Processor } from '@nestjs/bull';
import type { OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bull';
import { JobScheduler, type DueJob, type DueWork, type DueWorkProcessor } from '../../core/jobs/job-scheduler.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import { DeliveryScheduler } from './delivery-scheduler.js';
import { DELIVERIES_QUEUE, NotificationPlanner, PLANNED_JOB, REMINDERS_QUEUE } from './notification-planner.js';

/** All channels and the planned notifications at the same time, so that a slow channel delays nothing else. */
const DELIVERIES_CONCURRENCY = CHANNELS.length + 1;

/** Creates the deliveries that are due, and sends those of each channel. */
@Processor(DELIVERIES_QUEUE)
export class DeliveriesProcessor implements DueWorkProcessor, OnModuleInit {
  readonly concurrency = DELIVERIES_CONCURRENCY;

  constructor(
    @InjectQueue(DELIVERIES_QUEUE) readonly queue: Queue,
    private readonly jobs: JobScheduler,
    private readonly planner: NotificationPlanner,
    private readonly scheduler: DeliveryScheduler,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this);
  }

  async findDue(): Promise<DueWork[]> {
    const planned = (await this.planner.hasDueNotifications()) ? [PLANNED_JOB] : [];
    return [...planned, ...(await this.scheduler.findDueChannels())].map((id) => ({ id }));
  }

  @Process({ concurrency: DELIVERIES_CONCURRENCY })
  process(job: DueJob): Promise<void> {
    return this.jobs.run(DELIVERIES_QUEUE, job, ({ stopping, reportProgress }) =>
      job.data.id === PLANNED_JOB
        ? this.planner.createDueDeliveries(stopping)
        : this.scheduler.deliver(job.data.id as ChannelName, stopping, reportProgress),
    );
  }
}

/** Clinics whose policy has changed come before the hourly comparisons. */
const PRIORITY = { changed: 1, hourly: 2 };

/** Changes the planned reminders of a clinic's future appointments to those of its policy. */
@Processor(REMINDERS_QUEUE)
export class RemindersProcessor implements DueWorkProcessor, OnModuleInit {
  readonly concurrency = 1;

  constructor(
    @InjectQueue(REMINDERS_QUEUE) readonly queue: Queue,
    private readonly jobs: JobScheduler,
    private readonly planner: NotificationPlanner,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this);
  }

  async findDue(): Promise<DueWork[]> {
    const clinics = await this.planner.findClinicsToReplan();
    return clinics.map(({ id, isChanged }) => ({ id, priority: isChanged ? PRIORITY.changed : PRIORITY.hourly }));
  }

  @Process()
  process(job: DueJob): Promise<void> {
    return this.jobs.run(REMINDERS_QUEUE, job, () => this.planner.replan(job.data.id));
  }
}
