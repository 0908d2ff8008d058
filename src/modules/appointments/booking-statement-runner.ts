import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { currentContext } from '../../core/context/request-context.js';
import type { PendingAnswer } from '../../core/context/pending-answer.js';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { isConflict } from './appointment.errors.js';
import { BookingBatches, MAX_WRITES, type Outcome, type PreparedBooking, type Refusal } from './booking-batches.js';
import { WRITE_BATCH, WRITE_ONE, type BookingKind } from './booking.statement.js';
import type { ReservedRange } from './requested-slot.js';
import { toReservationRow } from './reservations.repository.js';

interface OutcomeRow {
  id: string;
  outcome: 'BOOKED' | 'RACED' | 'LOCKED' | Refusal['reason'];
  conflicts: string[] | null;
}

/** A booking with the answer to store for the request's Idempotency-Key. */
export type BookingWithAnswer = PreparedBooking & { answer: object };

/**
 * Sends appointments and holds to the booking statement. Concurrent ones share statements; within a transaction, each is written at
 * once by its own statement.
 */
@Injectable()
export class BookingStatementRunner {
  private readonly batches: Record<BookingKind, BookingBatches>;

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly changes: ChangeLog,
  ) {
    this.batches = {
      APPOINTMENT: this.newBatches('APPOINTMENT'),
      HOLD: this.newBatches('HOLD'),
      APPOINTMENT_OF_HOLD: this.newBatches('APPOINTMENT_OF_HOLD'),
    };
  }

  /** How many bookings wait for a statement. */
  get waiting(): number {
    return Object.values(this.batches).reduce((sum, { size }) => sum + size, 0);
  }

  /** @returns why nothing was written; null if it is written, with the answer of the request's Idempotency-Key */
  async write(kind: BookingKind, { answer, ...booking }: BookingWithAnswer): Promise<Refusal | null> {
    const { pendingAnswer } = currentContext();
    const prepared = pendingAnswer ? addIdempotencyKey(booking, pendingAnswer, answer) : booking;
    const refusal = await (this.db.inTransaction
      ? this.writeInTransaction(kind, prepared)
      : this.batches[kind].add(prepared));
    if (!refusal && pendingAnswer) pendingAnswer.stored = true;
    return refusal;
  }

  /**
   * Writes appointments with one statement in the current transaction: all, or none. Only the caller stores the answer of an
   * Idempotency-Key.
   * @returns why nothing was written, by appointment; empty if all are written
   */
  async writeTogether(bookings: readonly PreparedBooking[]): Promise<Map<string, Refusal>> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.db.attempt(async () => {
        const outcomes = await this.send(WRITE_ONE.APPOINTMENT, bookings);
        if (outcomes.some((outcome) => outcome !== null)) throw new NotAllWritten(outcomes);
      });
      if ('value' in result) {
        this.changes.wakeRelay();
        return new Map();
      }
      const { error } = result;
      if (error instanceof NotAllWritten) {
        if (attempt === MAX_WRITES || !error.outcomes.includes('RACED')) return toRefusals(bookings, error.outcomes);
      } else if (!isConflict(error) || attempt === MAX_WRITES) throw error;
    }
  }

  private newBatches(kind: BookingKind): BookingBatches {
    return new BookingBatches(
      (batch) => this.send(WRITE_BATCH[kind], batch),
      () => this.changes.wakeRelay(),
    );
  }

  /** Uses a savepoint for each attempt: a failed statement would abort the transaction. */
  private async writeInTransaction(kind: BookingKind, prepared: PreparedBooking): Promise<Refusal | null> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.db.attempt(() => this.send(WRITE_ONE[kind], [prepared]));
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
      new Date(this.clock.now()).toISOString(),
    ]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return batch.map(({ id, reservations }) => toOutcome(byId.get(id), reservations));
  }
}

/** Rolls back the appointments that a statement has written, because it has not written others. */
class NotAllWritten extends Error {
  constructor(readonly outcomes: readonly Outcome[]) {
    super('Not all appointments were written.');
  }
}

const toRefusals = (bookings: readonly PreparedBooking[], outcomes: readonly Outcome[]): Map<string, Refusal> =>
  new Map(
    bookings.flatMap(({ id, reservations }, index) => {
      const outcome = outcomes[index] ?? null;
      if (outcome === null) return [];
      if (outcome === 'RACED') return [[id, { reason: 'CONFLICT', conflicts: reservations }]];
      return [[id, outcome === 'LOCKED' ? { reason: 'OUTDATED_RULES' } : outcome]];
    }),
  );

function toOutcome(row: OutcomeRow | undefined, reservations: ReservedRange[]): Outcome {
  if (!row || row.outcome === 'RACED') return 'RACED';
  if (row.outcome === 'LOCKED') return 'LOCKED';
  if (row.outcome === 'BOOKED') return null;
  if (row.outcome !== 'CONFLICT') return { reason: row.outcome };
  const conflicts = reservations.filter(({ resourceId }) => row.conflicts?.includes(resourceId));
  return { reason: 'CONFLICT', conflicts };
}

const toReservationRows = ({ id, reservations, heldRanges }: PreparedBooking): object[] =>
  reservations
    .filter((range) => !heldRanges?.includes(range))
    .map((range) => ({ appointment_id: id, ...toReservationRow(range) }));

/** Adds the Idempotency-Key and its answer; bookings with the same key never run at the same time. */
const addIdempotencyKey = (booking: PreparedBooking, pending: PendingAnswer, answer: object): PreparedBooking => {
  const { caller, route, key } = pending;
  return {
    ...booking,
    exclusive: [`${caller} ${route} ${key}`, ...booking.exclusive],
    row: { ...booking.row, caller, route, key, answer: toAnswerRow(pending, answer) },
  };
};

/** The row of `idempotency_key`. */
const toAnswerRow = (pending: PendingAnswer, answer: object): object => ({
  request_hash: toBytea(pending.requestHash),
  status: pending.status,
  response: toBytea(pending.encrypt(answer)),
});

/** PostgreSQL's text format of bytea. */
export const toBytea = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`;
