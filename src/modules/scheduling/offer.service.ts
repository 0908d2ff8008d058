import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { InFlight } from '../../core/kernel/in-flight.js';
import { Zone } from '../../core/kernel/zone.js';
import {
  firstSlots,
  freeFrom,
  listSlots,
  nearestSlots,
  whyNotOffered,
  type Bookable,
  type NotOfferedReason,
  type OfferQuery,
  type OfferTerms,
  type Range,
} from './availability.js';
import { OfferRepository, type GroupSession, type Offer, type OfferedResource } from './offer.repository.js';

export interface Slot extends Range {
  doctorId: string;
}

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** The longest buffer (4 h) and service (12 h) reach over the edges of a window. */
const MARGIN = 16 * 60 * MINUTE;
const ALTERNATIVES = 3;
/** Where other times are looked for, one after the other: most often the first, small one is enough. */
const SEARCHES = [
  { doctor: 'WANTED', within: 2 * DAY },
  { doctor: 'WANTED', within: 14 * DAY },
  { doctor: 'ANY', within: 14 * DAY },
] as const;

/** When a service can be had: the same rules for the list of free times and for the booking itself. */
@Injectable()
export class OfferService {
  private readonly searches = new InFlight<readonly Slot[]>();

  constructor(
    private readonly offers: OfferRepository,
    private readonly clock: Clock,
  ) {}

  /** The offer around one appointment; null where the service is not offered at all. */
  async around(serviceId: string, doctorId: string, start: number): Promise<Offer | null> {
    return this.offers.find(serviceId, doctorId, start - MARGIN, start + MARGIN);
  }

  /** What decides over the slots that start in the window, over all doctors of the service (or one). */
  async within(serviceId: string, doctorId: string | null, window: Range): Promise<Offer | null> {
    return this.offers.find(serviceId, doctorId, window.start - MARGIN, window.end + MARGIN);
  }

  /** The free slots that start in the window, by start, then doctor. */
  slots(offer: Offer, window: Range): Slot[] {
    const doctors = doctorsOf(offer);
    const slots = doctors.flatMap((doctor) => {
      const free = listSlots(this.query(offer, doctor, window));
      const open = offer.capacity > 1 ? [...free, ...this.joinable(offer, doctor, window)] : free;
      return open.map(({ start, end }) => ({ start, end, doctorId: doctor.doctorId }));
    });
    // Those of one doctor come in order.
    return doctors.length > 1 || offer.capacity > 1 ? slots.sort(byStart) : slots;
  }

  /** The earliest `limit` slots of each doctor, up to the clinic's horizon. */
  async next(
    serviceId: string,
    doctorId: string | null,
    limit: number,
  ): Promise<{ offer: Offer; slots: Slot[] } | null> {
    const now = this.clock.now();
    const policy = await this.offers.find(serviceId, doctorId, now, now);
    if (!policy) return null;
    const window = { start: now, end: now + (policy.horizonDays + 2) * DAY };
    const offer = await this.offers.find(serviceId, doctorId, window.start - MARGIN, window.end + MARGIN);
    if (!offer) return null;
    const slots = doctorsOf(offer).flatMap((doctor) => {
      const own = [
        ...firstSlots(this.query(offer, doctor, window), limit),
        ...this.joinable(offer, doctor, window),
      ].sort(byStart);
      return own.slice(0, limit).map(({ start, end }) => ({ start, end, doctorId: doctor.doctorId }));
    });
    return { offer, slots: slots.sort(byStart) };
  }

  /**
   * The free slots nearest to a wanted time: of the wanted doctor within days, then weeks, and of the others only where
   * that is too few.
   */
  async alternatives(serviceId: string, doctorId: string, wanted: number, clientBusy: Range[]): Promise<Slot[]> {
    let found: Slot[] = [];
    for (const { doctor, within } of SEARCHES) {
      const near = await this.nearest(serviceId, doctor === 'WANTED' ? doctorId : null, wanted, within, clientBusy);
      found = doctor === 'WANTED' ? near : [...found, ...near.filter((slot) => slot.doctorId !== doctorId)];
      if (found.length >= ALTERNATIVES) break;
    }
    return found.slice(0, ALTERNATIVES);
  }

