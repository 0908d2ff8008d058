import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { currentContext } from '../../core/context/request-context.js';
import { Database } from '../../core/database/database.js';
import { isRetryable } from '../../core/database/database-errors.js';
import { DomainError, isUnavailable } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/security/actor.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { viewFor, type AppointmentView } from './appointments.dto.js';
import { BOOKING_STATEMENT } from './booking.statement.js';
import type { Reservation } from './requested-slot.js';

/** Everything that one booking writes. */
export interface NewBooking {
  /** The appointment as staff see it. */
  appointment: AppointmentView;
  groupId: string | null;
  seat: number | null;
  reservations: Reservation[];
  /** The schedule revision by which it was checked. */
  revision: number;
  timeZone: string;
  /** Upcoming appointments that the patient may hold with this one; null for no limit. */
  maxUpcoming: number | null;
  booker: Actor;
  overrideHours: boolean;
}

export type Refusal =
  | { reason: 'OUTDATED_RULES' | 'KEY_USED' | 'UNKNOWN_PATIENT' | 'TOO_MANY_UPCOMING' }
  | { reason: 'CONFLICT'; conflicts: Reservation[] };

interface Row {
  id: string;
  outcome: 'BOOKED' | 'RACED' | Refusal['reason'];
  conflicts: string[] | null;
}

interface WaitingBooking {
  booking: NewBooking;
  /** The row of `$1`. */
  row: object;
  /** At most one booking with the same of these is under way: its Idempotency-Key, and its patient where bookings are counted. */
  exclusive: string[];
  onStored: () => void;
  resolve: (refusal: Refusal | null) => void;
  reject: (error: unknown) => void;
}

/** Beyond this, a statement takes longer without taking less for each booking. */
const MAX_BATCH = 64;
const MAX_STATEMENTS = 2;
const MAX_ATTEMPTS = 5;

/**
 * Writes new appointments with their reservations, link to the clinic, idempotency answer, audit row and event: all of it or
 * nothing. Bookings that arrive while a statement is running go out together in the next one; a booking never waits while
 * there is no statement running, and one that fails does not fail its neighbours. In a transaction, a booking is written at once,
 * as a part of it.
 */
@Injectable()
export class BookingWriter {
  private waiting: WaitingBooking[] = [];
  private readonly running = new Set<WaitingBooking>();
  private statements = 0;

  constructor(
    private readonly db: Database,
    private readonly changes: ChangeLog,
    private readonly events: AppointmentEventCodec,
  ) {}

