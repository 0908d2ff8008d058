import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Jobs } from '../../core/jobs/jobs.js';
import { PlanningRepository } from './planning.repository.js';

/** What happened to an appointment, as its event says. */
export interface AppointmentHappening {
  appointmentId: string;
  /** What was done: `booked`, `rescheduled` … */
  action: string;
  version: number;
  occurredAt: Date;
}

/** Decides what will have to be said about an appointment. */
@Injectable()
export class PlanningService implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly plans: PlanningRepository,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'reminders',
      due: () => this.plans.clinicsToPlan(),
      run: (clinicId) => this.db.transaction(() => this.plans.replan(clinicId)),
    });
  }

  /** In the transaction that takes note of the event, so once, however often the event comes. */
  async plan({ appointmentId, action, version, occurredAt }: AppointmentHappening): Promise<void> {
    switch (action) {
      case 'booked':
        await this.plans.planNotice(appointmentId, 'APPOINTMENT_BOOKED', version);
        await this.plans.planReminders(appointmentId, occurredAt);
        break;
      case 'rescheduled':
        await this.plans.forgetEarlierTimes(appointmentId);
        await this.plans.planNotice(appointmentId, 'APPOINTMENT_MOVED', version);
        await this.plans.planReminders(appointmentId, occurredAt);
        break;
      case 'confirmed':
        await this.plans.planNotice(appointmentId, 'APPOINTMENT_CONFIRMED', version);
        break;
      case 'cancelled':
        await this.plans.forget(appointmentId);
        await this.plans.planNotice(appointmentId, 'APPOINTMENT_CANCELLED', version);
        break;
      case 'no-show':
        await this.plans.forget(appointmentId);
        break;
      default:
        return;
    }
    this.db.afterCommit(() => this.jobs.wake('deliveries', 'PLANS'));
  }
}
