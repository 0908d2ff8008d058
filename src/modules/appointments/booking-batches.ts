import { isRetryable, unavailable } from '../../core/database/database-errors.js';
import { DomainError, isUnavailable } from '../../core/kernel/domain-error.js';
import type { ReservedRange } from './requested-slot.js';

/** A booking that is ready to be written. */
export interface PreparedBooking {
  reservations: ReservedRange[];
  /** Bookings that share one of these never run at the same time: the idempotency key, and the patient if their bookings are limited. */
  exclusive: string[];
}

export type Refusal =
  | { reason: 'OUTDATED_RULES' | 'KEY_USED' | 'UNKNOWN_PATIENT' | 'TOO_MANY_UPCOMING' }
  | { reason: 'CONFLICT'; conflicts: ReservedRange[] };

/**
 * Null if the appointment is booked; otherwise nothing was written. RACED: another transaction committed while the statement
 * ran. LOCKED: a change of the clinic's schedule is not committed yet.
 */
export type Outcome = Refusal | 'RACED' | 'LOCKED' | null;

type Result = { outcome: Outcome } | { error: unknown };

interface WaitingBooking<B extends PreparedBooking> {
  booking: B;
  resolve: (refusal: Refusal | null) => void;
  reject: (error: unknown) => void;
  /** How often the clinic's schedule was found locked. */
  lockedTimes: number;
}

/** Larger statements do not reduce the time for each booking. */
const MAX_BATCH = 64;
const MAX_STATEMENTS = 2;
/** How often a booking that loses a race is written. */
export const MAX_WRITES = 5;
/** A locked schedule is retried after 10, 20, 40, … milliseconds, at most 250: two seconds in total. */
const FIRST_RETRY_MILLISECONDS = 10;
const MAX_RETRY_MILLISECONDS = 250;
const MAX_LOCKED_TIMES = 12;

/**
 * Writes bookings in batches: those that arrive while statements are running share the next statement. There is no timer; a
 * booking never waits while a statement could start. Bookings that overlap never share a statement. While the schedule of one
 * clinic is locked, only the bookings of that clinic wait.
 */
export class BookingBatches<B extends PreparedBooking> {
  private waiting: WaitingBooking<B>[] = [];
  private readonly running = new Set<B>();
  private statements = 0;

  /**
   * @param send writes bookings in one statement, each completely or not at all; if it throws, none is written
   * @param onBooked called after each statement that booked something
   */
  constructor(
    private readonly send: (batch: readonly B[]) => Promise<Outcome[]>,
    private readonly onBooked: () => void,
  ) {}

  add(booking: B): Promise<Refusal | null> {
    return new Promise((resolve, reject) => {
      this.enqueue({ booking, resolve, reject, lockedTimes: 0 });
    });
  }

  private enqueue(one: WaitingBooking<B>): void {
    this.waiting.push(one);
    this.startStatements();
  }

  private startStatements(): void {
    while (this.statements < MAX_STATEMENTS) {
      const batch = this.nextBatch();
      if (batch.length === 0) return;
      void this.run(batch);
    }
  }

  /** The first waiting bookings that do not depend on the outcome of a running one. */
  private nextBatch(): WaitingBooking<B>[] {
    if (this.waiting.length === 0) return [];
    const claimed = new ClaimedResources(this.running);
    const batch: WaitingBooking<B>[] = [];
    const rest: WaitingBooking<B>[] = [];
    let next = 0;
    for (; next < this.waiting.length && batch.length < MAX_BATCH; next += 1) {
      const one = this.waiting[next] as WaitingBooking<B>;
      if (claimed.add(one.booking)) batch.push(one);
      else rest.push(one);
    }
    this.waiting = [...rest, ...this.waiting.slice(next)];
    return batch;
  }

  private async run(batch: WaitingBooking<B>[]): Promise<void> {
    this.statements += 1;
    for (const { booking } of batch) this.running.add(booking);
    const sent = await this.trySend(batch.map(({ booking }) => booking));
    const results = batch.map((one, index): [WaitingBooking<B>, Result] => [one, sent[index] as Result]);
    this.settle(results.filter(([, result]) => !needsToBeSentAlone(result)));
    // Each is settled at once: it may be cancelled, and its time requested again, before the last one is written.
    for (const [one, result] of results) {
      if (needsToBeSentAlone(result)) this.settle([[one, await this.sendAlone(one.booking)]]);
    }
    this.statements -= 1;
    this.startStatements();
  }