  /** Hours, grid, notice and horizon; not whether it is taken. */
  refusal(offer: Offer, doctor: OfferedResource, start: number): NotOfferedReason | null {
    return whyNotOffered(this.query(offer, doctor, { start, end: start + 1 }), start);
  }

  /** Group sessions that have begun to fill and have a seat left. */
  private joinable(offer: Offer, doctor: OfferedResource, window: Range): Range[] {
    return offer.sessions
      .filter(
        (session) =>
          session.doctorId === doctor.doctorId &&
          session.taken < offer.capacity &&
          session.start >= window.start &&
          session.start < window.end &&
          this.refusal(offer, doctor, session.start) === null,
      )
      .map(({ start }) => ({ start, end: start + offer.durationMinutes * MINUTE }));
  }

  /** Whether the doctor has something else at that time, as far as was read; a group session may still have a seat. */
  isTaken(offer: Offer, doctor: OfferedResource, start: number): boolean {
    const claim = withBuffers(offer, rangeOf(offer, start));
    return offer.capacity === 1 && doctor.busy.some((busy) => busy.start < claim.end && claim.start < busy.end);
  }

  private async nearest(
    serviceId: string,
    doctorId: string | null,
    wanted: number,
    within: number,
    clientBusy: Range[],
  ): Promise<Slot[]> {
    // The losers of a race all ask for the same: they share what is read, and each leaves out where it is busy itself.
    const free = await this.searches.share(`${serviceId} ${doctorId} ${wanted} ${within}`, () =>
      this.freeAround(serviceId, doctorId, wanted, within),
    );
    const ownFree = free.filter(
      (slot) => slot.start !== wanted && !clientBusy.some((busy) => busy.start < slot.end && slot.start < busy.end),
    );
    return nearestSlots(ownFree, wanted, ALTERNATIVES);
  }

  private async freeAround(
    serviceId: string,
    doctorId: string | null,
    wanted: number,
    within: number,
  ): Promise<readonly Slot[]> {
    const start = Math.max(this.clock.now(), wanted - within);
    const window = { start, end: Math.max(start, wanted) + within };
    const offer = await this.within(serviceId, doctorId, window);
    return offer ? this.slots(offer, window) : [];
  }

  private query(offer: Offer, doctor: OfferedResource, window: Range): OfferQuery {
    return {
      zone: Zone.of(offer.timeZone),
      terms: termsOf(offer),
      schedule: doctor.schedule,
      busy: doctor.busy,
      pools: poolsOf(offer),
      window,
      now: this.clock.now(),
    };
  }
}

export const doctorsOf = (offer: Offer): (OfferedResource & { doctorId: string })[] =>
  offer.resources.filter((resource): resource is OfferedResource & { doctorId: string } => resource.doctorId !== null);

export const termsOf = (offer: Offer): OfferTerms => offer;

/** One list of candidates per resource that the service needs. */
export function poolsOf(offer: Offer, kinds: string[] = offer.requiredResourceKinds): Bookable[][] {
  return kinds.map((kind) =>
    offer.resources.filter((resource) => resource.doctorId === null && resource.kind === kind),
  );
}

export function sessionAt(offer: Offer, doctorId: string, start: number): GroupSession | undefined {
  return offer.sessions.find((session) => session.doctorId === doctorId && session.start === start);
}

/** What an appointment takes of its doctor and rooms: with the service's buffers. */
export const withBuffers = (offer: Offer, range: Range): Range => ({
  start: range.start - offer.bufferBeforeMinutes * MINUTE,
  end: range.end + offer.bufferAfterMinutes * MINUTE,
});

export const rangeOf = (offer: Offer, start: number): Range => ({ start, end: start + offer.durationMinutes * MINUTE });

/** A free resource for each needed kind, all different; null where there is none. */
export function pickResources(offer: Offer, kinds: string[], range: Range): string[] | null {
  return kinds.length === 0
    ? []
    : freeFrom(poolsOf(offer, kinds), withBuffers(offer, range), range, Zone.of(offer.timeZone));
}

const byStart = (a: Range & { doctorId?: string }, b: Range & { doctorId?: string }): number =>
  a.start - b.start || ((a.doctorId ?? '') < (b.doctorId ?? '') ? -1 : 1);
