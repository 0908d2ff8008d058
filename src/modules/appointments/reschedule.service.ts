import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/security/actor.js';
import { BookingRulesService } from '../scheduling/index.js';
import type { ChangeFacts } from './appointment-event.js';
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
   * The old time is freed only once the new one is reserved; otherwise nothing has changed.
   * @param version of If-Match; null for none
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
        ...(isMove && { facts: await this.movement(before, appointment) }),
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
      // Another room for the same visit is no new time, and may come at the last minute.
      const isNewTime = slot.start !== appointment.startAt.getTime() || slot.doctor.doctorId !== appointment.doctorId;
      if (isNewTime) assertBookable(slot, this.clock.now());
      const own = await this.reservations.heldBy(appointment.id, slot);
      const seat = await this.changeSession(appointment, slot, own);
      appointment.resourceIds = await this.reservations.move(appointment, slot, seat, own);
      appointment.moveTo(rules.visit(slot.start), slot.doctor.doctorId);
    });
  }

  /**
   * A seat leaves its session, for another or, where the service has become one for a single patient, for a time of its
   * own. What it holds at the requested time is given up first, for that is of another group.
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

  /** For those who listen: what is new for the patient, and what it was moved from. */
  private async movement(before: Place, after: Appointment): Promise<Omit<ChangeFacts, 'action'>> {
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

/** Staff notes are not the patient's; nor are the notes of a visit that has begun, is over or was cancelled. */
function assertMayWriteNotes({ role }: Actor, appointment: Appointment, request: ChangeAppointment, at: Date): void {
  if (role !== 'CLIENT') return;
  if (request.staffNotes !== undefined) throw forbidden(STAFF_NOTES);
  if (changesNotes(appointment, request)) appointment.assertOpenToPatient(at);
}

/** For the history: scheduling facts with old and new. The texts of notes are kept apart. */
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