  private async trySend(batch: readonly B[]): Promise<Result[]> {
    try {
      return (await this.send(batch)).map((outcome) => ({ outcome }));
    } catch (error) {
      return batch.map(() => ({ error }));
    }
  }

  private async sendAlone(booking: B): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      const [result] = (await this.trySend([booking])) as [Result];
      if (!isRaced(result)) return result;
      if (attempt === MAX_WRITES) {
        return 'error' in result ? result : { outcome: { reason: 'CONFLICT', conflicts: booking.reservations } };
      }
    }
  }

  private settle(results: [WaitingBooking<B>, Result][]): void {
    const booked: B[] = [];
    for (const [one, result] of results) {
      this.running.delete(one.booking);
      if ('error' in result) one.reject(result.error);
      else if (result.outcome === 'LOCKED') this.waitForSchedule(one);
      else {
        if (result.outcome === null) booked.push(one.booking);
        one.resolve(result.outcome as Refusal | null);
      }
    }
    if (booked.length > 0) this.onBooked();
    this.refuseConflictsWith(booked);
    this.startStatements();
  }

  private waitForSchedule(one: WaitingBooking<B>): void {
    one.lockedTimes += 1;
    if (one.lockedTimes > MAX_LOCKED_TIMES) {
      one.reject(unavailable());
      return;
    }
    const delay = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** (one.lockedTimes - 1), MAX_RETRY_MILLISECONDS);
    setTimeout(() => this.enqueue(one), delay);
  }

  /** Refuses waiting bookings that overlap what was just booked, without a statement. */
  private refuseConflictsWith(booked: readonly B[]): void {
    if (booked.length === 0 || this.waiting.length === 0) return;
    const taken = new ReservedRanges();
    for (const { reservations } of booked) for (const one of reservations) taken.add(one);
    this.waiting = this.waiting.filter(({ booking, resolve }) => {
      const conflicts = booking.reservations.filter((one) => taken.overlaps(one));
      if (conflicts.length > 0) resolve({ reason: 'CONFLICT', conflicts });
      return conflicts.length === 0;
    });
  }
}

const isRaced = (result: Result): boolean =>
  'error' in result ? isLostRace(result.error) : result.outcome === 'RACED';

/** After an error, one booking may have failed the whole batch. If the database is unavailable, sending alone fails, too. */
const needsToBeSentAlone = (result: Result): boolean =>
  'error' in result ? !isUnavailable(result.error) : result.outcome === 'RACED';

/** Another transaction committed while the statement ran. A repetition sees its rows. */
export const isLostRace = (error: unknown): boolean =>
  isRetryable(error) || (error instanceof DomainError && error.code === 'APPOINTMENT_CONFLICT');

class ReservedRanges {
  private readonly byResource = new Map<string, ReservedRange[]>();

  add(reservation: ReservedRange): void {
    const own = this.byResource.get(reservation.resourceId);
    if (own) own.push(reservation);
    else this.byResource.set(reservation.resourceId, [reservation]);
  }

  overlaps({ resourceId, groupId, during }: ReservedRange): boolean {
    const own = this.byResource.get(resourceId) ?? [];
    return own.some((one) => one.groupId !== groupId && one.during.start < during.end && during.start < one.during.end);
  }
}

/** What the running and already chosen bookings reserve. */
class ClaimedResources {
  private readonly ranges = new ReservedRanges();
  private readonly exclusive = new Set<string>();

  constructor(running: Iterable<PreparedBooking>) {
    for (const one of running) this.include(one);
  }

  /** @returns false if the booking depends on an earlier one; it is then not added */
  add(booking: PreparedBooking): boolean {
    const isFree =
      booking.exclusive.every((name) => !this.exclusive.has(name)) &&
      !booking.reservations.some((reservation) => this.ranges.overlaps(reservation));
    if (isFree) this.include(booking);
    return isFree;
  }

  private include({ reservations, exclusive }: PreparedBooking): void {
    for (const name of exclusive) this.exclusive.add(name);
    for (const reservation of reservations) this.ranges.add(reservation);
  }
}
