import { isRetryable, unavailable } from '../../core/database/database-errors.js';
import { isUnavailable } from '../../core/kernel/domain-error.js';
import { overlaps } from '../scheduling/index.js';
import { isConflict } from './appointment.errors.js';
import type { ReservedRange } from './requested-slot.js';

/** An appointment or a hold that is ready to be written. */
export interface PreparedBooking {
  /** The id of the appointment or hold. */
  id: string;
  reservations: ReservedRange[];
  /** Those of the reservations that the hold already has which the appointment replaces. */
  heldRanges?: ReservedRange[];
  /** Bookings that share one of these never run at the same time: the idempotency key, and the patient if their bookings are limited. */
  exclusive: string[];
  /** The booking's element of the statement's parameter `$1`. */
  row: object;
}

/** Why a booking was not written. The reasons are explained in booking.statement.ts. */
export type Refusal =
  | {
      reason:
        | 'OUTDATED_RULES'
        | 'KEY_USED'
        | 'UNKNOWN_PATIENT'
        | 'TOO_MANY_UPCOMING'
        | 'TOO_MANY_ON_DAY'
        | 'TOO_MANY_NO_SHOWS'
        | 'TOO_MANY_HOLDS'
        | 'HOLD_EXPIRED';
    }
  | { reason: 'CONFLICT'; conflicts: ReservedRange[] };

/**
 * Null if the appointment is booked; otherwise nothing was written. RACED: another transaction committed while the statement
 * ran. LOCKED: a change of the clinic's schedule is not committed yet.
 */
export type Outcome = Refusal | 'RACED' | 'LOCKED' | null;

type Result = { outcome: Outcome } | { error: unknown };

interface WaitingBooking {
  booking: PreparedBooking;
  resolve: (refusal: Refusal | null) => void;
  reject: (error: unknown) => void;
  /** How often the schedule of the clinic was locked. */
  timesLocked: number;
}

/** Larger statements do not reduce the time for each booking. */
const MAX_BATCH = 64;
/** How many statements run at the same time. */
const MAX_STATEMENTS = 2;
/** How often a booking that loses races is sent. */
export const MAX_WRITES = 10;
/** A locked schedule is retried after 10, 20, 40, … milliseconds, at most 250: two seconds in total. */
const FIRST_RETRY_MILLISECONDS = 10;
const MAX_RETRY_MILLISECONDS = 250;
const MAX_TIMES_LOCKED = 12;

/**
 * Writes bookings in batches: those that arrive while statements are running share the next statement. There is no timer; a
 * booking never waits while a statement could start. Bookings that overlap never share a statement. While the schedule of one
 * clinic is locked, only the bookings of that clinic wait.
 */
export class BookingBatches {
  private waiting: WaitingBooking[] = [];
  private readonly running = new Set<PreparedBooking>();
  private statements = 0;

  /**
   * @param send writes bookings in one statement, each completely or not at all; if it throws, none is written
   * @param onBooked called after each statement that booked something
   */
  constructor(
    private readonly send: (batch: readonly PreparedBooking[]) => Promise<Outcome[]>,
    private readonly onBooked: () => void,
  ) {}

  /** How many bookings wait for a statement. */
  get size(): number {
    return this.waiting.length;
  }

  add(booking: PreparedBooking): Promise<Refusal | null> {
    return new Promise((resolve, reject) => {
      this.enqueue({ booking, resolve, reject, timesLocked: 0 });
    });
  }

  private enqueue(waiting: WaitingBooking): void {
    this.waiting.push(waiting);
    this.startStatements();
  }

  private startStatements(): void {
    while (this.statements < MAX_STATEMENTS) {
      const batch = this.takeBatch();
      if (batch.length === 0) return;
      void this.run(batch);
    }
  }

  /** Removes and returns the first waiting bookings that have nothing in common with a running one or with each other. */
  private takeBatch(): WaitingBooking[] {
    if (this.waiting.length === 0) return [];
    const started = new StartedBookings(this.running);
    const batch: WaitingBooking[] = [];
    const rest: WaitingBooking[] = [];
    for (const waiting of this.waiting) {
      if (batch.length < MAX_BATCH && started.add(waiting.booking)) batch.push(waiting);
      else rest.push(waiting);
    }
    this.waiting = rest;
    return batch;
  }

