import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { JobScheduler } from '../../core/jobs/job-scheduler.js';
import { HeldTimesService } from '../appointments/index.js';
import { FreedTimesRepository } from './freed-times.repository.js';
import { OffersRepository } from './offers.repository.js';
import type { OfferState } from './waitlist-status.js';

/** The queue with a job for each clinic that has freed times to offer. */
export const WAITLIST_QUEUE = 'waitlist';

/**
 * Ends open offers. Everything that changes an offer locks in the same order, so that nothing deadlocks: the appointment (of a swap), the
 * entry, the hold, the offer.
 */
@Injectable()
export class OfferClosing {
  constructor(
    private readonly db: Database,
    private readonly offers: OffersRepository,
    private readonly times: FreedTimesRepository,
    private readonly held: HeldTimesService,
    private readonly jobs: JobScheduler,
  ) {}

  /**
   * Ends the open offer of a locked entry, if there is one. If no other patient has an open offer of its time, the time is freed and offered to the next patient.
   * @returns whether there was one
   */
  async close(entryId: string, state: Exclude<OfferState, 'OPEN' | 'ACCEPTED'>): Promise<boolean> {
    const open = await this.offers.findOpen(entryId);
    if (!open) return false;
    await this.held.lock(open.holdId);
    await this.offers.setState([open.id], state);
    const others = await this.offers.findOpenByHold(open.holdId);
    if (others.length > 0) return true;
    await this.held.release(open.holdId);
    const { clinicId, doctorId, startAt, endAt } = open;
    await this.times.add([{ clinicId, doctorId, startAt, endAt }]);
    this.offerNext(clinicId);
    return true;
  }

  /** The patient waits again, also for times that were freed while they had the offer. */
  async waitAgain(entryId: string, clinicId: string): Promise<void> {
    await this.times.reconsider(entryId);
    this.offerNext(clinicId);
  }

  /** Wakes a worker after the commit; without it, the next sweep finds the work. */
  offerNext(clinicId: string): void {
    this.db.afterCommit(() => this.jobs.enqueue(WAITLIST_QUEUE, { id: clinicId }));
  }
}
