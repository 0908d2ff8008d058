import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { currentContext } from '../../core/context/request-context.js';
import { Database } from '../../core/database/database.js';
import type { PendingAnswer } from '../../core/context/pending-answer.js';
import { getAccountId, type Actor } from '../../core/kernel/actor.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { AppointmentTexts } from './appointment-texts.js';
import { isConflict } from './appointment.errors.js';
import { viewFor, type AppointmentView } from './appointments.dto.js';
import { BookingBatches, MAX_WRITES, type Outcome, type PreparedBooking, type Refusal } from './booking-batches.js';
import { BOOK_BATCH, BOOK_ONE, MAY_BOOK_FOR } from './booking.statement.js';
import type { ReservedRange } from './requested-slot.js';
import { toReservationRow } from './reservations.repository.js';

/** Everything that one booking writes. */
export interface NewBooking {
  /** The staff's view of the appointment. */
  appointment: AppointmentView;
  groupId: string | null;
  seat: number | null;
  reservations: ReservedRange[];
  /** The schedule revision that the booking was checked against. */
  revision: number;
  timeZone: string;
  /** The maximum number of the patient's upcoming appointments, including this one; null for no limit. */
  maxUpcoming: number | null;
  booker: Actor;
  overrideHours: boolean;
}

interface OutcomeRow {
  id: string;
  outcome: 'BOOKED' | 'RACED' | 'LOCKED' | Refusal['reason'];
  conflicts: string[] | null;
}

/**
 * Writes new appointments with their reservations, link to the clinic, idempotency answer, audit row and event, completely or
 * not at all. Concurrent bookings share statements; within a transaction, a booking is written at once by its own statement.
 */
@Injectable()
export class BookingWriter {
  private readonly batches: BookingBatches;

  constructor(
    private readonly db: Database,
    private readonly changes: ChangeLog,
    private readonly events: AppointmentEventCodec,
    private readonly texts: AppointmentTexts,
  ) {
    this.batches = new BookingBatches(
      (batch) => this.send(BOOK_BATCH, batch),
      () => this.changes.wakeRelay(),
    );
  }

  /** @returns why nothing was written; null if the appointment is booked */
  async write(booking: NewBooking): Promise<Refusal | null> {
    const { pendingAnswer } = currentContext();
    const prepared = this.prepare(booking, pendingAnswer);
    const refusal = await (this.db.inTransaction ? this.writeInTransaction(prepared) : this.batches.add(prepared));
    if (!refusal && pendingAnswer) pendingAnswer.stored = true;
    return refusal;
  }

  /** Whether the booker may book for the patient, for conflicts that are found before the statement checks the same. */
  async mayBookFor({ role, clinicIds }: Actor, clientId: string): Promise<boolean> {
    const row = await this.db.row<{ mayBook: boolean }>(MAY_BOOK_FOR, [clientId, role, clinicIds]);
    return row?.mayBook ?? false;
  }

  private prepare(booking: NewBooking, pending: PendingAnswer | null): PreparedBooking {
    const { appointment, booker, maxUpcoming, reservations } = booking;
    const exclusive: string[] = [];
    if (pending) exclusive.push(`${pending.caller} ${pending.route} ${pending.key}`);
    if (maxUpcoming !== null) exclusive.push(`${appointment.clientId} ${appointment.clinicId}`);
    return {
      id: appointment.id,
      reservations,
      exclusive,
      row: {
        id: appointment.id,
        clinic_id: appointment.clinicId,
        client_id: appointment.clientId,
        revision: booking.revision,
        reservation_count: reservations.length,
        max_upcoming: maxUpcoming,
        booker_role: booker.role,
        booker_clinic_ids: booker.clinicIds,
        caller: pending?.caller,
        route: pending?.route,
        key: pending?.key,
        appointment: this.toAppointmentRow(booking),
        answer: pending && toAnswerRow(pending, viewFor(booker, appointment)),
        ...this.toAuditAndEvent(booking),
      },
    };
  }

  /** The row of `appointment`, with encrypted texts. */
  private toAppointmentRow({ appointment: a, groupId, seat, booker }: NewBooking): object {
    const { id, notes, staffNotes = null, cancelReason } = a;
    const { encryptedNotes, encryptedStaffNotes } = this.texts.encrypt(id, { notes, staffNotes, cancelReason });
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
      price_minor: a.price.amount,
      currency: a.price.currency,
      created_by: getAccountId(booker),
      created_at: a.createdAt,
      updated_at: a.updatedAt,
    };
  }

  private toAuditAndEvent({ appointment, overrideHours, timeZone }: NewBooking): {
    audit: object;
    event: object | null;
  } {
    return this.changes.toRows({
      action: 'appointment.booked',
      objectType: 'appointment',
      objectId: appointment.id,
      clinicId: appointment.clinicId,
      after: appointment,
      changes: { status: [null, appointment.status], ...(overrideHours && { overrideHours: true }) },
      event: {
        name: 'appointment:created',
        payload: this.events.payload(appointment, { timeZone }, { action: 'booked' }),
      },
    });
  }

  /** Uses a savepoint for each attempt: a failed statement would abort the transaction. */
  private async writeInTransaction(prepared: PreparedBooking): Promise<Refusal | null> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.db.attempt(() => this.send(BOOK_ONE, [prepared]));
      if ('error' in result) {
        // Not after a deadlock or a serialization failure: these end the transaction.
        if (isConflict(result.error) && attempt < MAX_WRITES) continue;
        throw result.error;
      }
      const [outcome] = result.value;
      if (outcome === 'RACED' && attempt < MAX_WRITES) continue;
      if (outcome === 'RACED') return { reason: 'CONFLICT', conflicts: prepared.reservations };
      if (outcome === 'LOCKED') return { reason: 'OUTDATED_RULES' };
      if (!outcome) this.changes.wakeRelay();
      return outcome ?? null;
    }
  }

  private async send(statement: string, batch: readonly PreparedBooking[]): Promise<Outcome[]> {
    const rows = await this.db.rows<OutcomeRow>(statement, [
      JSON.stringify(batch.map(({ row }) => row)),
      JSON.stringify(batch.flatMap(toReservationRows)),
    ]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return batch.map(({ id, reservations }) => toOutcome(byId.get(id), reservations));
  }
}

function toOutcome(row: OutcomeRow | undefined, reservations: ReservedRange[]): Outcome {
  if (!row || row.outcome === 'RACED') return 'RACED';
  if (row.outcome === 'LOCKED') return 'LOCKED';
  if (row.outcome === 'BOOKED') return null;
  if (row.outcome !== 'CONFLICT') return { reason: row.outcome };
  const conflicts = reservations.filter(({ resourceId }) => row.conflicts?.includes(resourceId));
  return { reason: 'CONFLICT', conflicts };
}

const toReservationRows = ({ id, reservations }: PreparedBooking): object[] =>
  reservations.map((range) => ({ appointment_id: id, ...toReservationRow(range) }));

/** The row of `idempotency_key`. */
const toAnswerRow = (pending: PendingAnswer, answer: AppointmentView): object => ({
  request_hash: toBytea(pending.requestHash),
  status: pending.status,
  response: toBytea(pending.encrypt(answer)),
});

/** PostgreSQL's text format of bytea. */
const toBytea = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`;
