import { isRetryable } from '../../core/database/database-errors.js';
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

/** Null where it is booked. RACED: others were quicker while the statement ran; nothing of the booking was written. */
export type Outcome = Refusal | 'RACED' | null;

interface Waiting<B extends PreparedBooking> {
  booking: B;
  resolve: (refusal: Refusal | null) => void;
  reject: (error: unknown) => void;
}

/** Beyond this, a statement takes longer without taking less time for each booking. */
const MAX_BATCH = 64;
const MAX_STATEMENTS = 2;
/** A booking that loses a race is written again so often. */
export const MAX_ATTEMPTS = 5;

/**
 * Natural batching: bookings that arrive while a statement is running go out together in the next one. There is no timer, and
 * a booking never waits while no statement is running. Bookings that want the same thing never share a statement.
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
      this.waiting.push({ booking, resolve, reject });
      this.startStatements();
    });
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
    const booked = await this.settle(batch);
    for (const { booking } of batch) this.running.delete(booking);
    this.statements -= 1;
    if (booked.length > 0) this.onBooked();
    this.refuseConflictsWith(booked);
    this.startStatements();
  }

  /** Never throws. @returns those that are booked */
  private async settle(batch: Waiting<B>[]): Promise<B[]> {
    const booked: B[] = [];
    const outcomes = await this.send(batch.map(({ booking }) => booking)).catch((error: unknown) => ({ error }));
    for (const [index, { booking, resolve, reject }] of batch.entries()) {
      try {
        const outcome = 'error' in outcomes ? await this.afterFailure(booking, outcomes.error) : outcomes[index];
        const refusal = outcome === 'RACED' ? await this.sendAlone(booking) : (outcome ?? null);
        if (!refusal) booked.push(booking);
        resolve(refusal);
      } catch (error) {
        reject(error);
      }
    }
    return booked;
  }

  /** One row may have failed the whole statement; a database that is away fails each of them. */
  private async afterFailure(booking: B, error: unknown): Promise<Refusal | null> {
    if (isUnavailable(error)) throw error;
    return this.sendAlone(booking);
  }

  private async sendAlone(booking: B): Promise<Refusal | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const [outcome] = await this.send([booking]);
        if (outcome !== 'RACED') return outcome ?? null;
        if (attempt === MAX_ATTEMPTS) return { reason: 'CONFLICT', conflicts: booking.reservations };
      } catch (error) {
        if (!isLostRace(error) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
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
