import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import { BookingRulesService } from '../scheduling/index.js';
import type { Appointment } from './appointment.entity.js';
import { staffNotesForbidden, videoUrlForbidden } from './appointment.errors.js';
import { AppointmentUpdater } from './appointment-updater.js';
import type { AppointmentView, ChangeAppointment } from './appointments.dto.js';
import { ConflictErrors } from './conflict-errors.js';
import { assertDayLimit } from './day-limit.js';
import { askForConfirmation, changesSlot, moveChanges, toMoveDetails } from './move-changes.js';
import {
  assertBookable,
  assertMayOverride,
  primaryConflict,
  reservationsFor,
  resolveSlot,
  type RequestedSlot,
} from './requested-slot.js';
import { MAX_PICKS, ResourcePicker } from './resource-picker.js';
import { ReservationsRepository } from './reservations.repository.js';
import type { Via } from './via.js';

interface ChangeOptions {
  /** From If-Match. Default: any. */
  version?: number | null;
  /** Why the front desk moves the appointment together with others. */
  reason?: string;
  /** Absent if the actor is signed in. */
  via?: Via;
  /** One of several appointments that are changed together, in the current transaction. The caller asks for one message about all. */
  isTogether?: true;
}

/** Moves an appointment to another time, doctor or room, or changes its notes. */
@Injectable()
export class RescheduleService {
  constructor(
    private readonly updater: AppointmentUpdater,
    private readonly rules: BookingRulesService,
    private readonly reservations: ReservationsRepository,
    private readonly picker: ResourcePicker,
    private readonly conflicts: ConflictErrors,
  ) {}

  /** Frees the old time only when the new one is reserved. If that fails, nothing changes. */
  change(
    actor: Actor,
    id: string,
    request: ChangeAppointment,
    { version = null, reason, via, isTogether }: ChangeOptions,
  ): Promise<AppointmentView> {
    return this.updater.update(actor, id, version, async (appointment, at, before) => {
      const isMove = movesTo(appointment, request);
      assertMayWriteNotes(actor, appointment, request, at);
      if (actor.role === 'CLIENT' && request.videoUrl !== undefined) throw videoUrlForbidden();
      if (!isMove && request.videoUrl === undefined && !changesNotes(appointment, request)) return null;
      if (isMove) await this.move(actor, appointment, request, at.getTime());
      if (request.notes !== undefined) appointment.notes = request.notes;
      if (request.staffNotes !== undefined) appointment.staffNotes = request.staffNotes;
      if (request.insuranceNote !== undefined) appointment.insuranceNote = request.insuranceNote;
      if (request.videoUrl !== undefined) appointment.videoUrl = request.videoUrl;
      appointment.touch(at);
      const texts = { ...noteChanges(before, appointment), ...(request.videoUrl !== undefined && { videoUrl: true }) };
      if (!isMove) return { action: 'updated', changes: texts };
      await this.reservations.deleteEarlierVersions(id, appointment.version);
      const details = await toMoveDetails(before, appointment, (ids) => this.reservations.hasRoom(ids));
      return {
        action: 'rescheduled',
        changes: {
          ...moveChanges(before, appointment),
          ...texts,
          ...(request.overrideHours === true && { overrideHours: true }),
          ...(via && { via }),
        },
        ...(request.overrideHours === true && { overrideReason: request.overrideReason }),
        ...(reason !== undefined && { moveReason: reason }),
        details: { ...details, ...(isTogether && { isTogether }) },
      };
    });
  }

  private async move(actor: Actor, appointment: Appointment, request: ChangeAppointment, now: number): Promise<void> {
    appointment.assertMovable();
    await this.rules.withRules(appointment.serviceId, async (rules) => {
      const found = resolveSlot(actor, rules, {
        ...request,
        doctorId: request.doctorId ?? appointment.doctorId,
        startDateTime: request.startDateTime ?? appointment.startAt.toISOString(),
      });
      const requested = { ...found, movedId: appointment.id };
      assertMayOverride(actor, rules, request);
      if (actor.role === 'CLIENT') appointment.assertBeforeCutoff(rules.row.cancellationCutoffMinutes, now);
      // At the same start, the visit keeps its planned duration.
      const isSameStart = requested.start === appointment.startAt.getTime();
      const slot = isSameStart
        ? { ...requested, rules: requested.rules.withDuration(appointment.plannedMinutes) }
        : requested;
      // Another room for the same visit is allowed at any time, even within the notice.
      const isOnlyRoom = isSameStart && requested.doctorId === appointment.doctorId;
      if (!isOnlyRoom) assertBookable(slot, now);
      const ownIds = await this.reservations.findReserved(appointment.id, slot.rules.reserved(slot.start));
      const groupResourceIds = await this.changeGroup(appointment, slot, ownIds);
      appointment.resourceIds = await this.reserve(appointment, slot, { groupResourceIds, ownIds });
      await assertDayLimit(actor, appointment, slot, this.reservations);
      appointment.moveTo(slot.rules.visit(slot.start), slot.doctorId);
      if (!isOnlyRoom) askForConfirmation(actor, slot, appointment);
    });
  }

