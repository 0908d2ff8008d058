import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { SingleFlight } from '../../core/concurrency/single-flight.js';
import { nearestSlots } from './availability.js';
import type { Slot } from './booking-rules.js';
import { BookingRulesService } from './booking-rules.service.js';
import type { Range } from './slot-query.js';

/** A slot that could not be booked. Instants in epoch milliseconds. */
export interface AlternativesQuery {
  serviceId: string;
  doctorId: string;
  start: number;
  /** When the patient has other appointments. */
  clientBusy: Range[];
  /** Rooms or equipment that must also be free. */
  resourceIds: string[];
  /** Ignore notice and horizon, which do not apply to the front desk. */
  forDesk: boolean;
}

const DAY = 86_400_000;
const ALTERNATIVES = 3;
/** The searches, in order. Usually the first and smallest one finds enough. */
const SEARCHES = [
  { doctor: 'REQUESTED', within: 2 * DAY },
  { doctor: 'REQUESTED', within: 14 * DAY },
  { doctor: 'ANY', within: 14 * DAY },
] as const;

/** Finds free slots near a requested slot that is not free. */
@Injectable()
export class AlternativesService {
  private readonly searches = new SingleFlight<readonly Slot[]>();

  constructor(
    private readonly rules: BookingRulesService,
    private readonly clock: Clock,
  ) {}

  /**
   * Up to three free slots, nearest first: of the requested doctor within days, then weeks, then of other doctors.
   */
  async find(query: AlternativesQuery): Promise<Slot[]> {
    const { doctorId } = query;
    let found: Slot[] = [];
    for (const { doctor, within } of SEARCHES) {
      const near = await this.nearest(query, doctor === 'REQUESTED' ? doctorId : null, within);
      found = doctor === 'REQUESTED' ? near : [...found, ...near.filter((slot) => slot.doctorId !== doctorId)];
      if (found.length >= ALTERNATIVES) break;
    }
    return found.slice(0, ALTERNATIVES);
  }

  private async nearest(query: AlternativesQuery, doctorId: string | null, within: number): Promise<Slot[]> {
    const { start, clientBusy } = query;
    // Requests that lose the same race search the same days: they share one search and filter out their patient's busy times.
    const now = this.clock.now();
    const days = wholeDays(Math.max(start - within, now), Math.max(start, now) + within);
    const key = [query.serviceId, doctorId, days.start, days.end, query.forDesk, ...query.resourceIds].join(' ');
    const free = await this.searches.share(key, () => this.freeIn(query, doctorId, days));
    const ownFree = free.filter(
      (slot) => slot.start !== start && !clientBusy.some((busy) => busy.start < slot.end && slot.start < busy.end),
    );
    return nearestSlots(ownFree, start, ALTERNATIVES);
  }

  private async freeIn(query: AlternativesQuery, doctorId: string | null, days: Range): Promise<readonly Slot[]> {
    const now = this.clock.now();
    const window = { start: Math.max(now, days.start), end: days.end };
    const schedule = await this.rules.schedule(query.serviceId, doctorId, () => window);
    if (!schedule) return [];
    const rules = query.forDesk ? schedule.rules.forDesk() : schedule.rules;
    return rules.freeSlots({ window, busy: schedule.busy, now, doctorId, resourceIds: query.resourceIds });
  }
}

/** Whole days in UTC, so that similar requests share one search. */
const wholeDays = (from: number, to: number): Range => ({
  start: Math.floor(from / DAY) * DAY,
  end: Math.ceil(to / DAY) * DAY,
});
