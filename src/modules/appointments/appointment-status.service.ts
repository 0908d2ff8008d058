import { Injectable } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ClinicsService } from '../clinics/index.js';
import type { CancellationParty } from './appointment-change-hooks.js';
import type { Appointment } from './appointment.entity.js';
import { hasOpenStatus, type AppointmentStatus } from './appointment-status.js';
import { AppointmentUpdater, type AppointmentChange } from './appointment-updater.js';
import type { AppointmentView } from './appointments.dto.js';
import { ConflictErrors } from './conflict-errors.js';
import { AppointmentsRepository } from './appointments.repository.js';
import { primaryConflict, type ReservedRange } from './requested-slot.js';
import { ReservationsRepository } from './reservations.repository.js';
import type { Via } from './via.js';

interface CancelRequest {
  reason: string | null;
  via?: Via | undefined;
  /** Of a cancellation by the front desk. Default: the clinic. */
  requestedBy?: CancellationParty | undefined;
}

interface Cancellation extends CancelRequest {
  isTogether?: true;
  /** Whether the clinic's cut-off for patients applies. */
  hasCutoff: boolean;
}

/** The statuses in which an appointment does not reserve all of its planned time: see `cancel`, `noShow` and `complete`. */
const FREEING_STATUSES: AppointmentStatus[] = ['CANCELLED', 'NO_SHOW', 'COMPLETED'];

const INSTANTS = ['checkedInAt', 'startedAt', 'completedAt', 'cancelledAt'] as const;

/**
 * Changes the status of an appointment, and undoes such a change. In all methods, `version` is the one that the caller expects (from
 * If-Match, or just read); null for any.
 */
@Injectable()
export class AppointmentStatusService {
  constructor(
    private readonly updater: AppointmentUpdater,
    private readonly appointments: AppointmentsRepository,
    private readonly reservations: ReservationsRepository,
    private readonly conflicts: ConflictErrors,
    private readonly clinics: ClinicsService,
  ) {}

  confirm(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.updater.update(actor, id, version, (appointment, at, before) => {
      appointment.confirm(at);
      return toChange('confirmed', before, appointment);
    });
  }

  /** The patient confirms that they will come, which only the clinic's confirmation makes CONFIRMED. A repetition changes nothing. */
  confirmByClient(actor: Actor, id: string, version: number, via?: Via): Promise<AppointmentView> {
    return this.updater.update(actor, id, version, (appointment, at, before) => {
      if (appointment.clientConfirmedAt && hasOpenStatus(appointment)) return null;
      appointment.confirmByClient(at);
      return toChange('confirmed-by-client', before, appointment, via);
    });
  }

  /** Allowed from the start of the visit's local day at the clinic. A repetition changes nothing. */
  checkIn(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.updater.update(actor, id, version, async (appointment, at, before) => {
      if (appointment.checkedInAt && appointment.status === 'CONFIRMED') return null;
      appointment.checkIn(at, await this.startOfDay(appointment));
      return toChange('checked-in', before, appointment);
    });
  }

  /** Allowed after the check-in, or from 30 minutes before the start. */
  start(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.updater.update(actor, id, version, (appointment, at, before) => {
      appointment.start(at);
      return toChange('started', before, appointment);
    });
  }

  /** Frees the rest of the reserved time if the visit ends before its planned end. */
  complete(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.updater.update(actor, id, version, async (appointment, at, before) => {
      appointment.complete(at);
      await this.reservations.endAt(id, appointment.version, appointment.endAt, at);
      return toChange('completed', before, appointment);
    });
  }

  /** Allowed from the start of the visit. Frees the time. */
  noShow(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.updater.update(actor, id, version, async (appointment, at, before) => {
      appointment.markNoShow(at);
      await this.reservations.release(id);
      return toChange('no-show', before, appointment);
    });
  }

  /** Patients may cancel until the clinic's cut-off, the front desk always. Frees the time and keeps the row. */
  cancel(
    actor: Actor,
    id: string,
    { version = null, ...details }: CancelRequest & { version?: number | null },
  ): Promise<AppointmentView> {
    return this.doCancel(actor, id, version, { ...details, hasCutoff: actor.role === 'CLIENT' });
  }

  /** One of several appointments that are cancelled together, in the current transaction. The caller asks for one message about all. */
  cancelTogether(actor: Actor, id: string, details: Omit<CancelRequest, 'via'>): Promise<AppointmentView> {
    return this.doCancel(actor, id, null, { ...details, isTogether: true, hasCutoff: actor.role === 'CLIENT' });
  }

  /** For a patient whose account is closed, deleted or erased: no cut-off applies. */
  cancelForClosedAccount(patient: Actor, id: string): Promise<AppointmentView> {
    return this.doCancel(patient, id, null, { reason: null, hasCutoff: false });
  }

