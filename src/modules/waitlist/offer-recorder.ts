import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { toChange } from './waitlist-changes.js';
import { WaitlistRepository } from './waitlist.repository.js';

/** Records new offers: the message to the patient starts from the event. */
@Injectable()
export class OfferRecorder {
  constructor(
    private readonly repository: WaitlistRepository,
    private readonly changes: ChangeLog,
  ) {}

  async record(offers: readonly { id: string; entryId: string }[]): Promise<void> {
    for (const { id, entryId } of offers) {
      await this.repository.touch(entryId);
      const entry = await this.repository.find(entryId);
      if (entry) await this.changes.record(toChange(entry, { action: 'offered', offerId: id }));
    }
  }
}
