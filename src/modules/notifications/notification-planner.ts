import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { JobScheduler } from '../../core/jobs/job-scheduler.js';
import type { VisitsMessage } from '../appointments/index.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import { PlannedNotificationsRepository, type ClinicToReplan } from './planned-notifications.repository.js';
import type { NotificationKind } from './templates/message-kinds.js';

/** The queue with a job for each channel that has deliveries due. The job's id is the channel. */
export const DELIVERIES_QUEUE = 'deliveries';
/** The job of that queue that turns due planned notifications into deliveries. */
export const PLANNED_JOB = 'PLANNED';
/** The queue with a job for each clinic whose planned reminders must be compared with its policy. */
export const REMINDERS_QUEUE = 'reminders';

/** A change of an appointment, as in its event. */
export interface AppointmentChange {
  appointmentId: string;
  /** @example booked, rescheduled */
  action: string;
  version: number;
  occurredAt: Date;
  /** For a move: what is new for the patient. Empty if only equipment was changed. */
  changed?: string[];
  /** For an undone status change: the status that was undone. */
  undone?: string;
  /** Changed together with others, for which a VisitsMessage is the notice, or imported from another system. */
  hasNoNotice?: boolean;
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
   * Runs in the transaction that consumes the events, so that each change is planned once, however often its event arrives.
   * Changes with the same action are planned together by a few statements; those of one appointment are planned in their order.
   * @param messages about appointments that were changed together
   */
  async plan(changes: AppointmentChange[], messages: VisitsMessage[] = []): Promise<void> {
    for (const round of toRounds(changes.filter(({ action }) => action in PLAN_CHANGES))) {
      for (const action of PLANNED_ACTIONS) {
        const sameAction = round.filter((change) => change.action === action);
        if (sameAction.length > 0) await PLAN_CHANGES[action](this.planned, sameAction);
      }
    }
    for (const message of messages)
      await this.planned.planVisitsNotice(VISITS_NOTICE_KINDS[message.action], message.visits);
    this.db.afterCommit(() => this.jobs.enqueue(DELIVERIES_QUEUE, { id: PLANNED_JOB }));
  }

  /** Changes the planned reminders of a clinic's future appointments to those of its policy. */
  replan(clinicId: string): Promise<void> {
    return this.db.transaction(() => this.planned.replan(clinicId));
  }

  findClinicsToReplan(): Promise<ClinicToReplan[]> {
    return this.planned.findClinicsToReplan();
  }

  hasDueNotifications(): Promise<boolean> {
    return this.planned.hasDue();
  }

  /** Turns the planned notifications that are due into deliveries. */
  async createDueDeliveries(stopping?: AbortSignal): Promise<void> {
    while (!stopping?.aborted && (await this.planned.createDueDeliveries()) > 0) {
      this.enqueueDeliveries();
    }
  }

  /** Makes workers send what is due now, without waiting for the next sweep. */
  enqueueDeliveries(channels: readonly ChannelName[] = CHANNELS): void {
    this.jobs.enqueue(DELIVERIES_QUEUE, ...channels.map((id) => ({ id })));
  }
}

/** The kinds of notices about appointments that were changed together. */
const VISITS_NOTICE_KINDS: Record<VisitsMessage['action'], NotificationKind> = {
  booked: 'APPOINTMENT_BOOKED',
  rescheduled: 'APPOINTMENT_MOVED',
  cancelled: 'APPOINTMENT_CANCELLED',
};

const PLANNED_ACTIONS = ['booked', 'rescheduled', 'confirmed', 'cancelled', 'no-show', 'reinstated'] as const;
type PlannedAction = (typeof PLANNED_ACTIONS)[number];
type PlanChanges = (planned: PlannedNotificationsRepository, changes: AppointmentChange[]) => Promise<void>;

const PLAN_CHANGES: Record<PlannedAction, PlanChanges> = {
  booked: (planned, changes) => planned.planBooked(changes),
  rescheduled: async (planned, changes) => {
    await planned.deleteForEarlierTimes(ids(changes));
    const noticed = changes.filter(({ changed, hasNoNotice }) => changed?.length !== 0 && !hasNoNotice);
    await planned.planNotices('APPOINTMENT_MOVED', noticed);
    await planned.planReminders(changes);
  },
  confirmed: (planned, changes) => planned.planNotices('APPOINTMENT_CONFIRMED', changes),
  cancelled: async (planned, changes) => {
    await planned.deleteForAppointments(ids(changes));
    const noticed = changes.filter(({ hasNoNotice }) => !hasNoNotice);
    await planned.planNotices('APPOINTMENT_CANCELLED', noticed);
  },
  'no-show': (planned, changes) => planned.deleteForAppointments(ids(changes)),
  reinstated: async (planned, changes) => {
    const cancelled = changes.filter(({ undone }) => undone === 'CANCELLED');
    await planned.planNotices('APPOINTMENT_REINSTATED', cancelled);
    await planned.planReminders(changes);
  },
};

const ids = (changes: AppointmentChange[]): string[] => changes.map(({ appointmentId }) => appointmentId);

/** Groups changes: first those that are the first of their appointment, then the second of each appointment, and so on. */
function toRounds(changes: AppointmentChange[]): AppointmentChange[][] {
  const rounds: AppointmentChange[][] = [];
  const counts = new Map<string, number>();
  for (const change of changes) {
    const round = counts.get(change.appointmentId) ?? 0;
    counts.set(change.appointmentId, round + 1);
    (rounds[round] ??= []).push(change);
  }
  return rounds;
}