  /**
   * Undoes the last step: a check-in, start, completion, no-show or cancellation. A cancelled appointment returns to its status
   * before the cancellation (PENDING or CONFIRMED), a completed one to IN_PROGRESS, all others to CONFIRMED. Time that the step
   * freed is reserved again.
   * @throws DomainError APPOINTMENT_CONFLICT if the time is no longer free, INVALID_TRANSITION if there is no step to undo
   */
  reinstate(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.updater.update(actor, id, version, async (appointment, at, before) => {
      appointment.assertReinstatable();
      if (FREEING_STATUSES.includes(before.status)) await this.reserveAgain(appointment);
      appointment.reinstate(at, await this.getPreviousStatus(before));
      const cleared = INSTANTS.filter((name) => before[name] && !appointment[name]);
      return {
        action: 'reinstated',
        changes: {
          status: [before.status, appointment.status],
          ...Object.fromEntries(cleared.map((name) => [name, [before[name]?.toISOString(), null]])),
        },
        details: { undone: before.status },
      };
    });
  }

  private doCancel(
    actor: Actor,
    id: string,
    version: number | null,
    { reason, via, isTogether, requestedBy, hasCutoff }: Cancellation,
  ): Promise<AppointmentView> {
    return this.updater.update(actor, id, version, async (appointment, at, before) => {
      // Before the check of the cut-off, so that a cancelled appointment gives INVALID_TRANSITION at any time.
      appointment.cancel(at, reason);
      if (hasCutoff) {
        appointment.assertBeforeCutoff(
          await this.appointments.getCancellationCutoff(appointment.serviceId),
          at.getTime(),
        );
      }
      await this.reservations.release(id);
      return {
        ...toChange('cancelled', before, appointment, via),
        requestedBy: actor.role === 'CLIENT' ? 'CLIENT' : (requestedBy ?? 'CLINIC'),
        event: 'appointment:cancelled',
        ...(isTogether && { details: { isTogether } }),
      };
    });
  }

  /** Reserves the planned time again. A seat in a group session may get another number and the session's present rooms. */
  private async reserveAgain(appointment: Appointment): Promise<void> {
    const { id, clientId, doctorId, serviceId, groupId } = appointment;
    const version = appointment.version + 1;
    const slot = {
      serviceId,
      doctorId,
      start: appointment.startAt.getTime(),
      resourceIds: [],
      isForDesk: true,
      overrideHours: true,
    };
    if (!(await this.reservations.lockDoctor(doctorId))) throw await this.conflicts.create('DOCTOR', slot, clientId);
    let planned = await this.reservations.findPlanned(id);
    if (groupId) {
      const seat = await this.reservations.lockFreeSeat(groupId, await this.reservations.getCapacity(serviceId), id);
      if (!seat) throw await this.conflicts.create('DOCTOR', slot, clientId);
      appointment.seat = seat.number;
      appointment.resourceIds = seat.resourceIds ?? appointment.resourceIds;
      planned = withResources(planned, appointment.resourceIds);
    }
    const conflicts = await this.reservations.reserve(id, version, planned, null);
    if (conflicts.length > 0) throw await this.conflicts.create(primaryConflict(conflicts), slot, clientId);
    await this.reservations.deleteEarlierVersions(id, version);
  }

  private async getPreviousStatus({ id, status }: Appointment): Promise<AppointmentStatus> {
    if (status === 'COMPLETED') return 'IN_PROGRESS';
    if (status !== 'CANCELLED') return 'CONFIRMED';
    return (await this.appointments.findPreviousStatus(id, status)) === 'PENDING' ? 'PENDING' : 'CONFIRMED';
  }

  private async startOfDay({ clinicId, startAt }: Appointment): Promise<number> {
    const zone = Zone.of((await this.clinics.get(clinicId)).timeZone);
    return zone.startOfDay(zone.toDay(startAt.getTime()));
  }
}

const toChange = (action: string, before: Appointment, after: Appointment, via?: Via): AppointmentChange => ({
  action,
  changes: { status: [before.status, after.status], ...(via && { via }) },
});

/** The same ranges with other rooms and equipment. */
function withResources(ranges: ReservedRange[], resourceIds: string[]): ReservedRange[] {
  const doctor = ranges.find(({ kind }) => kind === 'DOCTOR');
  if (!doctor) return ranges;
  const others = ranges.filter(({ kind }) => kind !== 'RESOURCE');
  return [...others, ...resourceIds.map((resourceId): ReservedRange => ({ ...doctor, resourceId, kind: 'RESOURCE' }))];
}
