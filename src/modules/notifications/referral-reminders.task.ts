import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { NotificationPlanner } from './notification-planner.js';
import { ReferralRemindersRepository } from './referral-reminders.repository.js';

const EVERY_SECONDS = 60;

/** Reminds patients of referrals that they have not used. */
@Injectable()
export class ReferralRemindersTask implements OnModuleInit {
  constructor(
    private readonly maintenance: MaintenanceScheduler,
    private readonly reminders: ReferralRemindersRepository,
    private readonly planner: NotificationPlanner,
  ) {}

  onModuleInit(): void {
    this.maintenance.register({ name: 'remind-of-referrals', everySeconds: EVERY_SECONDS, run: () => this.run() });
  }

  /** Running it twice, also at the same time, reminds once: the statement locks and marks the referrals. */
  async run(): Promise<void> {
    while ((await this.reminders.createDue()) > 0) this.planner.enqueueDeliveries();
  }
}
