import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { JobScheduler } from '../../core/jobs/job-scheduler.js';
import { PAYMENTS_QUEUE, toRefundWork } from './payment-work.js';

/** The jobs that send refunds to the provider. */
@Injectable()
export class RefundQueue {
  constructor(
    private readonly db: Database,
    private readonly jobs: JobScheduler,
  ) {}

  /** Makes a worker send the refund after the commit of the current transaction. */
  add(refundId: string): void {
    this.db.afterCommit(() => this.jobs.enqueue(PAYMENTS_QUEUE, { id: toRefundWork(refundId) }));
  }
}
