import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../core/kernel/actor.js';
import { notFound, type DomainError } from '../../../core/kernel/domain-error.js';
import { hasOpenStatus } from '../appointment-status.js';
import type { Appointment } from '../appointment.entity.js';
import { AppointmentStatusService } from '../appointment-status.service.js';
import type { AppointmentView } from '../appointments.dto.js';
import { AppointmentsRepository } from '../appointments.repository.js';
import { RescheduleService } from '../reschedule.service.js';
import type { BulkChangeVisit, DoneOutcome } from './bulk-change-visit.entity.js';
import { BulkTimes } from './bulk-times.js';
import type { BulkChangeRequest, BulkOutcome, BulkResultView } from './bulk.dto.js';
import { BulkRepository, type BulkVisit } from './bulk.repository.js';

export interface BulkContext {
  bulkId: string;
  actor: Actor;
  request: BulkChangeRequest;
}

/** What happened to an appointment. */
export interface BulkStep {
  result: BulkResultView;
  /** The appointment, if this attempt has changed it. */
  changed?: AppointmentView;
}

/** Cancels or moves one appointment of a bulk change. */
@Injectable()
export class BulkChanges {
  constructor(
    private readonly bulks: BulkRepository,
    private readonly appointments: AppointmentsRepository,
    private readonly status: AppointmentStatusService,
    private readonly rescheduling: RescheduleService,
    private readonly times: BulkTimes,
  ) {}

  /**
   * Runs in a transaction, which it leaves in any state if it throws.
   * @param visit as it was when the request found it: one that was moved meanwhile, perhaps by its patient, keeps its new time
   * @param isTogether whether the request has other appointments of the patient
   * @throws DomainError if the appointment cannot be changed
   */
  async apply(context: BulkContext, visit: BulkVisit, isTogether: boolean): Promise<BulkStep> {
    const { bulkId, actor, request } = context;
    const { id } = visit;
    const appointment = await this.appointments.lockVisible(actor, id);
    if (!appointment) throw notFound();
    // Read after the lock, so that it is also seen if another process has just done it with the same key.
    const done = await this.bulks.findDoneVisit(bulkId, id);
    if (done) return { result: ofDone(done) };
    if (!hasOpenStatus(appointment)) return { result: unchanged(appointment, 'SKIPPED', appointment.status) };
    if (wasMoved(visit, appointment)) return { result: unchanged(appointment, 'SKIPPED', 'MOVED_MEANWHILE') };
    if (request.action === 'MOVE') return this.move(context, appointment, isTogether);
    const cancelled = isTogether
      ? await this.status.cancelTogether(actor, id, request.reason)
      : await this.status.cancel(actor, id, null, request.reason);
    return this.finish(bulkId, 'CANCELLED', cancelled);
  }

  private async move(context: BulkContext, appointment: Appointment, isTogether: boolean): Promise<BulkStep> {
    const { bulkId, actor, request } = context;
    const target = await this.findTarget(request, appointment);
    if (!target) return { result: unchanged(appointment, 'FAILED', 'NO_FREE_TIME', 'SLOT_NOT_OFFERED') };
    const { id, startAt, doctorId } = appointment;
    if (target.start === startAt.getTime() && target.doctorId === doctorId) {
      return { result: unchanged(appointment, 'SKIPPED', 'UNCHANGED') };
    }
    const change = { startDateTime: new Date(target.start).toISOString(), doctorId: target.doctorId };
    const move = { reason: request.reason, ...(isTogether && { isTogether }) };
    return this.finish(bulkId, 'MOVED', await this.rescheduling.change(actor, id, change, null, move));
  }

  /** @returns null if there is no free time */
  private async findTarget(
    { to }: BulkChangeRequest,
    appointment: Appointment,
  ): Promise<{ start: number; doctorId: string } | null> {
    const { startAt, clinicId } = appointment;
    const doctorId = to?.doctorId?.toLowerCase() ?? appointment.doctorId;
    if (to?.date) {
      return { start: this.times.onDay(appointment, to.date, await this.bulks.getTimeZone(clinicId)), doctorId };
    }
    if (to?.doctorId) return { start: startAt.getTime(), doctorId };
    const start = await this.times.findNext(appointment);
    return start === null ? null : { start, doctorId };
  }

  private async finish(bulkId: string, outcome: DoneOutcome, changed: AppointmentView): Promise<BulkStep> {
    const visit = toDone(bulkId, outcome, changed);
    await this.bulks.insertDone(visit);
    return { result: ofDone(visit), changed };
  }
}

const wasMoved = (visit: BulkVisit, { startAt, doctorId }: Appointment): boolean =>
  visit.startAt.getTime() !== startAt.getTime() || visit.doctorId !== doctorId;

/** What is stored of a changed appointment. */
export const toDone = (
  bulkId: string,
  outcome: DoneOutcome,
  { id, version, startDateTime, endDateTime, doctorId }: AppointmentView,
): BulkChangeVisit => ({
  ...{ bulkId, appointmentId: id, outcome, version },
  ...{ startAt: startDateTime, endAt: endDateTime, doctorId },
});

export const ofDone = ({ appointmentId, outcome, startAt, endAt, doctorId }: BulkChangeVisit): BulkResultView => ({
  ...{ appointmentId, outcome, code: null, reason: null },
  ...{ startDateTime: startAt, endDateTime: endAt, doctorId },
});

/** The result of an appointment that keeps its time. */
export const unchanged = (
  { id, startAt, endAt, doctorId }: Pick<Appointment, 'id' | 'startAt' | 'endAt' | 'doctorId'>,
  outcome: BulkOutcome,
  reason: string | null,
  code: string | null = null,
): BulkResultView => ({
  ...{ appointmentId: id, outcome, code, reason },
  ...{ startDateTime: startAt, endDateTime: endAt, doctorId },
});

/** The result of an appointment that could not be changed. */
export function failed(appointmentId: string, { code, details }: DomainError): BulkResultView {
  const { conflictingWith, reason } = (details ?? {}) as { conflictingWith?: string; reason?: string };
  return {
    ...{ appointmentId, outcome: 'FAILED', code, reason: conflictingWith ?? reason ?? null },
    ...{ startDateTime: null, endDateTime: null, doctorId: null },
  };
}
