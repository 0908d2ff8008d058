import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import { HeldTimesService } from '../appointments/index.js';
import { BookingRulesService, type BookingRules, type Range, type Slot } from '../scheduling/index.js';
import type { FreedTime } from './freed-time.entity.js';
import { inFreedRange, getOfferEnd, suits, type Candidate } from './matching.js';
import { MAX_CANDIDATES, OffersRepository, type OfferPolicy } from './offers.repository.js';
import type { WaitlistOffer } from './waitlist-offer.entity.js';

/** An offer that was made. */
export type NewOffer = Pick<WaitlistOffer, 'id' | 'entryId'>;

/** A service's rules, and the free slots that a freed time made possible. */
interface FreedSlots {
  rules: BookingRules;
  slots: Slot[];
}

/** The free slots of each service for which somebody waits; null if it cannot be booked. */
type SlotsByService = Map<string, FreedSlots | null>;

/** An offer that nobody has time to answer helps nobody. */
const MIN_OFFER_MILLISECONDS = 60_000;
/** The longest visit with its longest buffer after it: it may start so long before a freed time. */
const MAX_RESERVED_MILLISECONDS = 16 * 3_600_000;
/** The longest buffer before a visit: the visit may start so long after a freed time. */
const MAX_BUFFER_MILLISECONDS = 4 * 3_600_000;

/** Finds the patient who gets a freed time, and holds it for them. */
@Injectable()
export class OfferingService {
  constructor(
    private readonly clock: Clock,
    private readonly rules: BookingRulesService,
    private readonly offers: OffersRepository,
    private readonly held: HeldTimesService,
  ) {}

  /**
   * Offers a slot of a freed time to the first who fits; by the clinic's policy, to all who fit. Runs in a transaction that has locked the
   * freed time. What can be booked decides, not what was freed: others may have been faster, and hours may have changed.
   * @returns the offers; empty if nobody fits or nothing is free; null if the entry of the next patient is being changed, so that the time
   *   must be offered later
   */
  async offer(time: FreedTime): Promise<NewOffer[] | null> {
    const policy = await this.offers.getPolicy(time.clinicId);
    const byService: SlotsByService = new Map();
    for (let last: Candidate | null = null; ;) {
      const candidates: Candidate[] = await this.offers.findCandidates(time, last);
      const made = await this.offerToFirst(time, candidates, policy, byService);
      if (made === null || made.length > 0 || candidates.length < MAX_CANDIDATES) return made;
      last = candidates.at(-1) ?? null;
    }
  }

  private async offerToFirst(
    time: FreedTime,
    candidates: readonly Candidate[],
    policy: OfferPolicy,
    byService: SlotsByService,
  ): Promise<NewOffer[] | null> {
    for (const candidate of candidates) {
      const { serviceId } = candidate;
      if (!byService.has(serviceId)) byService.set(serviceId, await this.findSlots(serviceId, time));
      const found = byService.get(serviceId);
      if (!found) continue;
      for (const slot of found.slots) {
        const made = await this.offerSlot({ candidate, candidates, slot, policy, rules: found.rules });
        if (made === null || made.length > 0) return made;
      }
    }
    return [];
  }

  /** Those that patients can book now. */
  private async findSlots(serviceId: string, { doctorId, startAt, endAt }: FreedTime): Promise<FreedSlots | null> {
    const now = this.clock.now();
    const freed: Range = { start: startAt.getTime(), end: endAt.getTime() };
    const window = {
      start: Math.max(now, freed.start - MAX_RESERVED_MILLISECONDS),
      end: freed.end + MAX_BUFFER_MILLISECONDS,
    };
    const schedule = await this.rules.findSchedule(serviceId, doctorId, () => window);
    if (!schedule) return null;
    const { rules, busy } = schedule;
    const slots = rules.freeSlots({ window, busy, now, doctorId });
    return { rules, slots: inFreedRange(slots, freed, (start) => rules.reserved(start)) };
  }

  private async offerSlot({ candidate, candidates, slot, policy, rules }: SlotOffer): Promise<NewOffer[] | null> {
    const now = this.clock.now();
    const getEnd = (one: Candidate): number =>
      getOfferEnd(one, {
        start: slot.start,
        now,
        minutes: policy.minutes,
        cutoffMinutes: rules.row.cancellationCutoffMinutes,
      });
    const fits = (one: Candidate): boolean =>
      one.serviceId === candidate.serviceId && suits(one, slot, rules) && getEnd(one) - now >= MIN_OFFER_MILLISECONDS;
    if (!fits(candidate)) return [];
    // Only the hold of one patient can be paid for.
    const toAll = policy.toAll && !rules.row.requiresDeposit;
    const receivers = toAll ? candidates.filter(fits) : [candidate];
    const lockedIds = await this.offers.lockWithoutOffer(receivers.map(({ entryId }) => entryId));
    if (lockedIds === null) return null;
    const locked = receivers.filter(({ entryId }) => lockedIds.includes(entryId));
    if (locked.length === 0) return [];
    const expiresAt = Math.min(...locked.map(getEnd));
    const holdId = await this.held.hold({
      serviceId: candidate.serviceId,
      doctorId: slot.doctorId,
      start: slot.start,
      expiresAt,
      clientId: toAll ? null : candidate.clientId,
      isLimited: candidate.laterVisitStart === null,
    });
    if (!holdId) return [];
    const made = locked.map(({ entryId }) => ({
      id: newId(),
      entryId,
      clinicId: rules.row.clinicId,
      doctorId: slot.doctorId,
      holdId,
      toAll,
      startAt: new Date(slot.start),
      endAt: new Date(slot.end),
      expiresAt: new Date(expiresAt),
    }));
    await this.offers.insert(made);
    return made;
  }
}

/** What the offer of a slot depends on. */
interface SlotOffer {
  candidate: Candidate;
  /** The candidate, and the others who may get it too. */
  candidates: readonly Candidate[];
  slot: Slot;
  policy: OfferPolicy;
  rules: BookingRules;
}
