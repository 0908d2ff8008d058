import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { OfferClosing } from './offer-closing.js';
import { OffersRepository } from './offers.repository.js';
import { toChange } from './waitlist-changes.js';
import { WaitlistEntriesService } from './waitlist-entries.service.js';

/** Ends offers and entries whose time is over. Until then, readers and answers treat them as over, too. */
@Injectable()
export class OverdueEntries {
  constructor(
    private readonly db: Database,
    private readonly offers: OffersRepository,
    private readonly entries: WaitlistEntriesService,
    private readonly closing: OfferClosing,
    private readonly changes: ChangeLog,
  ) {}

  async end(clinicId: string, stopping?: AbortSignal): Promise<void> {
    for (const id of await this.offers.findEntriesWithExpiredOffer(clinicId)) {
      if (stopping?.aborted) return;
      await this.expireOffer(id, clinicId);
    }
    for (const id of await this.offers.findEndedEntries(clinicId)) {
      if (stopping?.aborted) return;
      await this.expireEntry(id);
    }
  }

  /** The time is offered to the next patient; the patient of the entry waits on. */
  private async expireOffer(entryId: string, clinicId: string): Promise<void> {
    await this.db.transaction(async () => {
      await this.entries.lock(entryId);
      const open = await this.offers.findOpen(entryId);
      if (!open || open.expiresAt.getTime() > this.entries.now()) return;
      await this.closing.close(entryId, 'EXPIRED');
      await this.closing.waitAgain(entryId, clinicId);
      await this.entries.touch(entryId);
      await this.changes.record(toChange(await this.entries.get(entryId), { action: 'offer-expired' }));
    });
  }

  private async expireEntry(entryId: string): Promise<void> {
    await this.db.transaction(async () => {
      const entry = await this.entries.lock(entryId);
      if (entry?.status === 'WAITING') await this.entries.end(entry, 'EXPIRED', { action: 'expired' });
    });
  }
}
