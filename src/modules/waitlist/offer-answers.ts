import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import type { DomainError } from '../../core/kernel/domain-error.js';
import { HeldTimesService, holdExpired, HoldSwapService, type Hold } from '../appointments/index.js';
import { OfferClosing } from './offer-closing.js';
import { OffersRepository } from './offers.repository.js';
import type { WaitlistEntry } from './waitlist-entry.entity.js';
import type { WaitlistOffer } from './waitlist-offer.entity.js';

/** An entry with its open offer and the hold of the offered time, all locked. */
interface LockedOffer {
  entry: WaitlistEntry;
  offer: WaitlistOffer;
  hold: Hold;
}

interface Answered extends LockedOffer {
  /** The visit that has the offered time now. */
  bookedId: string;
}

/** What accepting or declining does to the offered time. Runs in the transaction of the answer. */
@Injectable()
export class OfferAnswers {
  constructor(
    private readonly offers: OffersRepository,
    private readonly closing: OfferClosing,
    private readonly held: HeldTimesService,
    private readonly swaps: HoldSwapService,
  ) {}

  async book(actor: Actor, locked: LockedOffer): Promise<Answered> {
    const { clientId, referralId } = locked.entry;
    const { id } = await this.held.book(actor, locked.hold, { clientId, referralId });
    return { ...locked, bookedId: id };
  }

  /** @param lock locks entry and offer; called after the appointment is locked */
  async swap(actor: Actor, appointmentId: string, lock: () => Promise<LockedOffer>): Promise<Answered> {
    let locked: LockedOffer | null = null;
    const { id } = await this.swaps.swap(actor, appointmentId, async (visit) => {
      locked = await lock();
      // The visit was moved since.
      if (locked.hold.startAt >= visit.startAt) throw holdExpired();
      return locked.hold;
    });
    return { ...(locked as unknown as LockedOffer), bookedId: id };
  }

  findNewest(entryId: string): Promise<WaitlistOffer | null> {
    return this.offers.findNewest(entryId);
  }

  /** The error for an offer that a newer one of its entry has superseded. */
  async getSupersededError(offerId: string): Promise<DomainError> {
    return holdExpired((await this.offers.find(offerId))?.state === 'CLOSED' ? 'CLOSED' : 'EXPIRED');
  }

  lockHold(holdId: string): Promise<Hold | null> {
    return this.held.lock(holdId);
  }

  async markAccepted({ id }: WaitlistOffer): Promise<void> {
    await this.offers.setState([id], 'ACCEPTED');
  }

  /** Ends the open offer. The patient waits on, also for times that were freed meanwhile. */
  async decline({ id, clinicId }: WaitlistEntry): Promise<void> {
    await this.closing.close(id, 'DECLINED');
    await this.closing.waitAgain(id, clinicId);
  }

  /** @returns the entries whose offers of the same time ended */
  async withdrawOthers({ holdId, clinicId }: WaitlistOffer): Promise<string[]> {
    const others = await this.offers.findOpenByHold(holdId);
    await this.offers.setState(
      others.map(({ id }) => id),
      'WITHDRAWN',
    );
    for (const { entryId } of others) await this.closing.waitAgain(entryId, clinicId);
    return others.map(({ entryId }) => entryId);
  }
}
