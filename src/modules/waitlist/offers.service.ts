import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { holdExpired, type Hold } from '../appointments/index.js';
import { OfferAnswers } from './offer-answers.js';
import { toChange } from './waitlist-changes.js';
import type { WaitlistEntry } from './waitlist-entry.entity.js';
import { WaitlistEntriesService } from './waitlist-entries.service.js';
import type { WaitlistOffer } from './waitlist-offer.entity.js';
import { viewFor } from './waitlist.policy.js';
import type { WaitlistEntryView } from './waitlist.dto.js';

interface AnswerOptions {
  /** From If-Match. Default: any. */
  version?: number | null;
  /** The offer that a link in a message is about. Default: the open one. */
  offerId?: string | null;
}

/** Accepts and declines offers. */
@Injectable()
export class OffersService {
  constructor(
    private readonly db: Database,
    private readonly entries: WaitlistEntriesService,
    private readonly answers: OfferAnswers,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * Books the offered time; for an earlier time of a visit, moves the visit there. Both, and the end of the entry, in one transaction.
   * @throws DomainError HOLD_EXPIRED if the offer is over, INVALID_TRANSITION if there is none, and the errors of a booking
   */
  async accept(
    caller: Actor,
    id: string,
    { version = null, offerId = null }: AnswerOptions,
  ): Promise<WaitlistEntryView> {
    const { clientId, appointmentId } = await this.entries.getOwn(caller, id);
    const actor = await this.entries.actFor(caller, clientId);
    return this.db.transaction(async () => {
      const lock = async (): Promise<{ entry: WaitlistEntry; offer: WaitlistOffer; hold: Hold }> => {
        const entry = await this.entries.lockWaiting(actor, id, version);
        return { entry, ...(await this.lockOffer(entry, offerId)) };
      };
      const { entry, offer, bookedId } = appointmentId
        ? await this.answers.swap(actor, appointmentId, lock)
        : await this.answers.book(actor, await lock());
      await this.answers.markAccepted(offer);
      await this.withdrawOthers(offer);
      await this.entries.end(entry, 'BOOKED', { actor, action: 'accepted', bookedId });
      return viewFor(caller, await this.entries.get(id));
    });
  }

  /** The patient waits on, and is not offered this time again. @throws DomainError as `accept` */
  async decline(
    actor: Actor,
    id: string,
    { version = null, offerId = null }: AnswerOptions,
  ): Promise<WaitlistEntryView> {
    return this.db.transaction(async () => {
      const entry = await this.entries.lockWaiting(actor, id, version);
      await this.lockOffer(entry, offerId);
      await this.answers.decline(entry);
      await this.entries.touch(id);
      const view = await this.entries.get(id);
      await this.changes.record(toChange(view, { actor, action: 'declined' }));
      return viewFor(actor, view);
    });
  }

  /** The open offer of a locked entry, with its hold, locked until the transaction ends. */
  private async lockOffer(entry: WaitlistEntry, offerId: string | null): Promise<{ offer: WaitlistOffer; hold: Hold }> {
    const seen = await this.answers.findNewest(entry.id);
    const hold = seen && (await this.answers.lockHold(seen.holdId));
    // Read again under the lock of the hold: of an offer to all, somebody else may have been faster.
    const offer = await this.answers.findNewest(entry.id);
    if (!offer || offer.state === 'DECLINED' || offer.state === 'ACCEPTED') throw noOffer();
    if (offerId !== null && offer.id !== offerId) throw await this.answers.getSupersededError(offerId);
    if (offer.state === 'CLOSED') throw holdExpired('CLOSED');
    if (offer.state === 'WITHDRAWN') throw holdExpired('USED');
    if (offer.state === 'EXPIRED' || offer.expiresAt.getTime() <= this.entries.now()) throw holdExpired();
    if (!hold || offer.id !== seen.id) throw holdExpired('USED');
    return { offer, hold };
  }

  /** Of an offer to all, the first who accepts gets the time; the others wait on. */
  private async withdrawOthers(accepted: WaitlistOffer): Promise<void> {
    for (const entryId of await this.answers.withdrawOthers(accepted))
      await this.changes.record(toChange(await this.entries.get(entryId), { action: 'withdrawn' }));
  }
}

const noOffer = (): DomainError =>
  new DomainError('INVALID_TRANSITION', 'No time is offered now. Wait for an offer.', { reason: 'NO_OFFER' });
