import { Injectable } from '@nestjs/common';
import { invalid, notFound, type DomainError } from '../../core/kernel/domain-error.js';
import { isoMinute } from '../../core/kernel/iso-minute.js';
import { Zone } from '../../core/kernel/zone.js';
import type { AvailabilityQuery, NextAvailabilityQuery, SlotView } from './availability.dto.js';
import type { Range } from './availability.js';
import type { Offer } from './offer.repository.js';
import { OfferService, type Slot } from './offer.service.js';

const MOST_DAYS = 62;
/** Fifty doctors for a month, every quarter of an hour of a working day; some seven megabytes. */
const MOST_SLOTS = 50_000;
const DAY = 86_400_000;
/** No zone is further from UTC than this. */
const WIDEST_OFFSET = 15 * 3_600_000;

@Injectable()
export class AvailabilityService {
  constructor(private readonly offers: OfferService) {}

  /** @throws DomainError NOT_FOUND for an unknown service, VALIDATION_ERROR for a window over 62 days or 50,000 slots */
  async list(query: AvailabilityQuery): Promise<SlotView[]> {
    assertWindow(query);
    // The clinic's zone is not known before the read, so more is read on either side.
    const first = Date.parse(query.from);
    const last = Date.parse(query.to) + DAY;
    const wide = { start: first - WIDEST_OFFSET, end: last + WIDEST_OFFSET };
    const offer = await this.offers.within(query.serviceId, query.doctorId ?? null, wide);
    if (!offer || !isAsked(offer, query)) throw notFound();
    const days = daysOf(Zone.of(query.timeZone ?? offer.timeZone), query);
    const slots = this.offers.slots(offer, days, [], MOST_SLOTS);
    if (slots.length > MOST_SLOTS) throw tooMany();
    return slots.map(viewOf);
  }

  /** The earliest free slots of every doctor of the service, up to the horizon. */
  async next(query: NextAvailabilityQuery): Promise<SlotView[]> {
    const found = await this.offers.next(query.serviceId, query.doctorId ?? null, query.limit);
    if (!found || !isAsked(found.offer, query)) throw notFound();
    return found.slots.map(viewOf);
  }
}

const isAsked = (offer: Offer, { clinicId }: { clinicId?: string }): boolean =>
  clinicId === undefined || offer.clinicId === clinicId.toLowerCase();

const daysOf = (zone: Zone, { from, to }: { from: string; to: string }): Range => ({
  start: zone.startOfDay(from),
  end: zone.startOfDay(zone.addDays(to, 1)),
});

function assertWindow({ from, to }: AvailabilityQuery): void {
  const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
  if (days < 1) throw invalid({ field: 'to', error: 'must not be before from' });
  if (days > MOST_DAYS) throw invalid({ field: 'to', error: `must be at most ${MOST_DAYS} days from the first` });
}

const tooMany = (): DomainError =>
  invalid({
    field: 'to',
    error: `takes in more than ${MOST_SLOTS} free times: ask for fewer days, or for one doctor (doctorId)`,
  });

export const viewOf = ({ start, end, doctorId }: Slot): SlotView => ({
  startDateTime: isoMinute(start),
  endDateTime: isoMinute(end),
  doctorId,
});