  /**
   * Moves a seat to another group session, or to a visit of its own if the service is no longer a group service. Its own
   * reservations at the requested time are released first: they belong to another group and would conflict.
   * @returns the rooms and equipment of the group session; null for its first seat, or for a visit of its own
   */
  private async changeGroup(appointment: Appointment, slot: RequestedSlot, ownIds: string[]): Promise<string[] | null> {
    const groupId = slot.rules.groupId(slot.doctorId, slot.start);
    if (!groupId && !appointment.groupId) return null;
    if (ownIds.length > 0) await this.reservations.deleteEarlierVersions(appointment.id, appointment.version + 1);
    const seat = groupId ? await this.picker.takeSeat(groupId, slot, appointment) : null;
    appointment.groupId = groupId;
    appointment.seat = seat?.number ?? null;
    return seat?.resourceIds ?? null;
  }

  /**
   * Reserves the slot in addition to the old time.
   * @param groupResourceIds the rooms and equipment of the group session; null to pick them
   * @param ownIds what the appointment itself reserves at the requested time; it counts as free
   * @returns the ids of the reserved rooms and equipment
   */
  private async reserve(
    appointment: Appointment,
    slot: RequestedSlot,
    { groupResourceIds, ownIds }: { groupResourceIds: string[] | null; ownIds: string[] },
  ): Promise<string[]> {
    const { id, clientId } = appointment;
    const version = appointment.version + 1;
    const lostIds: string[] = [];
    for (let attempt = 1; attempt <= MAX_PICKS; attempt += 1) {
      const resourceIds = groupResourceIds ?? (await this.picker.pickResources(slot, clientId, { lostIds, ownIds }));
      const reservations = reservationsFor(slot, { ...appointment, resourceIds });
      const conflicts = await this.reservations.reserve(id, version, reservations, slot.rules.row);
      if (conflicts.length === 0) return resourceIds;
      // A group session cannot be in other rooms.
      if (groupResourceIds) throw await this.conflicts.create(primaryConflict(conflicts), slot, clientId);
      lostIds.push(...(await this.picker.getReplaceable(conflicts, slot, clientId)));
      await this.reservations.deleteVersion(id, version);
    }
    throw await this.conflicts.create('RESOURCE', slot, clientId);
  }
}

/** A cancelled visit has no time and doctor any more, so that those which it had are a move too, which is refused. */
function movesTo(appointment: Appointment, request: ChangeAppointment): boolean {
  const { startDateTime, doctorId } = request;
  if (appointment.status === 'CANCELLED' && (startDateTime !== undefined || doctorId !== undefined)) return true;
  return changesSlot(appointment, request);
}

const NOTES = ['notes', 'staffNotes', 'insuranceNote'] as const;

const changesNotes = (appointment: Appointment, request: ChangeAppointment): boolean =>
  NOTES.some((field) => request[field] !== undefined && request[field] !== appointment[field]);

/** Patients may not write staff notes, nor notes of a visit that has started, is over or is cancelled. */
function assertMayWriteNotes({ role }: Actor, appointment: Appointment, request: ChangeAppointment, at: Date): void {
  if (role !== 'CLIENT') return;
  if (request.staffNotes !== undefined) throw staffNotesForbidden();
  if (changesNotes(appointment, request)) appointment.assertPatientMayChange(at);
}

/** For the history: which notes changed. Their texts are stored separately. */
const noteChanges = (before: Appointment, after: Appointment): Record<string, true> =>
  Object.fromEntries(NOTES.filter((field) => before[field] !== after[field]).map((field) => [field, true]));
