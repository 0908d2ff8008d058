import { Injectable } from '@nestjs/common';
import { JobScheduler } from '../../core/jobs/job-scheduler.js';
import { Clock } from '../../core/kernel/clock.js';
import { PAYMENTS_QUEUE, toRefundWork } from './payment-work.js';

/** The time of refunds, and the worker that sends them. */
@Injectable()
export class RefundTime {
  constructor(
    private readonly clock: Clock,
    private readonly jobs: JobScheduler,
  ) {}

  now(): Date {
    return new Date(this.clock.now());
  }

  send(refundId: string): void {
    this.jobs.enqueue(PAYMENTS_QUEUE, { id: toRefundWork(refundId) });
  }
}
