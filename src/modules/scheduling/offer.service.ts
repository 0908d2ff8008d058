import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import {
  freeFrom,
  listSlots,
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
/** When a service can be had: the same rules for the list of free times and for the booking itself. */
@Injectable()
export class OfferService {
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

  /** The same for several services, each with those of the doctors who give it. */
  async allWithin(serviceIds: readonly string[], doctorIds: readonly string[], window: Range): Promise<Offer[]> {
    return this.offers.findAll(serviceIds, doctorIds, window.start - MARGIN, window.end + MARGIN);
  }

  /**
   * The free slots that start in the window, by start, then doctor.
   * @param asked rooms or equipment to be had then
   * @param most where there are more, it looks for one more only, and they are not the first
   */
  slots(offer: Offer, window: Range, asked: string[] = [], most = Infinity): Slot[] {
    const doctors = doctorsOf(offer);
    let left = most + 1;
    const slots = doctors.flatMap((doctor) => {
      const free = listSlots(this.query(offer, doctor, window, asked), left);
      left -= free.length;
      const open = offer.capacity > 1 ? [...free, ...this.joinable(offer, doctor, window, asked)] : free;
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
        ...listSlots(this.query(offer, doctor, window), limit),
        ...this.joinable(offer, doctor, window),
      ].sort(byStart);
      return own.slice(0, limit).map(({ start, end }) => ({ start, end, doctorId: doctor.doctorId }));
    });
    return { offer, slots: slots.sort(byStart) };
  }

  /** Hours, grid, notice and horizon; not whether it is taken. */
  refusal(offer: Offer, doctor: OfferedResource, start: number): NotOfferedReason | null {
    return whyNotOffered(this.query(offer, doctor, { start, end: start + 1 }), start);
  }

  /** Group sessions that have begun to fill and have a seat left. */
  private joinable(offer: Offer, doctor: OfferedResource, window: Range, asked: string[] = []): Range[] {
    return offer.sessions
      .filter(
        (session) =>
          session.doctorId === doctor.doctorId &&
          session.taken < offer.capacity &&
          session.start >= window.start &&
          session.start < window.end &&
          asked.every((id) => session.resourceIds.includes(id)) &&
          hasRoomToGrow(offer, doctor, session) &&
          this.refusal(offer, doctor, session.start) === null,
      )
      .map(({ start }) => ({ start, end: start + offer.durationMinutes * MINUTE }));
  }

  /** Whether the doctor has something else at that time, as far as was read; a group session may still have a seat. */
  isTaken(offer: Offer, doctor: OfferedResource, start: number): boolean {
    const claim = withBuffers(offer, rangeOf(offer, start));
    return offer.capacity === 1 && doctor.busy.some((busy) => busy.start < claim.end && claim.start < busy.end);
  }

  private query(offer: Offer, doctor: OfferedResource, window: Range, asked: string[] = []): OfferQuery {
    return {
      zone: Zone.of(offer.timeZone),
      terms: termsOf(offer),
      schedule: doctor.schedule,
      busy: doctor.busy,
      pools: poolsOf(offer, asked),
      window,
      now: this.clock.now(),
    };
  }
}

export const doctorsOf = (offer: Offer): (OfferedResource & { doctorId: string })[] =>
  offer.resources.filter((resource): resource is OfferedResource & { doctorId: string } => resource.doctorId !== null);

export const termsOf = (offer: Offer): OfferTerms => offer;

/** One list of candidates per resource that the service needs; what was asked for is the only one of its list. */
export function poolsOf(offer: Offer, asked: string[] = []): Bookable[][] {
  const left = offer.resources.filter(({ id }) => asked.includes(id));
  return offer.requiredResourceKinds.map((kind) => {
    const index = left.findIndex((resource) => resource.kind === kind);
    if (index >= 0) return left.splice(index, 1);
    return offer.resources.filter((resource) => resource.doctorId === null && resource.kind === kind);
  });
}

/** Whether all that was asked for are rooms or equipment, and no more of each kind than the service needs. */
export function areNeeded(offer: Offer, asked: string[]): boolean {
  const needed = [...offer.requiredResourceKinds];
  return asked.every((id) => {
    const kind = offer.resources.find((resource) => resource.id === id && resource.doctorId === null)?.kind;
    const index = kind === undefined ? -1 : needed.indexOf(kind);
    return index >= 0 && needed.splice(index, 1).length === 1;
  });
}

export function sessionAt(offer: Offer, doctorId: string, start: number): GroupSession | undefined {
  return offer.sessions.find((session) => session.doctorId === doctorId && session.start === start);
}

/**
 * Whether the next seat fits, where the service has become longer since the first. What is busy at the moment that a
 * session starts is the session itself; all else is something else.
 */
function hasRoomToGrow(offer: Offer, doctor: OfferedResource, { start, resourceIds }: GroupSession): boolean {
  const claim = withBuffers(offer, rangeOf(offer, start));
  const held = [doctor, ...offer.resources.filter(({ id }) => resourceIds.includes(id))];
  return held.every(({ busy }) =>
    busy.every((other) => other.end <= claim.start || claim.end <= other.start || isWithin(start, other)),
  );
}

const isWithin = (instant: number, { start, end }: Range): boolean => start <= instant && instant < end;

/** What an appointment takes of its doctor and rooms: with the service's buffers. */
export const withBuffers = (offer: Offer, range: Range): Range => ({
  start: range.start - offer.bufferBeforeMinutes * MINUTE,
  end: range.end + offer.bufferAfterMinutes * MINUTE,
});

export const rangeOf = (offer: Offer, start: number): Range => ({ start, end: start + offer.durationMinutes * MINUTE });

/** A free resource for each needed kind, all different and what was asked for among them; null where there is none. */
export function pickResources(offer: Offer, asked: string[], range: Range): string[] | null {
  if (offer.requiredResourceKinds.length === 0) return [];
  return freeFrom(poolsOf(offer, asked), withBuffers(offer, range), range, Zone.of(offer.timeZone));
}

/** As if rooms and equipment had no hours: for who may book outside of them. */
export const atAnyHour = (offer: Offer): Offer => ({
  ...offer,
  resources: offer.resources.map((resource) =>
    resource.doctorId === null ? { ...resource, schedule: { rules: [], exceptions: [] } } : resource,
  ),
});

const byStart = (a: Range & { doctorId?: string }, b: Range & { doctorId?: string }): number =>
  a.start - b.start || ((a.doctorId ?? '') < (b.doctorId ?? '') ? -1 : 1);
