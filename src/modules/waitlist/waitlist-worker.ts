import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { FreedTimesRepository } from './freed-times.repository.js';
import { OfferRecorder } from './offer-recorder.js';
import { OfferingService } from './offering.service.js';
import { OverdueEntries } from './overdue-entries.js';

/** The background work of a clinic's waitlist. Running it twice, also at the same time, does no harm. */
@Injectable()
export class WaitlistWorker {
  constructor(
    private readonly db: Database,
    private readonly times: FreedTimesRepository,
    private readonly offering: OfferingService,
    private readonly overdue: OverdueEntries,
    private readonly recorder: OfferRecorder,
  ) {}

  /** Ends what is over, and offers what is free, until nothing is left to do. */
  async run(clinicId: string, stopping?: AbortSignal): Promise<void> {
    await this.overdue.end(clinicId, stopping);
    while (!stopping?.aborted && (await this.offerNext(clinicId)));
    await this.times.deleteOver();
  }

  /**
   * One transaction for each offer, so that bookings wait only shortly.
   * @returns whether to go on: false if no freed time is left, or the next one must wait for a patient whose entry is being changed
   */
  private offerNext(clinicId: string): Promise<boolean> {
    return this.db.transaction(async () => {
      const time = await this.times.lockPending(clinicId);
      if (!time) return false;
      const made = await this.offering.offer(time);
      if (made === null) return false;
      if (made.length === 0) await this.times.settle(time.id);
      await this.recorder.record(made);
      return true;
    });
  }
}
