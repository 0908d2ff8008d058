import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { doctorsOf, OfferService, type Slot } from './offer.service.js';
import type { Offer } from './offer.repository.js';
import type { Range } from './availability.js';

/** The earliest free time of a doctor, in the zone of the clinic. */
export interface NextFree extends Slot {
  timeZone: string;
}

const DAY = 86_400_000;

/** Days from now at which each search ends. Most doctors have a time in the first, small one. */
const SEARCH_DAYS = [3, 14, 62];

/** The next free time of many doctors at a bounded cost: at most one statement for each search. */
@Injectable()
export class NextFreeService {
  constructor(
    private readonly offers: OfferService,
    private readonly clock: Clock,
  ) {}

  /**
   * @param services of each doctor the service that is wanted
   * @returns by doctor; those who have no free time within 62 days are left out
   */
  async find(services: ReadonlyMap<string, string>): Promise<Map<string, NextFree>> {
    const found = new Map<string, NextFree>();
    const wanted = new Map(services);
    let start = this.clock.now();
    const now = start;
    for (const days of SEARCH_DAYS) {
      if (wanted.size === 0) break;
      const window = { start, end: now + days * DAY };
      for (const slot of await this.earliestIn(window, wanted)) {
        found.set(slot.doctorId, slot);
        wanted.delete(slot.doctorId);
      }
      start = window.end;
    }
    return found;
  }

  private async earliestIn(window: Range, services: ReadonlyMap<string, string>): Promise<NextFree[]> {
    const offers = await this.offers.allWithin([...new Set(services.values())], [...services.keys()], window);
    return offers.flatMap((offer) =>
      doctorsOf(offer)
        .filter(({ doctorId }) => services.get(doctorId) === offer.serviceId)
        .flatMap(({ doctorId }) => {
          const [first] = this.offers.slots(onlyWith(offer, doctorId), window, [], 0);
          return first ? [{ ...first, timeZone: offer.timeZone }] : [];
        }),
    );
  }
}

const onlyWith = (offer: Offer, doctorId: string): Offer => ({
  ...offer,
  resources: offer.resources.filter((resource) => resource.doctorId === null || resource.doctorId === doctorId),
});
