import { Injectable } from '@nestjs/common';
import { notFound } from '../../../core/kernel/domain-error.js';
import { hasOpenStatus } from '../appointment-status.js';
import type { Appointment } from '../appointment.entity.js';
import { AppointmentStatusService } from '../appointment-status.service.js';
import type { AppointmentView } from '../appointments.dto.js';
import { AppointmentsRepository } from '../appointments.repository.js';
import { RescheduleService } from '../reschedule.service.js';
import type { DoneOutcome } from './bulk-change-visit.entity.js';
import type { BulkContext } from './bulk-request.js';
import { ALREADY_THERE, NO_FREE_TIME, toDoneResult, toDoneVisit, toUnchangedResult } from './bulk-results.js';
import { BulkTimes } from './bulk-times.js';
import type { BulkResultView } from './bulk.dto.js';
import { BulkRepository, type BulkVisit } from './bulk.repository.js';

/** What an attempt did with an appointment. */
export interface BulkVisitOutcome {
  result: BulkResultView;
  /** The appointment, if this attempt has changed it. */
  changed?: AppointmentView;
}

/** Cancels or moves one appointment of a bulk change. */
@Injectable()
export class BulkVisitChanger {
  constructor(
    private readonly bulks: BulkRepository,
    private readonly appointments: AppointmentsRepository,
    private readonly status: AppointmentStatusService,
    private readonly rescheduling: RescheduleService,
    private readonly times: BulkTimes,
  ) {}

  /**
   * Runs in a transaction. If it throws, the caller rolls back what it has written.
   * @param visit as it was when the request found it: one that was moved meanwhile, perhaps by its patient, keeps its new time
   * @param isTogether whether the request has other appointments of the patient
   * @throws DomainError if the appointment cannot be changed
   */
  async apply(
    context: BulkContext,
    visit: BulkVisit,
    { isTogether }: { isTogether: boolean },
  ): Promise<BulkVisitOutcome> {
    const { bulkId, actor, request } = context;
    const { id } = visit;
    const appointment = await this.appointments.lockVisible(actor, id);
    if (!appointment) throw notFound();
    // Read after the lock, so that it is also seen if another process has just done it with the same key.
    const done = await this.bulks.findDoneVisit(bulkId, id);
    if (done) return { result: toDoneResult(done) };
    const skip = (reason: string): BulkVisitOutcome => ({
      result: toUnchangedResult(appointment, { outcome: 'SKIPPED', reason }),
    });
    if (!hasOpenStatus(appointment)) return skip(appointment.status);
    if (wasMoved(visit, appointment)) return skip('MOVED_MEANWHILE');
    if (request.action === 'MOVE') return this.move(context, appointment, { isTogether });
    const { reason } = request;
    const cancelled = isTogether
      ? await this.status.cancelTogether(actor, id, { reason })
      : await this.status.cancel(actor, id, { reason });
    return this.finish(bulkId, 'CANCELLED', cancelled);
  }

  private async move(
    context: BulkContext,
    appointment: Appointment,
    { isTogether }: { isTogether: boolean },
  ): Promise<BulkVisitOutcome> {
    const { bulkId, actor, request } = context;
    const target = await this.times.findTarget(appointment, request.to);
    if (!target) return { result: toUnchangedResult(appointment, NO_FREE_TIME) };
    const { id, startAt, doctorId } = appointment;
    if (target.start === startAt.getTime() && target.doctorId === doctorId) {
      return { result: toUnchangedResult(appointment, ALREADY_THERE) };
    }
    const change = { startDateTime: new Date(target.start).toISOString(), doctorId: target.doctorId };
    const move = { reason: request.reason, ...(isTogether && { isTogether }) };
    return this.finish(bulkId, 'MOVED', await this.rescheduling.change(actor, id, change, move));
  }

  private async finish(bulkId: string, outcome: DoneOutcome, changed: AppointmentView): Promise<BulkVisitOutcome> {
    const visit = toDoneVisit(bulkId, outcome, changed);
    await this.bulks.insertDone(visit);
    return { result: toDoneResult(visit), changed };
  }
}

const wasMoved = (visit: BulkVisit, { startAt, doctorId }: Appointment): boolean =>
  visit.startAt.getTime() !== startAt.getTime() || visit.doctorId !== doctorId;
