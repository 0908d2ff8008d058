import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { getAccountId, type Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { BookingRules } from '../scheduling/index.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { AppointmentNoteChange } from './appointment-note-change.entity.js';
import { AppointmentTexts } from './appointment-texts.js';
import { isConflict } from './appointment.errors.js';
import { viewFor } from './appointment.policy.js';
import type { AppointmentView } from './appointments.dto.js';
import type { Refusal } from './booking-batches.js';
import { toLimitColumns, type BookingLimits } from './booking-limits.js';
import { BookingStatementRunner, toBytea, type BookingWithAnswer } from './booking-statement-runner.js';
import { MAY_BOOK_FOR } from './booking.statement.js';
import type { ReservedRange } from './requested-slot.js';
import type { Via } from './via.js';
import { readVisitPrices, type VisitPrices } from './visit-prices.js';
import { requestVisitsMessage } from './visits-message.js';

/** Everything that one booking writes. */
export interface NewBooking {
  /** The staff's view of the appointment. */
  appointment: AppointmentView;
  groupId: string | null;
  seat: number | null;
  reservations: ReservedRange[];
  /** Those of the reservations that the hold with the appointment's id has; null without a hold. */
  heldRanges: ReservedRange[] | null;
  /** The schedule revision that the booking was checked against. */
  revision: number;
  timeZone: string;
  limits: BookingLimits | null;
  booker: Actor;
  overrideHours: boolean;
  /** Why the front desk overrides the hours; null if it does not. */
  overrideReason: string | null;
  /** Booked together with others: see EventDetails. */
  isTogether: boolean;
  /** Absent if the booker is signed in. */
  via?: Via;
  /** The payment that books it. Nobody may be signed in then: the booker has paid. */
  paymentId?: string;
  /** Another system had booked it: the patient gets no message. */
  isImported?: true;
}

/**
 * Writes new appointments with their reservations, link to the clinic, idempotency answer, audit row and event, completely or
 * not at all.
 */
@Injectable()
export class BookingWriter {
  constructor(
    private readonly db: Database,
    private readonly changes: ChangeLog,
    private readonly events: AppointmentEventCodec,
    private readonly texts: AppointmentTexts,
    private readonly statements: BookingStatementRunner,
  ) {}

  /** @returns why nothing was written; null if the appointment is booked */
  async write(booking: NewBooking): Promise<Refusal | null> {
    const { overrideReason, heldRanges } = booking;
    const auditId = newId();
    const prepared = await this.prepare(booking, auditId);
    const write = (): Promise<Refusal | null> =>
      this.statements.write(heldRanges ? 'APPOINTMENT_OF_HOLD' : 'APPOINTMENT', prepared);
    if (overrideReason === null) return write();
    return this.db.transaction(async () => {
      const refusal = await write();
      const row = this.texts.toReasonChange(auditId, 'overrideReason', booking.appointment.id, overrideReason);
      if (!refusal) await this.db.repository(AppointmentNoteChange).insert(row);
      return refusal;
    });
  }

  /**
   * Writes all of these appointments of one patient, or none of them, in the current transaction. The patient gets one message.
   * @returns why nothing was written, by appointment; empty if all are booked
   */
  async writeTogether(bookings: readonly NewBooking[]): Promise<Map<string, Refusal>> {
    const prepared: BookingWithAnswer[] = [];
    const reasons: AppointmentNoteChange[] = [];
    for (const booking of bookings) {
      const auditId = newId();
      prepared.push(await this.prepare({ ...booking, isTogether: true }, auditId));
      const { overrideReason, appointment } = booking;
      if (overrideReason !== null)
        reasons.push(this.texts.toReasonChange(auditId, 'overrideReason', appointment.id, overrideReason));
    }
    const refusals = await this.statements.writeTogether(prepared);
    if (refusals.size > 0) return refusals;
    if (reasons.length > 0) await this.db.repository(AppointmentNoteChange).insert(reasons);
    const views = bookings.map(({ appointment }) => appointment);
    await requestVisitsMessage(this.changes, 'booked', views);
    return refusals;
  }

  /** The prices of visits of a patient. */
  getPrices(clientId: string, rules: BookingRules): Promise<VisitPrices> {
    return readVisitPrices(this.db, clientId, rules);
  }

  /** @throws DomainError NOT_FOUND if the booker may not book for the patient; the booking statement checks the same */
  async assertMayBookFor(booker: Actor, clientId: string): Promise<void> {
    if (booker.role !== 'CLIENT' && !(await this.mayBookFor(booker, clientId))) throw notFound();
  }

  /**
   * A conflict reveals when the patient is busy, so it becomes NOT_FOUND for bookers who may not book for the patient. The statement
   * checks the same, but some conflicts are found before.
   * @param clientId null for no patient
   */
  async hidingConflicts<T>(booker: Actor, clientId: string | null, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isHidden =
        isConflict(error) && booker.role !== 'CLIENT' && clientId && !(await this.mayBookFor(booker, clientId));
      throw isHidden ? notFound() : error;
    }
  }

  private async mayBookFor({ userId, role, clinicIds }: Actor, clientId: string): Promise<boolean> {
    const row = await this.db.row<{ mayBook: boolean }>(MAY_BOOK_FOR, [clientId, role, clinicIds, userId]);
    return row?.mayBook ?? false;
  }

  private async prepare(booking: NewBooking, auditId: string): Promise<BookingWithAnswer> {
    const { appointment, booker, limits, reservations, heldRanges } = booking;
    return {
      id: appointment.id,
      reservations,
      ...(heldRanges && { heldRanges }),
      exclusive: limits ? [`${appointment.clientId} ${appointment.clinicId}`] : [],
      answer: viewFor(booker, appointment),
      row: {
        id: appointment.id,
        clinic_id: appointment.clinicId,
        client_id: appointment.clientId,
        revision: booking.revision,
        reservation_count: reservations.length,
        ...toLimitColumns(limits),
        booker_id: booker.userId,
        booker_role: booker.role,
        booker_clinic_ids: booker.clinicIds,
        new_row: this.toAppointmentRow(booking),
        ...(await this.toAuditAndEvent(booking, auditId)),
      },
    };
  }

  /** The row of `appointment`, with encrypted texts. */
  private toAppointmentRow({ appointment: a, groupId, seat, booker }: NewBooking): object {
    const { id, notes, staffNotes = null, insuranceNote, cancelReason } = a;
    const texts = this.texts.encrypt(id, { notes, staffNotes, insuranceNote, cancelReason });
    const { encryptedNotes, encryptedStaffNotes, encryptedInsuranceNote } = texts;
    return {
      id,
      clinic_id: a.clinicId,
      client_id: a.clientId,
      doctor_id: a.doctorId,
      service_id: a.serviceId,
      resource_ids: a.resourceIds,
      group_id: groupId,
      seat,
      start_at: a.startDateTime,
      end_at: a.endDateTime,
      status: a.status,
      notes: encryptedNotes && toBytea(encryptedNotes),
      staff_notes: encryptedStaffNotes && toBytea(encryptedStaffNotes),
      insurance_note: encryptedInsuranceNote && toBytea(encryptedInsuranceNote),
      price_minor: a.price.amount,
      currency: a.price.currency,
      tax_basis_points: a.price.taxBasisPoints,
      created_by: getAccountId(booker),
      created_at: a.createdAt,
      updated_at: a.updatedAt,
    };
  }

  private toAuditAndEvent(
    { appointment, booker, overrideHours, timeZone, heldRanges, isTogether, via, paymentId, isImported }: NewBooking,
    auditId: string,
  ): Promise<{ audit: object; event: object | null }> {
    return this.changes.toRows({
      id: auditId,
      action: 'appointment.booked',
      objectType: 'appointment',
      objectId: appointment.id,
      clinicId: appointment.clinicId,
      after: appointment,
      changes: {
        status: [null, appointment.status],
        ...(overrideHours && { overrideHours: true }),
        ...(heldRanges && { fromHold: true }),
        ...(via && { via }),
        ...(paymentId && { paymentId }),
        ...(isImported && { isImported }),
      },
      // Given explicitly: a request from a link in a message or from the payment provider, and a job, have no signed-in user.
      ...((via ?? paymentId ?? isImported) && { actor: booker }),
      event: {
        name: 'appointment:created',
        payload: this.events.toPayload(
          appointment,
          { timeZone },
          { action: 'booked', ...(isTogether && { isTogether }), ...(isImported && { isImported }) },
        ),
      },
    });
  }
}
