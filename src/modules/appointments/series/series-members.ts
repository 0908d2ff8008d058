import { Injectable } from '@nestjs/common';
import { Clock } from '../../../core/kernel/clock.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import { Zone } from '../../../core/kernel/zone.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { GuardianAccess } from '../../clients/index.js';
import { BookingRulesService } from '../../scheduling/index.js';
import { hasOpenStatus } from '../appointment-status.js';
import type { Appointment } from '../appointment.entity.js';
import { maySee } from '../appointment.policy.js';
import type { AppointmentView, ChangeAppointment } from '../appointments.dto.js';
import { AppointmentsRepository } from '../appointments.repository.js';
import { toStart } from '../requested-slot.js';
import { ReservationsRepository } from '../reservations.repository.js';
import type { Scope } from './series.dto.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** The appointments of a series that are changed together. */
export interface ChosenMembers {
  /** The one that the request names; it need not be one of the targets. */
  named: Appointment;
  /** Ascending by start, at least one. */
  targets: Appointment[];
}

/** Finds and locks the appointments of a series that are changed together. */
@Injectable()
export class SeriesMembers {
  constructor(
    private readonly clock: Clock,
    private readonly appointments: AppointmentsRepository,
    private readonly reservations: ReservationsRepository,
    private readonly rules: BookingRulesService,
    private readonly guardians: GuardianAccess,
  ) {}

  /**
   * Locks the whole series until the transaction ends. The targets are those that have not started, are neither over nor cancelled, and
   * that the actor may see: a doctor changes only the visits with themselves.
   * @returns null if the appointment has no series
   * @throws DomainError NOT_FOUND, INVALID_TRANSITION if none is left to change
   */
  async lock(actor: Actor, id: string, scope: Exclude<Scope, 'THIS'>): Promise<ChosenMembers | null> {
    const seriesId = await this.appointments.findSeriesId(id);
    const members = seriesId ? await this.appointments.lockSeries(seriesId) : [];
    const named = members.find((member) => member.id === id) ?? (await this.appointments.lock(id));
    if (!named) throw notFound();
    const isGuardian = await this.guardians.mayActFor(actor, named.clientId);
    const isVisible = (one: Appointment): boolean =>
      maySee(actor, one) || (isGuardian && one.clientId === named.clientId);
    if (!isVisible(named)) throw notFound();
    if (!seriesId) return null;
    const now = this.clock.now();
    const targets = members.filter(
      (one) =>
        isVisible(one) &&
        hasOpenStatus(one) &&
        one.startAt.getTime() > now &&
        (scope === 'ALL' || one.startAt >= named.startAt),
    );
    if (targets.length === 0) throw nothingLeft();
    return { named, targets };
  }

  find(actor: Actor, id: string): Promise<AppointmentView | null> {
    return this.appointments.find(actor, id);
  }

  /**
   * The change of each target, with its start moved by the same local time as that of the named one. Locks the clinic and the group sessions,
   * so that others cannot reserve time at the clinic until the transaction ends.
   * @returns by appointment; empty if neither time, doctor nor room changes
   */
  async lockAndShift(
    { named, targets }: ChosenMembers,
    request: ChangeAppointment,
  ): Promise<Map<string, ChangeAppointment>> {
    const { startDateTime, overrideHours, doctorId, resourceIds } = request;
    if (startDateTime === undefined && doctorId === undefined && resourceIds === undefined) return new Map();
    return this.rules.withRules(named.serviceId, async (rules) => {
      const zone = Zone.of(rules.row.timeZone);
      const from = named.startAt.getTime();
      const to = startDateTime === undefined ? from : toStart({ startDateTime, overrideHours });
      const moved = targets.map((target) => ({
        target,
        start: target === named ? to : shiftLocalTime(zone, target.startAt.getTime(), { from, to }),
      }));
      const groupIds = moved.map(({ target, start }) =>
        rules.groupId(doctorId?.toLowerCase() ?? target.doctorId, start),
      );
      await this.reservations.lockGroups(groupIds.filter((id) => id !== null));
      await this.reservations.lockClinic(named.clinicId);
      return new Map(
        moved.map(({ target, start }) => [
          target.id,
          { ...request, ...(startDateTime !== undefined && { startDateTime: new Date(start).toISOString() }) },
        ]),
      );
    });
  }
}

/** Moves a start by the local time from one instant to another. A local time that the clocks skip becomes the end of the gap. */
function shiftLocalTime(zone: Zone, start: number, { from, to }: { from: number; to: number }): number {
  const toLocal = (instant: number): number => instant + zone.offsetAt(instant);
  const difference = toLocal(to) - toLocal(from);
  if (difference === 0) return start;
  const local = toLocal(start) + difference;
  const day = Math.floor(local / DAY);
  return zone.boundaryOn(day, (local - day * DAY) / MINUTE);
}

const nothingLeft = (): DomainError =>
  new DomainError('INVALID_TRANSITION', 'No appointment of this series is left to change.', { reason: 'PAST' });
