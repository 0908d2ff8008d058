import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { InFlight } from '../../core/kernel/in-flight.js';
import { nearestSlots, type Range } from './availability.js';
import { OfferService, type Slot } from './offer.service.js';

/** What other times are wanted for. Instants in epoch milliseconds. */
export interface Alternatives {
  serviceId: string;
  doctorId: string;
  wanted: number;
  clientBusy: Range[];
  /** Rooms or equipment that were asked for: a time without them is none. */
  resourceIds: string[];
  /** By the rules of the desk: outside of the notice and the horizon that patients have. */
  forDesk: boolean;
}

const DAY = 86_400_000;
const ALTERNATIVES = 3;
/** What `overrideHours` does not hold to; working hours and the grid stay, so that the times suggested are sensible ones. */
const DESK_TERMS = { minimumNoticeMinutes: 0, horizonDays: 36_500 };
/** Where other times are looked for, one after the other: most often the first, small one is enough. */
const SEARCHES = [
  { doctor: 'WANTED', within: 2 * DAY },
  { doctor: 'WANTED', within: 14 * DAY },
  { doctor: 'ANY', within: 14 * DAY },
] as const;

/** Other times than one that was wanted and could not be had. */
@Injectable()
export class AlternativesService {
  private readonly searches = new InFlight<readonly Slot[]>();

  constructor(
    private readonly offers: OfferService,
    private readonly clock: Clock,
  ) {}

  /**
   * The free slots nearest to a wanted time: of the wanted doctor within days, then weeks, and of the others only where
   * that is too few.
   */
  async find(wish: Alternatives): Promise<Slot[]> {
    const { doctorId } = wish;
    let found: Slot[] = [];
    for (const { doctor, within } of SEARCHES) {
      const near = await this.nearest(wish, doctor === 'WANTED' ? doctorId : null, within);
      found = doctor === 'WANTED' ? near : [...found, ...near.filter((slot) => slot.doctorId !== doctorId)];
      if (found.length >= ALTERNATIVES) break;
    }
    return found.slice(0, ALTERNATIVES);
  }

  private async nearest(
    { serviceId, wanted, clientBusy, resourceIds, forDesk }: Alternatives,
    doctorId: string | null,
    within: number,
  ): Promise<Slot[]> {
    // The losers of a rush look at the same days: they share what is read, and each leaves out where it is busy itself.
    const now = this.clock.now();
    const days = wholeDays(Math.max(wanted - within, now), Math.max(wanted, now) + within);
    const key = [serviceId, doctorId, days.start, days.end, forDesk, ...resourceIds].join(' ');
    const free = await this.searches.share(key, () => this.freeIn(serviceId, doctorId, days, resourceIds, forDesk));
    const ownFree = free.filter(
      (slot) => slot.start !== wanted && !clientBusy.some((busy) => busy.start < slot.end && slot.start < busy.end),
    );
    return nearestSlots(ownFree, wanted, ALTERNATIVES);
  }

  private async freeIn(
    serviceId: string,
    doctorId: string | null,
    days: Range,
    resourceIds: string[],
    forDesk: boolean,
  ): Promise<readonly Slot[]> {
    const window = { start: Math.max(this.clock.now(), days.start), end: days.end };
    const offer = await this.offers.within(serviceId, doctorId, window);
    return offer ? this.offers.slots(forDesk ? { ...offer, ...DESK_TERMS } : offer, window, resourceIds) : [];
  }
}

/** Of UTC, for want of a zone: only so that neighbours look at the same window. */
const wholeDays = (from: number, to: number): Range => ({
  start: Math.floor(from / DAY) * DAY,
  end: Math.ceil(to / DAY) * DAY,
});
