import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { forbidden, notFound, versionMismatch } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { Clock } from '../../core/kernel/clock.js';
import type { Actor } from '../../core/security/actor.js';
import { rangeOf } from '../scheduling/index.js';
import type { Appointment } from './appointment.entity.js';
import { AppointmentEventCodec, type ChangeFacts } from './appointment-event.js';
import { cancellationTooLate } from './appointment.errors.js';
import { maySee } from './appointment.policy.js';
import type { AppointmentView, ChangeAppointment } from './appointments.dto.js';
import { AppointmentsRepository, viewFor, type NoteChange } from './appointments.repository.js';
import { BookingService, groupOf, STAFF_NOTES, startOf, wishOf, type Wanted } from './booking.service.js';
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
    private readonly events: AppointmentEventCodec,
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
      const now = new Date(this.clock.now());
      assertMayWrite(actor, appointment, request, now);
      if (!moves && !changesNotes(appointment, request)) return this.view(actor, id);
      if (moves) await this.move(actor, appointment, request);
      if (request.notes !== undefined) appointment.notes = request.notes;
      if (request.staffNotes !== undefined) appointment.staffNotes = request.staffNotes;
      appointment.touch(now);
      await this.appointments.save(appointment);
      if (moves) await this.reservations.releaseBefore(id, appointment.version);
      const auditId = newId();
      await this.appointments.keepNotes(noteChanges(auditId, before, appointment));
      const changed = await this.appointments.findForEvent(id);
      const view = viewFor(actor, changed.view);
      const facts = moves ? await this.movement(before, appointment) : UPDATED;
      await this.changes.record({
        id: auditId,
        action: moves ? 'appointment.rescheduled' : 'appointment.updated',
        objectType: 'appointment',
        objectId: id,
        clinicId: view.clinicId,
        before,
        after: view,
        changes: differences(before, appointment, { moves, override: moves && request.overrideHours === true }),
        event: { name: 'appointment:updated', payload: this.events.payload(changed.view, changed, facts) },
      });
      return view;
    });
  }

  private async move(actor: Actor, appointment: Appointment, request: ChangeAppointment): Promise<void> {
    appointment.assertMovable();
    const start = wantedStart(appointment, request);
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

  /** For those who listen: what is new for the patient, and what it was moved from. */
  private async movement(before: Place, after: Appointment): Promise<ChangeFacts> {
    const changed: Changed[] = [];
    if (before.startAt.getTime() !== after.startAt.getTime()) changed.push('TIME');
    if (before.doctorId !== after.doctorId) changed.push('DOCTOR');
    const [gone, come] = [
      without(before.resourceIds, after.resourceIds),
      without(after.resourceIds, before.resourceIds),
    ];
    if (await this.reservations.hasRoom([...gone, ...come])) changed.push('PLACE');
    return {
      action: 'rescheduled',
      changed,
      previousDoctorId: before.doctorId,
      previousStartDateTime: before.startAt.toISOString(),
    };
  }

  private async view(actor: Actor, id: string): Promise<AppointmentView> {
    const view = await this.appointments.find(actor, id);
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

type Changed = 'TIME' | 'DOCTOR' | 'PLACE';
type Place = Pick<Appointment, 'startAt' | 'doctorId' | 'resourceIds'>;

const UPDATED = { action: 'updated' };

const without = (ids: string[], others: string[]): string[] => ids.filter((id) => !others.includes(id));

const wantedStart = ({ startAt }: Appointment, { startDateTime, overrideHours }: ChangeAppointment): number =>
  startDateTime === undefined ? startAt.getTime() : startOf({ startDateTime, overrideHours });

function isMove(appointment: Appointment, request: ChangeAppointment): boolean {
  const { doctorId, resourceIds } = request;
  return (
    wantedStart(appointment, request) !== appointment.startAt.getTime() ||
    (doctorId !== undefined && doctorId.toLowerCase() !== appointment.doctorId) ||
    resourceIds !== undefined
  );
}

const NOTES = ['notes', 'staffNotes'] as const;
type Notes = Pick<Appointment, (typeof NOTES)[number]>;

const changesNotes = (appointment: Notes, request: Partial<Notes>): boolean =>
  NOTES.some((field) => request[field] !== undefined && request[field] !== appointment[field]);

/** Staff notes are not the patient's; nor is a visit that has begun, is over or was cancelled. */
function assertMayWrite({ role }: Actor, appointment: Appointment, request: ChangeAppointment, now: Date): void {
  if (role !== 'CLIENT') return;
  if (request.staffNotes !== undefined) throw forbidden(STAFF_NOTES);
  if (changesNotes(appointment, request)) appointment.assertOpenToPatient(now);
}

const noteChanges = (auditId: string, before: Notes, after: Appointment): NoteChange[] =>
  NOTES.filter((field) => before[field] !== after[field]).map((field) => ({
    auditId,
    appointmentId: after.id,
    field,
    before: before[field],
    after: after[field],
  }));

/** For the history: scheduling facts with old and new. The texts of notes are kept apart (`keepNotes`). */
function differences(
  old: Place & Notes & Pick<Appointment, 'version'>,
  after: Appointment,
  { moves, override }: { moves: boolean; override: boolean },
): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  if (moves) changes.version = [old.version, after.version];
  if (old.startAt.getTime() !== after.startAt.getTime()) {
    changes.startDateTime = [old.startAt.toISOString(), after.startAt.toISOString()];
  }
  if (old.doctorId !== after.doctorId) changes.doctorId = [old.doctorId, after.doctorId];
  if (old.resourceIds.join() !== after.resourceIds.join()) changes.resourceIds = [old.resourceIds, after.resourceIds];
  for (const field of NOTES) if (old[field] !== after[field]) changes[field] = true;
  if (override) changes.overrideHours = true;
  return changes;
}
