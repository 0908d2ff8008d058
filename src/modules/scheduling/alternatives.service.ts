import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { SingleFlight } from '../../core/concurrency/single-flight.js';
import { nearestSlots } from './availability.js';
import type { Slot } from './booking-rules.js';
import { BookingRulesService } from './booking-rules.service.js';
import type { Range } from './slot-query.js';

/** A time that could not be booked, for which others are wanted. Instants in epoch milliseconds. */
export interface AlternativesQuery {
  serviceId: string;
  doctorId: string;
  start: number;
  /** When the patient has other appointments. */
  clientBusy: Range[];
  /** Rooms or equipment that must be free, too. */
  resourceIds: string[];
  /** By the rules of the front desk: outside of the notice and the horizon that patients have. */
  forDesk: boolean;
}

const DAY = 86_400_000;
const ALTERNATIVES = 3;
/** Where other times are looked for, one after the other: most often the first, small search is enough. */
const SEARCHES = [
  { doctor: 'REQUESTED', within: 2 * DAY },
  { doctor: 'REQUESTED', within: 14 * DAY },
  { doctor: 'ANY', within: 14 * DAY },
] as const;

/** Other times than one that was requested and is taken. */
@Injectable()
export class AlternativesService {
  private readonly searches = new SingleFlight<readonly Slot[]>();

  constructor(
    private readonly rules: BookingRulesService,
    private readonly clock: Clock,
  ) {}

  /**
   * The free slots nearest to the requested time: of the requested doctor within days, then weeks, and of other doctors only
   * where these are too few.
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
    // The losers of a rush look at the same days: they share one search, and each leaves out where it is busy itself.
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

/** Of UTC, for want of a zone: only so that neighbours look at the same window. */
const wholeDays = (from: number, to: number): Range => ({
  start: Math.floor(from / DAY) * DAY,
  end: Math.ceil(to / DAY) * DAY,
});
