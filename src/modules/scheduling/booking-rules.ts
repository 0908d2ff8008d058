import { v5 } from 'uuid';
import { Zone } from '../../core/kernel/zone.js';
import { assignResources, listSlots, whyNotBookable } from './availability.js';
import { BusyTimes, type GroupSession } from './busy-times.js';
import { MINUTE } from './calendar.js';
import type { BookableDoctor, BookableResource, BookingRulesRow, VisitPrice } from './booking-rules-row.js';
import { dependsOnVisits, findPrice } from './service-price.js';
import { overlaps, type Range } from './ranges.js';
import type { Bookable, EmptyReason, NotBookableReason, SlotQuery } from './slot-query.js';

/** The UUIDv5 namespace of group session ids. */
const GROUP_NAMESPACE = '6f2f5a1e-7f0b-5d5c-9c39-0f6d1c0f7a55';

export interface Slot extends Range {
  doctorId: string;
}

export interface FreeSlotsQuery {
  /** The range in which slots start. All instants are epoch milliseconds. */
  window: Range;
  busy: BusyTimes;
  now: number;
  /** Only this doctor's slots. */
  doctorId?: string | null;
  /** Rooms or equipment that must also be free. */
  resourceIds?: string[];
  /** Whether the patient may book a start; by default every start. */
  accepts?: (start: number) => boolean;
  /** The maximum number of slots for each doctor, earliest first. */
  perDoctor?: number;
  /** Returns at most one slot more than this, so that the caller can see that there are more. */
  limit?: number;
}

const NOTHING_BUSY = new BusyTimes(new Map());

/** The terms of bookings with `overrideHours`: no notice and no horizon. Hours and grid still apply to suggested times. */
const OVERRIDE_TERMS = { minimumNoticeMinutes: 0, horizonDays: 36_500 };

/**
 * The booking rules of one service: whether a time is bookable, which slots are free, which rooms can be picked and which range
 * is reserved. Pure functions of `row`, valid as long as the clinic's schedule has the same `revision`.
 */
export class BookingRules {
  readonly doctors: readonly BookableDoctor[];
  private readonly zone: Zone;
  private deskRules: BookingRules | null = null;

  constructor(readonly row: BookingRulesRow) {
    this.doctors = row.resources.filter((resource): resource is BookableDoctor => resource.doctorId !== null);
    this.zone = Zone.of(row.timeZone);
  }

  /** The rules for bookings by the front desk, which may have another notice and horizon. */
  get forDesk(): BookingRules {
    const { deskMinimumNoticeMinutes, deskHorizonDays, minimumNoticeMinutes, horizonDays } = this.row;
    this.deskRules ??= new BookingRules({
      ...this.row,
      minimumNoticeMinutes: deskMinimumNoticeMinutes ?? minimumNoticeMinutes,
      horizonDays: deskHorizonDays ?? horizonDays,
    });
    return this.deskRules;
  }

  /** The id of the service whose appointments a limit counts; null for all services of the clinic. */
  getCountedServiceId(limit: 'maxUpcomingPerClient' | 'maxPerDayPerClient' | 'noShowLimit'): string | null {
    return this.row.overrides[limit] === undefined ? null : this.row.serviceId;
  }

  /** Null if the doctor does not provide this service. */
  doctor(doctorId: string): BookableDoctor | null {
    return this.doctors.find((doctor) => doctor.doctorId === doctorId) ?? null;
  }

  /** The ids of the doctors' own resources (null for all doctors) and of all rooms and equipment. */
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

  /** Whether the price can depend on earlier visits of the patient. */
  get hasVisitPrices(): boolean {
    return dependsOnVisits(this.row.prices);
  }

  /** The price of a visit with the doctor, tax included. */
  price(doctorId: string, visit: 'FIRST' | 'FOLLOW_UP'): VisitPrice {
    const { prices, priceMinor, currency, taxBasisPoints } = this.row;
    return { amount: findPrice(prices, doctorId, visit, priceMinor), currency, taxBasisPoints };
  }

  /** The visit itself, as patients see it. */
  visit(start: number): Range {
    return { start, end: start + this.row.durationMinutes * MINUTE };
  }

  /** The range that is reserved of the doctor, rooms and equipment: the visit with the service's buffers. */
  reserved(start: number): Range {
    const { bufferBeforeMinutes, bufferAfterMinutes } = this.row;
    const visit = this.visit(start);
    return { start: visit.start - bufferBeforeMinutes * MINUTE, end: visit.end + bufferAfterMinutes * MINUTE };
  }

  /** The clinic's local day in which an instant is. */
  localDay(instant: number): Range {
    return this.zone.rangeOfDay(this.zone.toDay(instant));
  }

  /** The id of the group session; null if the service is for one patient at a time. */
  groupId(doctorId: string, start: number): string | null {
    return this.isGroup ? v5(`${this.row.serviceId} ${doctorId} ${start}`, GROUP_NAMESPACE) : null;
  }

  /** The rules for a visit that was booked with another duration than the service has now. */
  withDuration(durationMinutes: number): BookingRules {
    return new BookingRules({ ...this.row, durationMinutes });
  }

  /** The rules without notice and horizon, for bookings with `overrideHours`. */
  withOverride(): BookingRules {
    return new BookingRules({ ...this.row, ...OVERRIDE_TERMS });
  }

  /** Why hours, grid, notice or horizon exclude a start; null if they allow it. Does not check busy times. */
  whyNotBookable(doctor: BookableDoctor, start: number, now: number): NotBookableReason | null {
    return whyNotBookable({ zone: this.zone, terms: this.row, schedule: doctor.schedule, now }, start);
  }

