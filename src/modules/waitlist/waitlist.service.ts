import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DomainError, forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { assertAtOwnClinic, getClientId, hasOpenStatus } from '../appointments/index.js';
import { BookingRulesService } from '../scheduling/index.js';
import { toChange } from './waitlist-changes.js';
import { WaitlistEntriesService } from './waitlist-entries.service.js';
import { assertReferral, isSame, toEntry } from './waitlist-request.js';
import { viewFor } from './waitlist.policy.js';
import type { JoinWaitlist, WaitlistEntryView, WaitlistQuery } from './waitlist.dto.js';
import { WaitlistRepository, type NewEntry } from './waitlist.repository.js';

/** For one service; it keeps a patient from filling the list. */
const MAX_WAITING = 10;

/** Adds patients to the waitlist, and lists who waits. */
@Injectable()
export class WaitlistService {
  constructor(
    private readonly db: Database,
    private readonly rules: BookingRulesService,
    private readonly repository: WaitlistRepository,
    private readonly entries: WaitlistEntriesService,
    private readonly changes: ChangeLog,
  ) {}

  /** Audits the read, but for patients who read their own entries. */
  async list(actor: Actor, query: WaitlistQuery): Promise<Page<WaitlistEntryView>> {
    const isGuardian = query.clientId !== undefined && (await this.entries.mayReadAsGuardian(actor, query.clientId));
    const page = await this.repository.list(actor, query, { maySeeAll: isGuardian });
    const clientIds = page.items.map(({ clientId }) => clientId);
    const reader = isGuardian ? { role: 'GUARDIAN', clinicIds: [] } : actor;
    await this.changes.recordListRead(reader, 'waitlist_entry', clientIds, page.items);
    return page.map((entry) => viewFor(actor, entry));
  }

  /**
   * @throws DomainError NOT_FOUND for a patient for whom the caller may not book, ALREADY_EXISTS for the same entry and for too many,
   *   INVALID_TRANSITION for a visit that is over or cancelled, and those of a referral
   */
  async join(caller: Actor, request: JoinWaitlist): Promise<WaitlistEntryView> {
    const actor = await this.entries.actFor(caller, request.clientId);
    if (actor.role === 'CLIENT' && request.urgency !== undefined)
      throw forbidden('Only the front desk decides how urgent it is. Leave out urgency, or call the clinic.');
    const rules = await this.rules.getCurrent(request.serviceId);
    assertAtOwnClinic(actor, rules.row.clinicId);
    const clientId = getClientId(actor, request.clientId);
    const entry = toEntry(request, { rules, id: newId(), clientId, now: this.entries.now() });
    return this.db.transaction(() => this.insert(actor, entry));
  }

  /** @throws DomainError INVALID_TRANSITION for an entry that has ended */
  leave(actor: Actor, id: string, version: number | null): Promise<null> {
    return this.db.transaction(async () => {
      const entry = await this.entries.lockWaiting(actor, id, version);
      await this.entries.end(entry, 'CANCELLED', { actor, action: 'cancelled' });
      return null;
    });
  }

  private async insert(actor: Actor, entry: NewEntry): Promise<WaitlistEntryView> {
    if (!(await this.repository.mayJoinFor(actor, entry.clientId))) throw notFound();
    if (entry.appointmentId) await this.assertLaterVisit(entry, entry.appointmentId);
    if (entry.referralId) assertReferral(entry, await this.repository.findReferral(entry.referralId));
    const waiting = await this.repository.lockWaiting(entry.clientId, entry.serviceId);
    if (waiting.some((one) => isSame(one, entry)))
      throw new DomainError('ALREADY_EXISTS', 'The patient already waits for this.');
    if (waiting.length >= MAX_WAITING)
      throw new DomainError(
        'ALREADY_EXISTS',
        `A patient can have ${MAX_WAITING} entries for a service. Remove one first.`,
      );
    await this.repository.insert(entry);
    const view = await this.entries.get(entry.id);
    await this.changes.record(toChange(view, { actor, action: 'joined' }));
    return viewFor(actor, view);
  }

  private async assertLaterVisit({ clientId, serviceId }: NewEntry, appointmentId: string): Promise<void> {
    const visit = await this.repository.findVisit(appointmentId);
    if (visit?.clientId !== clientId) throw notFound();
    if (visit.serviceId !== serviceId)
      throw invalid({ field: 'serviceId', error: 'is not the service of the appointment' });
    if (!hasOpenStatus(visit) || visit.startAt.getTime() <= this.entries.now())
      throw new DomainError('INVALID_TRANSITION', 'This visit can no longer be moved.', { reason: 'PAST' });
  }
}
