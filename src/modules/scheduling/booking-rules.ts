import { v5 } from 'uuid';
import { Zone } from '../../core/kernel/zone.js';
import { freeFrom, listSlots, whyNotBookable } from './availability.js';
import type { Bookable, BookingTerms, NotBookableReason, Range, Schedule, SlotQuery } from './slot-query.js';
import type { BusyTimes, GroupSession } from './busy-times.js';

const MINUTE = 60_000;

/** Ids of group sessions are made in this namespace (UUIDv5). */
const GROUP_NAMESPACE = '6f2f5a1e-7f0b-5d5c-9c39-0f6d1c0f7a55';

/** A doctor, a room or a piece of equipment that the service may take. */
export interface BookableResource {
  id: string;
  /** The doctor whose resource this is; null for rooms, equipment and other staff. */
  doctorId: string | null;
  kind: string;
  schedule: Schedule;
}

export type BookableDoctor = BookableResource & { doctorId: string };

/** A service with its clinic's policy and everything that it can be booked with: the rows that decide about a booking. */
export interface BookingRulesRow extends BookingTerms {
  /** The clinic's schedule revision: every change of these rows increments it. */
  revision: number;
  serviceId: string;
  clinicId: string;
  timeZone: string;
  capacity: number;
  requiredResourceKinds: string[];
  priceMinor: number;
  currency: string;
  cancellationCutoffMinutes: number;
  requiresConfirmation: boolean;
  /** Upcoming appointments that one patient may book at the clinic; null for no limit. */
  maxUpcomingPerClient: number | null;
  resources: BookableResource[];
}

export interface Slot extends Range {
  doctorId: string;
}

export interface FreeSlotsQuery {
  /** Slots are listed that start in it. Epoch milliseconds, like all instants here. */
  window: Range;
  busy: BusyTimes;
  now: number;
  /** Of this doctor only. */
  doctorId?: string | null;
  /** Rooms or equipment that must be free, too. */
  resourceIds?: string[];
  /** Of each doctor, the earliest. */
  perDoctor?: number;
  /** The search ends once there are more. */
  limit?: number;
}

/** No notice and no horizon: what the front desk may book. Hours and grid stay, so that suggested times are sensible. */
const DESK_TERMS = { minimumNoticeMinutes: 0, horizonDays: 36_500 };

/**
 * What can be booked of one service: whether a time is bookable and if not why, which times are free, which rooms fit and
 * which range is reserved. Built from rows, without side effects. Holds as long as the clinic's schedule has its `revision`.
 */
export class BookingRules {
  readonly doctors: readonly BookableDoctor[];
  private readonly zone: Zone;

  constructor(readonly row: BookingRulesRow) {
    this.doctors = row.resources.filter((resource): resource is BookableDoctor => resource.doctorId !== null);
    this.zone = Zone.of(row.timeZone);
  }

  /** Null where the doctor does not give this service. */
  doctor(doctorId: string): BookableDoctor | null {
    return this.doctors.find((doctor) => doctor.doctorId === doctorId) ?? null;
  }

  /** What a search for the times of these doctors (null for all) must know the busy times of. */
  resourceIds(doctorIds: readonly string[] | null): string[] {
    return this.row.resources
      .filter(({ doctorId }) => !doctorIds || !doctorId || doctorIds.includes(doctorId))
      .map(({ id }) => id);
  }

  get isGroup(): boolean {
    return this.row.capacity > 1;
  }

  get needsResources(): boolean {
    return this.row.requiredResourceKinds.length > 0;
  }

  /** The visit itself, as patients see it. */
  visit(start: number): Range {
    return { start, end: start + this.row.durationMinutes * MINUTE };
  }

  /** What the visit takes of its doctor, rooms and equipment: with the buffers of the service. */
  reserved(start: number): Range {
    const { bufferBeforeMinutes, bufferAfterMinutes } = this.row;
    const visit = this.visit(start);
    return { start: visit.start - bufferBeforeMinutes * MINUTE, end: visit.end + bufferAfterMinutes * MINUTE };
  }

  /** The group session that a visit is a seat of; null for a service of one patient at a time. */
  groupId(doctorId: string, start: number): string | null {
    return this.isGroup ? v5(`${this.row.serviceId} ${doctorId} ${start}`, GROUP_NAMESPACE) : null;
  }

  /** The rules of the front desk, which may book outside of notice and horizon. */
  forDesk(): BookingRules {
    return new BookingRules({ ...this.row, ...DESK_TERMS });
  }

  /** Hours, grid, notice and horizon; not whether the time is taken. Null where a booking is possible. */
  whyNotBookable(doctor: BookableDoctor, start: number, now: number): NotBookableReason | null {
    return whyNotBookable({ zone: this.zone, terms: this.row, schedule: doctor.schedule, now }, start);
  }

