import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { currentContext } from '../../core/context/request-context.js';
import { Database } from '../../core/database/database.js';
import { isRetryable } from '../../core/database/database-errors.js';
import type { PendingAnswer } from '../../core/context/pending-answer.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { viewFor, type AppointmentView } from './appointments.dto.js';
import {
  BookingBatches,
  isLostRace,
  MAX_WRITES,
  type Outcome,
  type PreparedBooking,
  type Refusal,
} from './booking-batches.js';
import { BOOK_BATCH, BOOK_ONE } from './booking.statement.js';
import type { ReservedRange } from './requested-slot.js';

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

interface PreparedRow extends PreparedBooking {
  booking: NewBooking;
  /** The booking's element of `$1`. */
  row: object;
  answer: PendingAnswer | null;
}

/**
 * Writes new appointments with their reservations, link to the clinic, idempotency answer, audit row and event, completely or
 * not at all. Concurrent bookings share statements; within a transaction, a booking is written at once by its own statement.
 */
@Injectable()
export class BookingWriter {
  private readonly batches: BookingBatches<PreparedRow>;

  constructor(
    private readonly db: Database,
    private readonly changes: ChangeLog,
    private readonly events: AppointmentEventCodec,
  ) {
    this.batches = new BookingBatches<PreparedRow>(
      (batch) => this.send(BOOK_BATCH, batch),
      () => this.changes.committed(),
    );
  }

  /** @returns why nothing was written; null if the appointment is booked */
  async write(booking: NewBooking): Promise<Refusal | null> {
    const prepared = this.prepare(booking);
    const refusal = await (this.db.inTransaction ? this.writeInTransaction(prepared) : this.batches.add(prepared));
    if (!refusal && prepared.answer) prepared.answer.stored = true;
    return refusal;
  }

  private prepare(booking: NewBooking): PreparedRow {
    const { appointment, booker } = booking;
    const { pendingAnswer } = currentContext();
    const answer = pendingAnswer && {
      request_hash: hex(pendingAnswer.requestHash),
      status: pendingAnswer.status,
      response: hex(pendingAnswer.encrypt(viewFor(booker, appointment))),
    };
    const key = pendingAnswer && `${pendingAnswer.caller} ${pendingAnswer.route} ${pendingAnswer.key}`;
    const patient = booking.maxUpcoming === null ? null : `${appointment.clientId} ${appointment.clinicId}`;
    const { audit, event } = this.changes.toRows({
      action: 'appointment.booked',
      objectType: 'appointment',
      objectId: appointment.id,
      clinicId: appointment.clinicId,
      after: appointment,
      changes: { status: [null, appointment.status], ...(booking.overrideHours && { overrideHours: true }) },
      event: {
        name: 'appointment:created',
        payload: this.events.payload(appointment, { timeZone: booking.timeZone }, { action: 'booked' }),
      },
    });
    return {
      booking,
      row: {
        id: appointment.id,
        clinic_id: appointment.clinicId,
        client_id: appointment.clientId,
        revision: booking.revision,
        reservations: booking.reservations.length,
        max_upcoming: booking.maxUpcoming,
        booker_role: booker.role,
        booker_clinic_ids: booker.clinicIds,
        booker_doctor_id: booker.doctorId,
        caller: pendingAnswer?.caller,
        route: pendingAnswer?.route,
        key: pendingAnswer?.key,
        appointment: toRow(booking),
        answer,
        audit,
        event,
      },
      exclusive: [key, patient].filter((one) => typeof one === 'string'),
      reservations: booking.reservations,
      answer: pendingAnswer,
    };
  }

  /** Uses a savepoint for each attempt: a failed statement would abort the transaction. */
  private async writeInTransaction(prepared: PreparedRow): Promise<Refusal | null> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.db.attempt(() => this.send(BOOK_ONE, [prepared]));
      if ('error' in result) {
        // After a deadlock, the transaction is over; only a lost race can be retried within it.
        if (isRetryable(result.error) || !isLostRace(result.error) || attempt === MAX_WRITES) throw result.error;
        continue;
      }
      const [outcome] = result.value;
      if (outcome === 'RACED') return { reason: 'CONFLICT', conflicts: prepared.reservations };
      if (outcome === 'LOCKED') return { reason: 'OUTDATED_RULES' };
      if (!outcome) this.changes.committed();
      return outcome ?? null;
    }
  }

  private async send(statement: string, batch: readonly PreparedRow[]): Promise<Outcome[]> {
    const rows = await this.db.rows<OutcomeRow>(statement, [
      JSON.stringify(batch.map(({ row }) => row)),
      JSON.stringify(batch.flatMap(({ booking }) => toReservationRows(booking))),
    ]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return batch.map(({ booking }) => toOutcome(booking, byId.get(booking.appointment.id)));
  }
}

function toOutcome({ reservations }: NewBooking, row: OutcomeRow | undefined): Outcome {
  if (!row || row.outcome === 'RACED') return 'RACED';
  if (row.outcome === 'LOCKED') return 'LOCKED';
  if (row.outcome === 'BOOKED') return null;
  if (row.outcome !== 'CONFLICT') return { reason: row.outcome };
  const conflicts = reservations.filter(({ resourceId }) => row.conflicts?.includes(resourceId));
  return { reason: 'CONFLICT', conflicts };
}

/** PostgreSQL's text format of bytea. */
const hex = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`;

const iso = (instant: number): string => new Date(instant).toISOString();

const toReservationRows = ({ appointment, reservations }: NewBooking): object[] =>
  reservations.map(({ resourceId, kind, groupId, during }) => ({
    appointment_id: appointment.id,
    id: resourceId,
    kind,
    group_id: groupId,
    begins: iso(during.start),
    ends: iso(during.end),
  }));

const toRow = ({ appointment: a, groupId, seat, booker }: NewBooking): object => ({
  id: a.id,
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
  notes: a.notes,
  staff_notes: a.staffNotes,
  price_minor: a.price.amount,
  currency: a.price.currency,
  created_by: booker.userId,
  created_at: a.createdAt,
  updated_at: a.updatedAt,
});
