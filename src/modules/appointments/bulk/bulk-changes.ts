import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../core/kernel/actor.js';
import { notFound, type DomainError } from '../../../core/kernel/domain-error.js';
import type { Appointment } from '../appointment.entity.js';
import { AppointmentStatusService } from '../appointment-status.service.js';
import type { AppointmentView } from '../appointments.dto.js';
import { AppointmentsRepository } from '../appointments.repository.js';
import { RescheduleService } from '../reschedule.service.js';
import type { BulkChangeVisit } from './bulk-change-visit.entity.js';
import { BulkTimes } from './bulk-times.js';
import type { BulkChangeRequest, BulkOutcome, BulkResultView } from './bulk.dto.js';
import { BulkRepository } from './bulk.repository.js';

const OPEN: readonly string[] = ['PENDING', 'CONFIRMED'];

export interface BulkContext {
  bulkId: string;
  actor: Actor;
  request: BulkChangeRequest;
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
   * @throws DomainError if the appointment cannot be changed
   */
  async apply(context: BulkContext, id: string): Promise<BulkResultView> {
    const { bulkId, actor, request } = context;
    const appointment = await this.appointments.lockVisible(actor, id);
    if (!appointment) throw notFound();
    // Read after the lock, so that it is also seen if another process has just done it with the same key.
    const done = await this.bulks.findDoneVisit(bulkId, id);
    if (done) return ofDone(done);
    if (!OPEN.includes(appointment.status)) return unchanged(appointment, 'SKIPPED', appointment.status);
    return request.action === 'CANCEL' ? this.cancel(context, appointment) : this.move(context, appointment);
  }

  private async cancel({ bulkId, actor, request }: BulkContext, { id }: Appointment): Promise<BulkResultView> {
    return this.finish(bulkId, 'CANCELLED', await this.status.cancelInBulk(actor, id, request.reason, bulkId));
  }

  private async move(context: BulkContext, appointment: Appointment): Promise<BulkResultView> {
    const { bulkId, actor, request } = context;
    const target = await this.findTarget(request, appointment);
    if (!target) return unchanged(appointment, 'FAILED', 'NO_FREE_TIME', 'SLOT_NOT_OFFERED');
    const { id, startAt, doctorId } = appointment;
    if (target.start === startAt.getTime() && target.doctorId === doctorId) {
      return unchanged(appointment, 'SKIPPED', 'UNCHANGED');
    }
    const change = { startDateTime: new Date(target.start).toISOString(), doctorId: target.doctorId };
    const bulk = { id: bulkId, reason: request.reason };
    return this.finish(bulkId, 'MOVED', await this.rescheduling.change(actor, id, change, null, { bulk }));
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

  private async finish(
    bulkId: string,
    outcome: 'CANCELLED' | 'MOVED',
    { id, version, startDateTime, endDateTime, doctorId }: AppointmentView,
  ): Promise<BulkResultView> {
    const row = { bulkId, appointmentId: id, outcome, version, startAt: startDateTime, endAt: endDateTime, doctorId };
    await this.bulks.insertDone(row);
    return ofDone(row);
  }
}

const ofDone = ({ appointmentId, outcome, startAt, endAt, doctorId }: BulkChangeVisit): BulkResultView => ({
  ...{ appointmentId, outcome, code: null, reason: null },
  ...{ startDateTime: startAt, endDateTime: endAt, doctorId },
});

const unchanged = (
  { id, startAt, endAt, doctorId }: Appointment,
  outcome: BulkOutcome,
  reason: string,
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
