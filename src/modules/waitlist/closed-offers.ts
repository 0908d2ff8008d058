import { Injectable } from '@nestjs/common';
import { HeldTimesService } from '../appointments/index.js';
import { OfferClosing } from './offer-closing.js';
import { OffersRepository } from './offers.repository.js';
import { WaitlistEntriesService } from './waitlist-entries.service.js';

/** Withdraws offers of times that were closed since: a doctor's day, the clinic, or a doctor, room or service. The patients wait on. */
@Injectable()
export class ClosedOffers {
  constructor(
    private readonly offers: OffersRepository,
    private readonly held: HeldTimesService,
    private readonly entries: WaitlistEntriesService,
    private readonly closing: OfferClosing,
  ) {}

  /** Looks at all open offers of these clinics: there are few, and what was closed can concern each of them. */
  async withdraw(clinicIds: string[]): Promise<void> {
    for (const { holdId, entryIds } of await this.offers.findOpenAt(clinicIds)) {
      const hold = await this.held.find(holdId);
      if (!hold || (await this.held.isOpen(hold))) continue;
      for (const entryId of entryIds) await this.withdrawOffer(entryId, holdId);
    }
  }

  private async withdrawOffer(entryId: string, holdId: string): Promise<void> {
    const entry = await this.entries.lock(entryId);
    // Read under the lock: the patient may have answered meanwhile.
    const open = entry && (await this.offers.findOpen(entryId));
    if (open?.holdId !== holdId) return;
    await this.closing.close(entryId, 'CLOSED');
    await this.closing.waitAgain(entryId, open.clinicId);
    await this.entries.recordChange(entryId, 'withdrawn');
  }
}