  /** The free slots, sorted by start, then doctor. */
  freeSlots({ doctorId, limit = Infinity, perDoctor = Infinity, ...query }: FreeSlotsQuery): Slot[] {
    const doctors = doctorId ? this.doctors.filter((doctor) => doctor.doctorId === doctorId) : this.doctors;
    let remaining = limit + 1;
    const slots = doctors.flatMap((doctor) => {
      const free = listSlots(this.slotQuery(doctor, query), Math.min(remaining, perDoctor));
      remaining -= free.length;
      const open = this.isGroup ? [...free, ...this.joinableGroupSessions(doctor, query)].sort(byStart) : free;
      return open.slice(0, perDoctor).map(({ start, end }) => ({ start, end, doctorId: doctor.doctorId }));
    });
    // The slots of a single doctor are already sorted.
    return doctors.length > 1 ? slots.sort(byStart) : slots;
  }

  /** Why `freeSlots` finds nothing. Up to three more searches, each of which ends at the first slot. */
  whyNoSlots({ window, now, doctorId, resourceIds }: Omit<FreeSlotsQuery, 'busy' | 'accepts'>): EmptyReason {
    const exists = (rules: BookingRules, range: Range, at: number): boolean =>
      rules.freeSlots({ window: range, busy: NOTHING_BUSY, now: at, doctorId, resourceIds, limit: 0 }).length > 0;
    if (exists(this, window, now)) return 'FULL';
    const overridden = this.withOverride();
    if (!exists(overridden, window, window.start)) return 'CLOSED';
    const horizon = this.zone.startOfDay(this.zone.addDays(this.zone.toDay(now), this.row.horizonDays + 1));
    const after = { start: Math.max(window.start, horizon), end: window.end };
    return exists(overridden, after, window.start) ? 'HORIZON' : 'NOTICE';
  }

  /** Whether all ids are rooms or equipment, with no more of each kind than the service needs. */
  fitsRequirements(resourceIds: readonly string[]): boolean {
    const remainingKinds = [...this.row.requiredResourceKinds];
    for (const id of resourceIds) {
      const resource = this.row.resources.find((candidate) => candidate.id === id && candidate.doctorId === null);
      const index = resource ? remainingKinds.indexOf(resource.kind) : -1;
      if (index < 0) return false;
      remainingKinds.splice(index, 1);
    }
    return true;
  }

  /**
   * Picks a different free resource for each kind that the service needs, including the requested ones.
   * @param hours `ANY` ignores the opening hours of rooms and equipment
   * @returns null if there are not enough free resources
   */
  pickResources(start: number, requested: string[], busy: BusyTimes, hours: 'OPEN' | 'ANY' = 'OPEN'): string[] | null {
    if (!this.needsResources) return [];
    const pools = this.pools(requested, busy, hours);
    return assignResources(pools, this.visit(start), this.reserved(start), this.zone);
  }

  private slotQuery(doctor: BookableDoctor, query: Omit<FreeSlotsQuery, 'doctorId' | 'limit'>): SlotQuery {
    const { window, busy, now, accepts, resourceIds = [] } = query;
    return {
      zone: this.zone,
      terms: this.row,
      schedule: doctor.schedule,
      busy: busy.get(doctor.id),
      pools: this.pools(resourceIds, busy, 'OPEN'),
      window,
      now,
      accepts,
    };
  }

  /** The candidates for each resource that the service needs; a requested resource is the only candidate of its pool. */
  private pools(requested: string[], busy: BusyTimes, hours: 'OPEN' | 'ANY'): Bookable[][] {
    const bookable = ({ id, schedule }: BookableResource): Bookable => ({
      id,
      schedule: hours === 'ANY' ? null : schedule,
      busy: busy.get(id),
    });
    const unused = this.row.resources.filter(({ id }) => requested.includes(id));
    return this.row.requiredResourceKinds.map((kind) => {
      const index = unused.findIndex((resource) => resource.kind === kind);
      if (index >= 0) return unused.splice(index, 1).map(bookable);
      return this.row.resources
        .filter((resource) => resource.doctorId === null && resource.kind === kind)
        .map(bookable);
    });
  }

  /** The group sessions that already have patients and still have a free seat. */
  private joinableGroupSessions(
    doctor: BookableDoctor,
    { window, busy, now, accepts = () => true, resourceIds = [] }: Omit<FreeSlotsQuery, 'doctorId' | 'limit'>,
  ): Range[] {
    return busy.groupSessions
      .filter(
        (session) =>
          session.doctorId === doctor.doctorId &&
          session.taken < this.row.capacity &&
          session.start >= window.start &&
          session.start < window.end &&
          accepts(session.start) &&
          resourceIds.every((id) => session.resourceIds.includes(id)) &&
          this.fitsCurrentDuration(doctor, session, busy) &&
          this.whyNotBookable(doctor, session.start, now) === null,
      )
      .map(({ start }) => this.visit(start));
  }

  /**
   * Whether the group session's time is still free if the service became longer since the first seat was booked. A busy range that
   * contains the start is the group session itself.
   */
  private fitsCurrentDuration(doctor: BookableDoctor, { start, resourceIds }: GroupSession, busy: BusyTimes): boolean {
    const reserved = this.reserved(start);
    return [doctor.id, ...resourceIds].every((id) =>
      busy.get(id).every((other) => !overlaps(other, reserved) || (other.start <= start && start < other.end)),
    );
  }
}

const byStart = (a: Range & { doctorId?: string }, b: Range & { doctorId?: string }): number =>
  a.start - b.start || ((a.doctorId ?? '') < (b.doctorId ?? '') ? -1 : 1);
