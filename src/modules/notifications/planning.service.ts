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
  /** Of a move: what is new for the patient. Nothing, where only equipment was changed. */
  changed?: string[];
  /** Of a step that was undone: the status before. */
  undone?: string;
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

  /**
   * In the transaction that takes note of the events, so once, however often they come. A few statements for all of them;
   * what happened to one appointment is taken in its order.
   */
  async plan(happenings: AppointmentHappening[]): Promise<void> {
    for (const round of roundsOf(happenings.filter(({ action }) => action in STEPS))) {
      for (const action of Object.keys(STEPS) as Action[]) {
        const happened = round.filter((one) => one.action === action);
        if (happened.length > 0) await STEPS[action](this.plans, happened);
      }
      this.db.afterCommit(() => this.jobs.wake('deliveries', 'PLANS'));
    }
  }
}

type Step = (plans: PlanningRepository, happened: AppointmentHappening[]) => Promise<void>;
type Action = 'booked' | 'rescheduled' | 'confirmed' | 'cancelled' | 'no-show' | 'reinstated';

const STEPS: Record<Action, Step> = {
  booked: (plans, happened) => plans.planBooked(happened),
  rescheduled: async (plans, happened) => {
    await plans.forgetEarlierTimes(happened.map(idOf));
    const news = happened.filter(({ changed }) => changed?.length !== 0);
    if (news.length > 0) await plans.planNotices('APPOINTMENT_MOVED', news);
    await plans.planReminders(happened);
  },
  confirmed: (plans, happened) => plans.planNotices('APPOINTMENT_CONFIRMED', happened),
  cancelled: async (plans, happened) => {
    await plans.forget(happened.map(idOf));
    await plans.planNotices('APPOINTMENT_CANCELLED', happened);
  },
  'no-show': (plans, happened) => plans.forget(happened.map(idOf)),
  reinstated: async (plans, happened) => {
    const cancelled = happened.filter(({ undone }) => undone === 'CANCELLED');
    if (cancelled.length > 0) await plans.planNotices('APPOINTMENT_REINSTATED', cancelled);
    await plans.planReminders(happened);
  },
};

const idOf = ({ appointmentId }: AppointmentHappening): string => appointmentId;

/** The first of each appointment, then the second of each, and so on. */
function roundsOf(happenings: AppointmentHappening[]): AppointmentHappening[][] {
  const rounds: AppointmentHappening[][] = [];
  const counts = new Map<string, number>();
  for (const happening of happenings) {
    const round = counts.get(happening.appointmentId) ?? 0;
    counts.set(happening.appointmentId, round + 1);
    (rounds[round] ??= []).push(happening);
  }
  return rounds;
}
