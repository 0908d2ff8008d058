import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { JobScheduler } from '../../core/jobs/job-scheduler.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import { PlannedNotificationsRepository, type ClinicToReplan } from './planned-notifications.repository.js';

/** A job for each channel that has messages due, and one, PLANNED, if planned notifications are due. */
export const DELIVERIES_QUEUE = 'deliveries';
export const PLANNED = 'PLANS';
/** A job for each clinic whose reminders must be compared with its policy. */
export const REMINDERS_QUEUE = 'reminders';

/** What happened to an appointment, as its event states it. */
export interface AppointmentChange {
  appointmentId: string;
  /** @example booked, rescheduled */
  action: string;
  version: number;
  occurredAt: Date;
  /** Of a move: what is new for the patient. Empty if only equipment was changed. */
  changed?: string[];
  /** Of an undone status change: the status before. */
  undone?: string;
}

/** Plans the notices and reminders of appointments, and turns them into deliveries when they are due. */
@Injectable()
export class NotificationPlanner {
  constructor(
    private readonly db: Database,
    private readonly planned: PlannedNotificationsRepository,
    private readonly jobs: JobScheduler,
  ) {}

  /**
   * Runs in the transaction that consumes the events, so each change is planned once, however often its event arrives.
   * A few statements plan all of the changes; those of one appointment are planned in their order.
   */
  async plan(changes: AppointmentChange[]): Promise<void> {
    for (const round of inRounds(changes.filter(({ action }) => action in PLANS))) {
      for (const action of Object.keys(PLANS) as PlannedAction[]) {
        const same = round.filter((change) => change.action === action);
        if (same.length > 0) await PLANS[action](this.planned, same);
      }
    }
    this.db.afterCommit(() => this.jobs.enqueue(DELIVERIES_QUEUE, { id: PLANNED }));
  }

  /** Makes the planned reminders of a clinic's future appointments those of its policy. */
  replan(clinicId: string): Promise<void> {
    return this.db.transaction(() => this.planned.replan(clinicId));
  }

  findClinicsToReplan(): Promise<ClinicToReplan[]> {
    return this.planned.findClinicsToReplan();
  }

  hasDue(): Promise<boolean> {
    return this.planned.hasDue();
  }

  /** Turns the planned notifications that are due into deliveries. */
  async createDueDeliveries(stopping?: AbortSignal): Promise<void> {
    while (!stopping?.aborted && (await this.planned.createDueDeliveries()) > 0) {
      this.enqueueDeliveries();
    }
  }

  /** Sends what is due without waiting for the next sweep. */
  enqueueDeliveries(channels: readonly ChannelName[] = CHANNELS): void {
    this.jobs.enqueue(DELIVERIES_QUEUE, ...channels.map((id) => ({ id })));
  }
}

type Plan = (planned: PlannedNotificationsRepository, changes: AppointmentChange[]) => Promise<void>;
type PlannedAction = 'booked' | 'rescheduled' | 'confirmed' | 'cancelled' | 'no-show' | 'reinstated';

const PLANS: Record<PlannedAction, Plan> = {
  booked: (planned, changes) => planned.planBooked(changes),
  rescheduled: async (planned, changes) => {
    await planned.deleteForEarlierTimes(ids(changes));
    const news = changes.filter(({ changed }) => changed?.length !== 0);
    if (news.length > 0) await planned.planNotices('APPOINTMENT_MOVED', news);
    await planned.planReminders(changes);
  },
  confirmed: (planned, changes) => planned.planNotices('APPOINTMENT_CONFIRMED', changes),
  cancelled: async (planned, changes) => {
    await planned.deleteForAppointments(ids(changes));
    await planned.planNotices('APPOINTMENT_CANCELLED', changes);
  },
  'no-show': (planned, changes) => planned.deleteForAppointments(ids(changes)),
  reinstated: async (planned, changes) => {
    const cancelled = changes.filter(({ undone }) => undone === 'CANCELLED');
    if (cancelled.length > 0) await planned.planNotices('APPOINTMENT_REINSTATED', cancelled);
    await planned.planReminders(changes);
  },
};

const ids = (changes: AppointmentChange[]): string[] => changes.map(({ appointmentId }) => appointmentId);

/** The first change of each appointment, then the second of each, and so on. */
function inRounds(changes: AppointmentChange[]): AppointmentChange[][] {
  const rounds: AppointmentChange[][] = [];
  const counts = new Map<string, number>();
  for (const change of changes) {
    const round = counts.get(change.appointmentId) ?? 0;
    counts.set(change.appointmentId, round + 1);
    (rounds[round] ??= []).push(change);
  }
  return rounds;
}
