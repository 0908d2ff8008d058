import { isRetryable, unavailable } from '../../core/database/database-errors.js';
import { DomainError, isUnavailable } from '../../core/kernel/domain-error.js';
import type { Reservation } from './requested-slot.js';

/** A booking that is ready to be written. */
export interface PreparedBooking {
  reservations: Reservation[];
  /** Only one booking with the same of these is under way at a time: its key, and its patient if bookings are counted. */
  exclusive: string[];
}

export type Refusal =
  | { reason: 'OUTDATED_RULES' | 'KEY_USED' | 'UNKNOWN_PATIENT' | 'TOO_MANY_UPCOMING' }
  | { reason: 'CONFLICT'; conflicts: Reservation[] };

/**
 * Null where it is booked. Of the others nothing was written. RACED: others were quicker while the statement ran. LOCKED: a
 * change of the clinic's schedule is not committed yet.
 */
export type Outcome = Refusal | 'RACED' | 'LOCKED' | null;

type Result = { outcome: Outcome } | { error: unknown };

interface Waiting<B extends PreparedBooking> {
  booking: B;
  resolve: (refusal: Refusal | null) => void;
  reject: (error: unknown) => void;
  /** How often the clinic's schedule was found locked. */
  lockedTimes: number;
}

/** Beyond this, a statement takes longer without taking less time for each booking. */
const MAX_BATCH = 64;
const MAX_STATEMENTS = 2;
/** A booking that loses a race is written again so often. */
export const MAX_ATTEMPTS = 5;
/** A schedule that is locked is tried again after 10, 20, 40, … milliseconds, at most 250: for two seconds in all. */
const FIRST_RETRY_MILLISECONDS = 10;
const MAX_RETRY_MILLISECONDS = 250;
const MAX_LOCKED_TIMES = 12;

/**
 * Natural batching: bookings that arrive while a statement is running go out together in the next one. There is no timer, and
 * a booking never waits while no statement is running. Bookings that want the same thing never share a statement. While the
 * schedule of one clinic is locked, only the bookings of that clinic wait.
 */
export class BookingBatches<B extends PreparedBooking> {
  private waiting: Waiting<B>[] = [];
  private readonly running = new Set<B>();
  private statements = 0;

  /**
   * @param send writes bookings in one statement, each whole or not at all; where it throws, none of them is written
   * @param onBooked is called for each statement that has booked something
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

  private enqueue(one: Waiting<B>): void {
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

  /** The first bookings that wait and do not depend on the outcome of one that is under way. */
  private nextBatch(): Waiting<B>[] {
    if (this.waiting.length === 0) return [];
    const underWay = new UnderWay(this.running);
    const batch: Waiting<B>[] = [];
    const left: Waiting<B>[] = [];
    let looked = 0;
    for (; looked < this.waiting.length && batch.length < MAX_BATCH; looked += 1) {
      const one = this.waiting[looked] as Waiting<B>;
      if (underWay.add(one.booking)) batch.push(one);
      else left.push(one);
    }
    this.waiting = [...left, ...this.waiting.slice(looked)];
    return batch;
  }

  private async run(batch: Waiting<B>[]): Promise<void> {
    this.statements += 1;
    for (const { booking } of batch) this.running.add(booking);
    const sent = await this.trySend(batch.map(({ booking }) => booking));
    const results = batch.map((one, index): [Waiting<B>, Result] => [one, sent[index] as Result]);
    this.settle(results.filter(([, result]) => !needsToBeSentAlone(result)));
    // Each is answered at once: it may be cancelled, and its time requested again, before the last one is written.
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
      if (attempt === MAX_ATTEMPTS) {
        return 'error' in result ? result : { outcome: { reason: 'CONFLICT', conflicts: booking.reservations } };
      }
    }
  }

  private settle(results: [Waiting<B>, Result][]): void {
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

  private waitForSchedule(one: Waiting<B>): void {
    one.lockedTimes += 1;
    if (one.lockedTimes > MAX_LOCKED_TIMES) {
      one.reject(unavailable());
      return;
    }
    const delay = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** (one.lockedTimes - 1), MAX_RETRY_MILLISECONDS);
    setTimeout(() => this.enqueue(one), delay);
  }

  /** What was reserved a moment ago is taken: those who wait for it are refused without a statement. */
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

/** One row may have failed the whole statement; a database that is away fails each of them. */
const needsToBeSentAlone = (result: Result): boolean =>
  'error' in result ? !isUnavailable(result.error) : result.outcome === 'RACED';

/** Somebody else committed while the statement ran. The same statement again sees it. */
export const isLostRace = (error: unknown): boolean =>
  isRetryable(error) || (error instanceof DomainError && error.code === 'APPOINTMENT_CONFLICT');

class ReservedRanges {
  private readonly byResource = new Map<string, Reservation[]>();

  add(reservation: Reservation): void {
    const own = this.byResource.get(reservation.resourceId);
    if (own) own.push(reservation);
    else this.byResource.set(reservation.resourceId, [reservation]);
  }

  overlaps({ resourceId, groupId, during }: Reservation): boolean {
    const own = this.byResource.get(resourceId) ?? [];
    return own.some((one) => one.groupId !== groupId && one.during.start < during.end && during.start < one.during.end);
  }
}

class UnderWay {
  private readonly ranges = new ReservedRanges();
  private readonly exclusive = new Set<string>();

  constructor(running: Iterable<PreparedBooking>) {
    for (const one of running) this.include(one);
  }

  /** @returns false where the booking depends on one that is under way, and is not added */
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
