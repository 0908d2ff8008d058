import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { notFound, versionMismatch } from '../../core/kernel/domain-error.js';
import { Clock } from '../../core/kernel/clock.js';
import type { Actor } from '../../core/security/actor.js';
import { rangeOf } from '../scheduling/index.js';
import type { Appointment } from './appointment.entity.js';
import { cancellationTooLate } from './appointment.errors.js';
import { maySee } from './appointment.policy.js';
import type { AppointmentView, ChangeAppointment } from './appointments.dto.js';
import { AppointmentsRepository } from './appointments.repository.js';
import { BookingService, groupOf, wishOf, type Wanted } from './booking.service.js';
import { ClaimService, type Seat, type Wish } from './claim.service.js';
import { ReservationsRepository } from './reservations.repository.js';

const MINUTE = 60_000;

/** Moves an appointment, or changes its notes. */
@Injectable()
export class ChangingService {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly appointments: AppointmentsRepository,
    private readonly reservations: ReservationsRepository,
    private readonly booking: BookingService,
    private readonly claims: ClaimService,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * One step: the old time is freed only if the new one is had, else nothing has changed.
   * @param version of If-Match; null for none
   */
  async change(actor: Actor, id: string, request: ChangeAppointment, version: number | null): Promise<AppointmentView> {
    return this.db.transaction(async () => {
      const appointment = await this.appointments.lock(id);
      if (!appointment || !maySee(actor, appointment)) throw notFound();
      if (version !== null && version !== appointment.version) throw versionMismatch();
      const before = { ...appointment };
      const moves = isMove(appointment, request);
      if (!moves && !changesNotes(appointment, request)) return this.view(id);
      if (moves) await this.move(actor, appointment, request);
      if (request.notes !== undefined) appointment.notes = request.notes;
      appointment.touch(new Date(this.clock.now()));
      await this.appointments.save(appointment);
      if (moves) await this.reservations.releaseBefore(id, appointment.version);
      const view = await this.view(id);
      await this.changes.record({
        action: moves ? 'appointment.rescheduled' : 'appointment.updated',
        objectType: 'appointment',
        objectId: id,
        clinicId: view.clinicId,
        before,
        after: view,
        changes: differences(before, appointment, moves && request.overrideHours === true),
        event: { name: 'appointment:updated', payload: { id, version: view.version, ...movement(before, moves) } },
      });
      return view;
    });
  }

  private async move(actor: Actor, appointment: Appointment, request: ChangeAppointment): Promise<void> {
    appointment.assertMovable();
    const start = request.startDateTime ? Date.parse(request.startDateTime) : appointment.startAt.getTime();
    const doctorId = request.doctorId?.toLowerCase() ?? appointment.doctorId;
    await this.reservations.holdOffered(doctorId, appointment.serviceId);
    const wanted = await this.booking.want(appointment.serviceId, doctorId, start);
    this.assertInTime(actor, appointment, wanted);
    // Another room for the same visit is no new time, and may come at the last minute.
    const isNewTime = start !== appointment.startAt.getTime() || doctorId !== appointment.doctorId;
    if (isNewTime) this.booking.assertOffered(actor, wanted, request.overrideHours === true);
    const wish = wishOf(wanted, appointment.clientId, request);
    const own = await this.claims.heldBy(appointment.id, wish);
    const seat = await this.changeSession(appointment, groupOf(wanted), wish, own.size > 0);
    appointment.resourceIds = await this.claims.move(appointment, appointment.version + 1, wish, seat, own);
    appointment.moveTo(rangeOf(wanted.offer, start), doctorId);
  }

  /**
   * A seat leaves its session, for another or, where the service has become one for a single patient, for a time of its
   * own. What it holds at the wished time is given up first, for that is of another group.
   */
  private async changeSession(
    appointment: Appointment,
    groupId: string | null,
    wish: Wish,
    holdsSome: boolean,
  ): Promise<Seat | null> {
    if (!groupId && !appointment.groupId) return null;
    if (holdsSome) await this.reservations.releaseBefore(appointment.id, appointment.version + 1);
    const seat = groupId ? await this.claims.seatIn(groupId, wish, appointment.id) : null;
    appointment.groupId = groupId;
    appointment.seat = seat?.number ?? null;
    return seat;
  }

  private async view(id: string): Promise<AppointmentView> {
    const view = await this.appointments.find(id);
    if (!view) throw notFound();
    return view;
  }

  /** A patient may move as long as it may cancel; the desk always. */
  private assertInTime(actor: Actor, appointment: Appointment, { offer }: Wanted): void {
    if (actor.role !== 'CLIENT') return;
    const last = appointment.startAt.getTime() - offer.cancellationCutoffMinutes * MINUTE;
    if (this.clock.now() > last) throw cancellationTooLate(offer.cancellationCutoffMinutes);
  }
}

/** For those who listen: what it was moved from, so that the old day and the old doctor hear of it too. */
const movement = ({ doctorId, startAt }: Pick<Appointment, 'doctorId' | 'startAt'>, moves: boolean): object =>
  moves
    ? { action: 'rescheduled', previousDoctorId: doctorId, previousStartDateTime: startAt.toISOString() }
    : { action: 'updated' };

function isMove(appointment: Appointment, { startDateTime, doctorId, resourceIds }: ChangeAppointment): boolean {
  return (
    (startDateTime !== undefined && Date.parse(startDateTime) !== appointment.startAt.getTime()) ||
    (doctorId !== undefined && doctorId.toLowerCase() !== appointment.doctorId) ||
    resourceIds !== undefined
  );
}

const changesNotes = (appointment: Appointment, { notes }: ChangeAppointment): boolean =>
  notes !== undefined && notes !== appointment.notes;

/** For the history: scheduling facts with old and new; of notes only that they changed. */
function differences(before: Appointment | object, after: Appointment, override: boolean): Record<string, unknown> {
  const old = before as Appointment;
  const changes: Record<string, unknown> = {};
  if (old.startAt.getTime() !== after.startAt.getTime()) {
    changes.startDateTime = [old.startAt.toISOString(), after.startAt.toISOString()];
  }
  if (old.doctorId !== after.doctorId) changes.doctorId = [old.doctorId, after.doctorId];
  if (old.resourceIds.join() !== after.resourceIds.join()) changes.resourceIds = [old.resourceIds, after.resourceIds];
  if (old.notes !== after.notes) changes.notes = true;
  if (override) changes.overrideHours = true;
  return changes;
}