  /** The free slots, by start, then doctor. */
  freeSlots({ doctorId, limit = Infinity, perDoctor = Infinity, ...query }: FreeSlotsQuery): Slot[] {
    const doctors = doctorId ? this.doctors.filter((doctor) => doctor.doctorId === doctorId) : this.doctors;
    let left = limit + 1;
    const slots = doctors.flatMap((doctor) => {
      const free = listSlots(this.slotQuery(doctor, query), Math.min(left, perDoctor));
      left -= free.length;
      const open = this.isGroup ? [...free, ...this.joinableSessions(doctor, query)].sort(byStart) : free;
      return open.slice(0, perDoctor).map(({ start, end }) => ({ start, end, doctorId: doctor.doctorId }));
    });
    // Those of one doctor are in order already.
    return doctors.length > 1 ? slots.sort(byStart) : slots;
  }

  /** Whether all of them are rooms or equipment, and no more of each kind than the service needs. */
  areNeeded(resourceIds: readonly string[]): boolean {
    const needed = [...this.row.requiredResourceKinds];
    return resourceIds.every((id) => {
      const kind = this.row.resources.find((resource) => resource.id === id && resource.doctorId === null)?.kind;
      const index = kind === undefined ? -1 : needed.indexOf(kind);
      return index >= 0 && needed.splice(index, 1).length === 1;
    });
  }

  /**
   * A free resource for each kind that the service needs, all different, those requested among them.
   * @param hours `ANY` ignores the opening hours of rooms and equipment
   * @returns null where there is none
   */
  pickResources(start: number, requested: string[], busy: BusyTimes, hours: 'OPEN' | 'ANY' = 'OPEN'): string[] | null {
    if (!this.needsResources) return [];
    const pools = this.pools(requested, busy, hours);
    return freeFrom(pools, this.reserved(start), this.visit(start), this.zone);
  }

  private slotQuery(doctor: BookableDoctor, query: Omit<FreeSlotsQuery, 'doctorId' | 'limit'>): SlotQuery {
    const { window, busy, now, resourceIds = [] } = query;
    return {
      zone: this.zone,
      terms: this.row,
      schedule: doctor.schedule,
      busy: busy.of(doctor.id),
      pools: this.pools(resourceIds, busy, 'OPEN'),
      window,
      now,
    };
  }

  /** The candidates for each resource that the service needs; a requested one is the only candidate of its pool. */
  private pools(requested: string[], busy: BusyTimes, hours: 'OPEN' | 'ANY'): Bookable[][] {
    const bookable = ({ id, schedule }: BookableResource): Bookable => ({
      id,
      schedule: hours === 'ANY' ? null : schedule,
      busy: busy.of(id),
    });
    const left = this.row.resources.filter(({ id }) => requested.includes(id));
    return this.row.requiredResourceKinds.map((kind) => {
      const index = left.findIndex((resource) => resource.kind === kind);
      if (index >= 0) return left.splice(index, 1).map(bookable);
      return this.row.resources
        .filter((resource) => resource.doctorId === null && resource.kind === kind)
        .map(bookable);
    });
  }

  /** Group sessions that have begun to fill and have a seat left. */
  private joinableSessions(
    doctor: BookableDoctor,
    { window, busy, now, resourceIds = [] }: Omit<FreeSlotsQuery, 'doctorId' | 'limit'>,
  ): Range[] {
    return busy.sessions
      .filter(
        (session) =>
          session.doctorId === doctor.doctorId &&
          session.taken < this.row.capacity &&
          session.start >= window.start &&
          session.start < window.end &&
          resourceIds.every((id) => session.resourceIds.includes(id)) &&
          this.hasRoomToGrow(doctor, session, busy) &&
          this.whyNotBookable(doctor, session.start, now) === null,
      )
      .map(({ start }) => this.visit(start));
  }

  /**
   * Whether the next seat fits, where the service has become longer since the first was booked. What is busy at the start of
   * a session is the session itself.
   */
  private hasRoomToGrow(doctor: BookableDoctor, { start, resourceIds }: GroupSession, busy: BusyTimes): boolean {
    const reserved = this.reserved(start);
    return [doctor.id, ...resourceIds].every((id) =>
      busy
        .of(id)
        .every(
          (other) =>
            other.end <= reserved.start || reserved.end <= other.start || (other.start <= start && start < other.end),
        ),
    );
  }
}

const byStart = (a: Range & { doctorId?: string }, b: Range & { doctorId?: string }): number =>
  a.start - b.start || ((a.doctorId ?? '') < (b.doctorId ?? '') ? -1 : 1);
