import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, isUnavailable } from '../../core/kernel/domain-error.js';
import { hasOpenStatus } from './appointment-status.js';
import { ImportedBookings } from './imported-bookings.js';
import { ImportedHistory } from './imported-history.js';
import { toVisitKey, type ImportedOutcome, type ImportedVisit } from './imported-visit.js';

/** Takes over visits of another system. Patients get no message about them, but reminders of upcoming ones. */
@Injectable()
export class ImportedVisitsService {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly history: ImportedHistory,
    private readonly bookings: ImportedBookings,
  ) {}

  /**
   * Takes over visits in the current transaction. Past and cancelled ones are recorded without reserving time, so it does not matter
   * whether they overlap; the others are booked like any visit, but at any hour and with any length, without notice, limits, referral or
   * payment.
   * @param actor ADMIN or MANAGER of the clinic
   * @returns the outcomes, in the order of the visits
   */
  async record(actor: Actor, visits: readonly ImportedVisit[]): Promise<ImportedOutcome[]> {
    const now = this.clock.now();
    const known = await this.history.findIds(visits);
    const outcomes: ImportedOutcome[] = [];
    for (const visit of visits) {
      const key = toVisitKey(visit);
      const knownId = visit.isNew ? undefined : known.get(key);
      const outcome: ImportedOutcome = knownId
        ? { outcome: 'UNCHANGED', id: knownId }
        : await this.recordOrRefuse(() => this.recordOne(actor, visit, now));
      if ('id' in outcome) known.set(key, outcome.id);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  private async recordOne(actor: Actor, visit: ImportedVisit, now: number): Promise<ImportedOutcome> {
    const { start, end, status } = visit;
    const isOpen = status === null || hasOpenStatus({ status });
    const isOver = (end ?? start).getTime() <= now;
    const hasBegun = start.getTime() <= now;
    if (isOver || status === 'CANCELLED' || (hasBegun && !isOpen))
      return this.history.record(actor, visit, new Date(now));
    if (!isOpen) {
      throw new DomainError('INVALID_TRANSITION', `A visit that has not begun cannot be ${status}.`);
    }
    return this.bookings.book(actor, visit, now);
  }

  /** Runs the work; if it refuses the visit, rolls back what it has written. @throws errors that do not depend on the visit */
  private async recordOrRefuse(work: () => Promise<ImportedOutcome>): Promise<ImportedOutcome> {
    const result = await this.db.attempt(work);
    if ('value' in result) return result.value;
    const { error } = result;
    if (!(error instanceof DomainError) || isUnavailable(error)) throw error;
    return { outcome: 'REFUSED', error };
  }
}