  private async run(batch: WaitingBooking[]): Promise<void> {
    this.statements += 1;
    for (const { booking } of batch) this.running.add(booking);
    const sent = await this.trySend(batch.map(({ booking }) => booking));
    const results = batch.map((waiting, index): [WaitingBooking, Result] => [waiting, sent[index] as Result]);
    this.settle(results.filter(([, result]) => !needsToBeSentAlone(result)));
    // Each is settled as soon as its result is known. If it waited for the others, the appointment could be cancelled in the
    // meantime, and `settle` would refuse waiting bookings of a time that is free again.
    for (const [waiting, result] of results) {
      if (needsToBeSentAlone(result)) this.settle([[waiting, await this.sendAlone(waiting.booking)]]);
    }
    this.statements -= 1;
    this.startStatements();
  }

  private async trySend(batch: readonly PreparedBooking[]): Promise<Result[]> {
    try {
      return (await this.send(batch)).map((outcome) => ({ outcome }));
    } catch (error) {
      return batch.map(() => ({ error }));
    }
  }

  private async sendAlone(booking: PreparedBooking): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      const [result] = (await this.trySend([booking])) as [Result];
      if (!isRaced(result)) return result;
      if (attempt === MAX_WRITES) {
        return 'error' in result ? result : { outcome: { reason: 'CONFLICT', conflicts: booking.reservations } };
      }
    }
  }

  private settle(results: [WaitingBooking, Result][]): void {
    const booked: PreparedBooking[] = [];
    for (const [waiting, result] of results) {
      this.running.delete(waiting.booking);
      if ('error' in result) waiting.reject(result.error);
      else if (result.outcome === 'LOCKED') this.waitForSchedule(waiting);
      else {
        if (result.outcome === null) booked.push(waiting.booking);
        waiting.resolve(result.outcome as Refusal | null);
      }
    }
    if (booked.length > 0) this.onBooked();
    this.refuseConflictsWith(booked);
    this.startStatements();
  }

  private waitForSchedule(waiting: WaitingBooking): void {
    waiting.timesLocked += 1;
    if (waiting.timesLocked > MAX_TIMES_LOCKED) {
      waiting.reject(unavailable());
      return;
    }
    const delay = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** (waiting.timesLocked - 1), MAX_RETRY_MILLISECONDS);
    setTimeout(() => this.enqueue(waiting), delay);
  }

  /** Refuses waiting bookings that overlap what was just booked, without a statement. */
  private refuseConflictsWith(booked: readonly PreparedBooking[]): void {
    if (booked.length === 0 || this.waiting.length === 0) return;
    const reserved = new ReservedRanges();
    for (const range of booked.flatMap(({ reservations }) => reservations)) reserved.add(range);
    this.waiting = this.waiting.filter(({ booking, resolve }) => {
      const conflicts = booking.reservations.filter((range) => reserved.overlaps(range));
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

/** Whether another transaction committed while the statement ran. The next attempt sees its rows. */
const isLostRace = (error: unknown): boolean => isRetryable(error) || isConflict(error);

class ReservedRanges {
  private readonly byResource = new Map<string, ReservedRange[]>();

  add(range: ReservedRange): void {
    const ranges = this.byResource.get(range.resourceId);
    if (ranges) ranges.push(range);
    else this.byResource.set(range.resourceId, [range]);
  }

  overlaps({ resourceId, groupId, during }: ReservedRange): boolean {
    const ranges = this.byResource.get(resourceId) ?? [];
    return ranges.some((one) => one.groupId !== groupId && overlaps(one.during, during));
  }
}

/** The running bookings and those that were added to the next batch. */
class StartedBookings {
  private readonly ranges = new ReservedRanges();
  private readonly exclusive = new Set<string>();

  constructor(running: Iterable<PreparedBooking>) {
    for (const booking of running) this.include(booking);
  }

  /** Adds a booking that shares no range, key or limited patient with the others. @returns whether it was added */
  add(booking: PreparedBooking): boolean {
    const isIndependent =
      booking.exclusive.every((name) => !this.exclusive.has(name)) &&
      !booking.reservations.some((range) => this.ranges.overlaps(range));
    if (isIndependent) this.include(booking);
    return isIndependent;
  }

  private include({ reservations, exclusive }: PreparedBooking): void {
    for (const name of exclusive) this.exclusive.add(name);
    for (const range of reservations) this.ranges.add(range);
  }
}