  /** @returns why nothing was written; null where the appointment is booked */
  write(booking: NewBooking): Promise<Refusal | null> {
    if (this.db.inTransaction) return this.writeInTransaction(booking);
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...this.prepare(booking), resolve, reject });
      this.startStatements();
    });
  }

  private prepare(booking: NewBooking): Omit<WaitingBooking, 'resolve' | 'reject'> {
    const { appointment, booker } = booking;
    const { pendingAnswer } = currentContext();
    const answer = pendingAnswer && {
      request_hash: hex(pendingAnswer.requestHash),
      status: pendingAnswer.status,
      response: hex(pendingAnswer.seal(viewFor(booker, appointment))),
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
      onStored: () => {
        if (pendingAnswer) pendingAnswer.stored = true;
      },
    };
  }

  private startStatements(): void {
    while (this.statements < MAX_STATEMENTS) {
      const batch = this.nextBatch();
      if (batch.length === 0) return;
      void this.runBatch(batch);
    }
  }

  /** The first bookings that wait and do not depend on the outcome of one that is under way. */
  private nextBatch(): WaitingBooking[] {
    if (this.waiting.length === 0) return [];
    const underWay = new UnderWay(this.running);
    const batch: WaitingBooking[] = [];
    const left: WaitingBooking[] = [];
    for (const one of this.waiting) {
      if (batch.length < MAX_BATCH && underWay.add(one)) batch.push(one);
      else left.push(one);
    }
    this.waiting = left;
    return batch;
  }

  private async runBatch(batch: WaitingBooking[]): Promise<void> {
    this.statements += 1;
    for (const one of batch) this.running.add(one);
    const booked: NewBooking[] = [];
    const settle = (one: WaitingBooking, refusal: Refusal | null): void => {
      if (!refusal) {
        booked.push(one.booking);
        one.onStored();
      }
      one.resolve(refusal);
    };
    try {
      const refusals = await this.send(batch);
      // A lost race has written nothing of that booking, and is found out about by asking again.
      for (const [index, one] of batch.entries()) {
        const refusal = refusals[index];
        settle(one, refusal === 'RACED' ? await this.writeAlone(one) : (refusal ?? null));
      }
    } catch (error) {
      for (const one of batch) {
        if (isUnavailable(error)) one.reject(error);
        else await this.writeAlone(one).then((refusal) => settle(one, refusal), one.reject);
      }
    }
    for (const one of batch) this.running.delete(one);
    this.statements -= 1;
    if (booked.length > 0) this.changes.committed();
    this.refuseThoseAfter(booked);
    this.startStatements();
  }

  private async writeAlone(one: WaitingBooking): Promise<Refusal | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const [refusal] = await this.send([one]);
        if (refusal !== 'RACED') return refusal ?? null;
        if (attempt === MAX_ATTEMPTS) return { reason: 'CONFLICT', conflicts: one.booking.reservations };
      } catch (error) {
        if (!isLostRace(error) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** What was reserved a moment ago need not be asked for: those who wait for it are refused without a statement. */
  private refuseThoseAfter(booked: NewBooking[]): void {
    if (booked.length === 0 || this.waiting.length === 0) return;
    const taken = new ReservedRanges();
    for (const { reservations } of booked) for (const one of reservations) taken.add(one);
    this.waiting = this.waiting.filter(({ booking, resolve }) => {
      const conflicts = booking.reservations.filter((one) => taken.overlaps(one));
      if (conflicts.length === 0) return true;
      resolve({ reason: 'CONFLICT', conflicts });
      return false;
    });
  }

  /** A failed statement would end the transaction around it: hence the savepoint. */
  private async writeInTransaction(booking: NewBooking): Promise<Refusal | null> {
    const one = { ...this.prepare(booking), resolve: () => undefined, reject: () => undefined };
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.db.attempt(() => this.send([one]));
      if ('error' in result) {
        if (!(result.error instanceof DomainError) || !isLostRace(result.error) || attempt === MAX_ATTEMPTS) {
          throw result.error;
        }
        continue;
      }
      const [refusal] = result.value;
      if (refusal === 'RACED') return { reason: 'CONFLICT', conflicts: booking.reservations };
      if (refusal) return refusal;
      one.onStored();
      this.db.afterCommit(() => this.changes.committed());
      return null;
    }
  }

  /** @returns for each booking why it was refused; null where it is booked */
  private async send(batch: readonly WaitingBooking[]): Promise<(Refusal | 'RACED' | null)[]> {
    const rows = await this.db.rows<Row>(BOOKING_STATEMENT, [
      JSON.stringify(batch.map(({ row }) => row)),
      JSON.stringify(batch.flatMap(({ booking }) => toReservationRows(booking))),
    ]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return batch.map(({ booking }) => toRefusal(booking, byId.get(booking.appointment.id)));
  }
}

/** Reserved ranges by resource. */
class ReservedRanges {
  private readonly byResource = new Map<string, Reservation[]>();

  add(reservation: Reservation): void {
    const own = this.byResource.get(reservation.resourceId);
    if (own) own.push(reservation);
    else this.byResource.set(reservation.resourceId, [reservation]);
  }

  overlaps({ resourceId, groupId, during }: Reservation): boolean {
    const own = this.byResource.get(resourceId);
    if (!own) return false;
    return own.some((one) => one.groupId !== groupId && one.during.start < during.end && during.start < one.during.end);
  }
}

/** What is being written now. */
class UnderWay {
  private readonly ranges = new ReservedRanges();
  private readonly exclusive = new Set<string>();

  constructor(running: Iterable<WaitingBooking>) {
    for (const one of running) this.include(one);
  }

  /** @returns false where the booking depends on one that is under way, and is not added */
  add(one: WaitingBooking): boolean {
    const isFree =
      one.exclusive.every((name) => !this.exclusive.has(name)) &&
      !one.booking.reservations.some((reservation) => this.ranges.overlaps(reservation));
    if (isFree) this.include(one);
    return isFree;
  }

  private include({ booking, exclusive }: WaitingBooking): void {
    for (const name of exclusive) this.exclusive.add(name);
    for (const reservation of booking.reservations) this.ranges.add(reservation);
  }
}

/** Others committed while the statement ran; the next one sees it. */
const isLostRace = (error: unknown): boolean =>
  isRetryable(error) || (error instanceof DomainError && error.code === 'APPOINTMENT_CONFLICT');

function toRefusal({ reservations }: NewBooking, row: Row | undefined): Refusal | 'RACED' | null {
  if (!row || row.outcome === 'RACED') return 'RACED';
  if (row.outcome === 'BOOKED') return null;
  if (row.outcome !== 'CONFLICT') return { reason: row.outcome };
  const conflicts = reservations.filter(({ resourceId }) => row.conflicts?.includes(resourceId));
  return { reason: 'CONFLICT', conflicts };
}

/** As PostgreSQL reads bytea. */
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
