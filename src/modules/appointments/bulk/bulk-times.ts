import { Injectable } from '@nestjs/common';
import { Clock } from '../../../core/kernel/clock.js';
import { dayNumber, Zone } from '../../../core/kernel/zone.js';
import { BookingRulesService, overlaps, type Range } from '../../scheduling/index.js';
import { slotNotOffered } from '../appointment.errors.js';
import type { Appointment } from '../appointment.entity.js';
import { ReservationsRepository } from '../reservations.repository.js';
import type { BulkTarget } from './bulk.dto.js';
import { BulkRepository } from './bulk.repository.js';

const DAY = 86_400_000;
/** The days after the start at which each search ends. For most doctors the first search is enough. */
const SEARCH_DAYS = [3, 14, 62, 400];

type Visit = Pick<Appointment, 'clinicId' | 'serviceId' | 'doctorId' | 'startAt'>;

/** The time and doctor that a visit gets. */
interface Target {
  start: number;
  doctorId: string;
}

/** What a free time must be. */
interface Search {
  /** The patients who must be free. */
  clientIds: readonly string[];
  /** Whether a group session of the service may take place then, which the visit joins. */
  mayJoinSession: boolean;
}

/** Finds the time to which a visit is moved. All instants are epoch milliseconds. */
@Injectable()
export class BulkTimes {
  constructor(
    private readonly bulks: BulkRepository,
    private readonly rules: BookingRulesService,
    private readonly reservations: ReservationsRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Where a visit moves to: the requested day and doctor at the same local time; without them, the next time after that of the visit at
   * which its doctor and patient, and rooms and equipment, are free, by the rules of the front desk.
   * @returns null if there is no free time up to the horizon
   * @throws DomainError SLOT_NOT_OFFERED if the clocks skip the local time on the requested day
   */
  findTarget(visit: Visit & Pick<Appointment, 'clientId'>, to: BulkTarget | undefined): Promise<Target | null> {
    return this.find(visit, to, { clientIds: [visit.clientId], mayJoinSession: true });
  }

  /** The same for a whole group session: all patients are free, and there is no other session at that time. */
  findSessionTarget(session: Visit, clientIds: readonly string[], to: BulkTarget | undefined): Promise<Target | null> {
    return this.find(session, to, { clientIds, mayJoinSession: false });
  }

  private async find(visit: Visit, to: BulkTarget | undefined, search: Search): Promise<Target | null> {
    const doctorId = to?.doctorId?.toLowerCase() ?? visit.doctorId;
    if (to?.date) {
      return { start: toStartOnDay(visit.startAt, to.date, await this.bulks.getTimeZone(visit.clinicId)), doctorId };
    }
    if (to?.doctorId) return { start: visit.startAt.getTime(), doctorId };
    const start = await this.findNext(visit, search);
    return start === null ? null : { start, doctorId };
  }

  private async findNext(
    { serviceId, doctorId, startAt }: Visit,
    { clientIds, mayJoinSession }: Search,
  ): Promise<number | null> {
    const now = this.clock.now();
    const after = Math.max(now, startAt.getTime() + 1);
    let start = after;
    for (const days of SEARCH_DAYS) {
      const window = { start, end: after + days * DAY };
      const schedule = await this.rules.findSchedule(serviceId, doctorId, () => window);
      if (!schedule) return null;
      const { busy } = schedule;
      const patientsBusy = await this.findPatientsBusy(clientIds, { start: start - DAY, end: window.end + DAY });
      const rules = schedule.rules.forDesk;
      const accepts = (from: number): boolean => {
        const visit = rules.visit(from);
        const hasSession = busy.groupSessions.some((one) => one.doctorId === doctorId && one.start === from);
        return (mayJoinSession || !hasSession) && !patientsBusy.some((other) => overlaps(other, visit));
      };
      const query = { window, busy, now, doctorId, accepts, perDoctor: 1 };
      const [free] = rules.freeSlots(query);
      if (free) return free.start;
      start = window.end;
    }
    return null;
  }

  private async findPatientsBusy(clientIds: readonly string[], window: Range): Promise<Range[]> {
    const busy: Range[] = [];
    for (const id of clientIds) busy.push(...(await this.reservations.findBusyTimes(id, window)));
    return busy;
  }
}

/**
 * The start on another day with the same local time. Of a repeated local time, the first.
 * @throws DomainError SLOT_NOT_OFFERED if the clocks skip the local time on that day
 */
function toStartOnDay(startAt: Date, date: string, timeZone: string): number {
  const zone = Zone.of(timeZone);
  const [start] = zone.instantsOn(dayNumber(date), zone.minuteOfDay(startAt.getTime()));
  if (start === undefined) throw slotNotOffered('OUTSIDE_WORKING_HOURS');
  return start;
}
