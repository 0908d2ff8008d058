import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { BookingRulesService } from '../scheduling/index.js';
import type { EventDetails } from './appointment-event.js';
import { AppointmentChanges } from './appointment-changes.js';
import type { Appointment } from './appointment.entity.js';
import { STAFF_NOTES } from './appointment.errors.js';
import type { AppointmentView, ChangeAppointment } from './appointments.dto.js';
import { assertBookable, assertMayOverride, resolveSlot, toStart, type RequestedSlot } from './requested-slot.js';
import { ReservationService } from './reservation.service.js';
import type { Seat } from './reservations.repository.js';

/** Moves an appointment to another time, doctor or room, or changes its notes. */
@Injectable()
export class RescheduleService {
  constructor(
    private readonly clock: Clock,
    private readonly changes: AppointmentChanges,
    private readonly rules: BookingRulesService,
    private readonly reservations: ReservationService,
  ) {}

  /**
   * Frees the old time only when the new one is reserved. If that fails, nothing changes.
   * @param version from If-Match; null if not given
   */
  change(actor: Actor, id: string, request: ChangeAppointment, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      const before = { ...appointment };
      const isMove = movesTo(appointment, request);
      assertMayWriteNotes(actor, appointment, request, at);
      if (!isMove && !changesNotes(appointment, request)) return null;
      if (isMove) await this.move(actor, appointment, request);
      if (request.notes !== undefined) appointment.notes = request.notes;
      if (request.staffNotes !== undefined) appointment.staffNotes = request.staffNotes;
      appointment.touch(at);
      if (isMove) await this.reservations.releaseBefore(id, appointment.version);
      return {
        action: isMove ? 'rescheduled' : 'updated',
        changes: differences(before, appointment, { isMove, override: isMove && request.overrideHours === true }),
        ...(isMove && { details: await this.toMoveDetails(before, appointment) }),
      };
    });
  }

  private async move(actor: Actor, appointment: Appointment, request: ChangeAppointment): Promise<void> {
    appointment.assertMovable();
    await this.rules.apply(appointment.serviceId, async (rules) => {
      const slot = resolveSlot(rules, {
        ...request,
        doctorId: request.doctorId ?? appointment.doctorId,
        startDateTime: request.startDateTime ?? appointment.startAt.toISOString(),
      });
      assertMayOverride(actor, slot);
      if (actor.role === 'CLIENT') {
        appointment.assertBeforeCutoff(rules.row.cancellationCutoffMinutes, this.clock.now());
      }
      // Another room for the same visit is allowed at any time, also inside the notice.
      const isNewTime = slot.start !== appointment.startAt.getTime() || slot.doctor.doctorId !== appointment.doctorId;
      if (isNewTime) assertBookable(slot, this.clock.now());
      const own = await this.reservations.findReserved(appointment.id, slot);
      const seat = await this.changeSession(appointment, slot, own);
      appointment.resourceIds = await this.reservations.move(appointment, slot, seat, own);
      appointment.moveTo(rules.visit(slot.start), slot.doctor.doctorId);
    });
  }

  /**
   * Moves a seat to another group session, or to a visit of its own if the service is no longer a group service. Its own
   * reservations at the requested time are released first: they belong to another group and would conflict.
   */
  private async changeSession(appointment: Appointment, slot: RequestedSlot, own: string[]): Promise<Seat | null> {
    const groupId = slot.rules.groupId(slot.doctor.doctorId, slot.start);
    if (!groupId && !appointment.groupId) return null;
    if (own.length > 0) await this.reservations.releaseBefore(appointment.id, appointment.version + 1);
    const seat = groupId ? await this.reservations.takeSeat(groupId, slot, appointment) : null;
    appointment.groupId = groupId;
    appointment.seat = seat?.number ?? null;
    return seat;
  }

  /** For the event: what changed for the patient, and the previous doctor and start. */
  private async toMoveDetails(before: Place, after: Appointment): Promise<Omit<EventDetails, 'action'>> {
    const changed: Changed[] = [];
    if (before.startAt.getTime() !== after.startAt.getTime()) changed.push('TIME');
    if (before.doctorId !== after.doctorId) changed.push('DOCTOR');
    const left = without(before.resourceIds, after.resourceIds);
    const entered = without(after.resourceIds, before.resourceIds);
    if (await this.reservations.hasRoom([...left, ...entered])) changed.push('PLACE');
    return { changed, previousDoctorId: before.doctorId, previousStartDateTime: before.startAt.toISOString() };
  }
}

type Changed = 'TIME' | 'DOCTOR' | 'PLACE';
type Place = Pick<Appointment, 'startAt' | 'doctorId' | 'resourceIds'>;

const without = (ids: string[], others: string[]): string[] => ids.filter((id) => !others.includes(id));

function movesTo(appointment: Appointment, request: ChangeAppointment): boolean {
  const { startDateTime, overrideHours, doctorId, resourceIds } = request;
  return (
    (startDateTime !== undefined && toStart({ startDateTime, overrideHours }) !== appointment.startAt.getTime()) ||
    (doctorId !== undefined && doctorId.toLowerCase() !== appointment.doctorId) ||
    resourceIds !== undefined
  );
}

const NOTES = ['notes', 'staffNotes'] as const;
type Notes = Pick<Appointment, (typeof NOTES)[number]>;

const changesNotes = (appointment: Notes, request: Partial<Notes>): boolean =>
  NOTES.some((field) => request[field] !== undefined && request[field] !== appointment[field]);

/** Patients may not write staff notes, nor notes of a visit that has started, is over or is cancelled. */
function assertMayWriteNotes({ role }: Actor, appointment: Appointment, request: ChangeAppointment, at: Date): void {
  if (role !== 'CLIENT') return;
  if (request.staffNotes !== undefined) throw forbidden(STAFF_NOTES);
  if (changesNotes(appointment, request)) appointment.assertPatientMayChange(at);
}

/** The changes for the history: scheduling fields with old and new values. The texts of notes are stored separately. */
function differences(
  before: Place & Notes & Pick<Appointment, 'version'>,
  after: Appointment,
  { isMove, override }: { isMove: boolean; override: boolean },
): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  if (isMove) changes.version = [before.version, after.version];
  if (before.startAt.getTime() !== after.startAt.getTime()) {
    changes.startDateTime = [before.startAt.toISOString(), after.startAt.toISOString()];
  }
  if (before.doctorId !== after.doctorId) changes.doctorId = [before.doctorId, after.doctorId];
  if (before.resourceIds.join() !== after.resourceIds.join()) {
    changes.resourceIds = [before.resourceIds, after.resourceIds];
  }
  for (const field of NOTES) if (before[field] !== after[field]) changes[field] = true;
  if (override) changes.overrideHours = true;
  return changes;
}
