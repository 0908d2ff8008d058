import { Injectable } from '@nestjs/common';
import type { OutboxEvent } from '../../core/outbox/outbox-event.js';
import { GuardianAccess } from '../clients/index.js';
import { FollowedEntriesRepository, type SocketEntry } from './followed-entries.repository.js';
import { OfferClosing } from './offer-closing.js';
import { WaitlistEntriesService } from './waitlist-entries.service.js';

interface VisitPayload {
  action?: string;
  appointment?: { clientId: string; serviceId: string; startDateTime: string };
}

/** Follows committed events in the lives of entries: their patient books, or the visit to be moved changes. */
@Injectable()
export class WaitlistFollower {
  constructor(
    private readonly followed: FollowedEntriesRepository,
    private readonly entries: WaitlistEntriesService,
    private readonly closing: OfferClosing,
    private readonly guardians: GuardianAccess,
  ) {}

  async followVisits(events: readonly OutboxEvent[]): Promise<void> {
    const of = (action: string): OutboxEvent[] => events.filter(({ payload }) => payload.action === action);
    await this.endBooked(of('booked'));
    await this.withdrawBooked(of('booked'));
    for (const action of ['cancelled', 'completed', 'no-show']) await this.endWithVisit(of(action));
    await this.withdrawOvertaken(of('rescheduled'));
  }

  /** The holder released the hold of an offer (`DELETE /holds/:id`): the offer is declined. */
  async followHolds(events: readonly OutboxEvent[]): Promise<void> {
    const released = events.filter(({ name }) => name === 'hold.released').map(({ aggregateId }) => aggregateId);
    for (const entryId of await this.followed.findOpenOfHolds(released)) {
      const entry = await this.entries.lock(entryId);
      if (!entry || !(await this.closing.close(entryId, 'DECLINED'))) continue;
      await this.closing.waitAgain(entryId, entry.clinicId);
      await this.entries.recordChange(entryId, 'declined');
    }
  }

  /** The entries with the accounts that see them, by id. */
  async findForSockets(ids: string[]): Promise<Map<string, SocketEntry & { userIds: string[] }>> {
    const found = await this.followed.findForSockets([...new Set(ids)]);
    const guardians = await this.guardians.findGuardianUsers(found.map(({ clientId }) => clientId));
    return new Map(
      found.map(({ userId, ...entry }) => [
        entry.id,
        { ...entry, userIds: [...(userId ? [userId] : []), ...(guardians.get(entry.clientId) ?? [])] },
      ]),
    );
  }

  /** An entry ends when its patient books the service within its days. */
  private async endBooked(events: readonly OutboxEvent[]): Promise<void> {
    const visits = events.flatMap(({ aggregateId, payload }) => {
      const { appointment } = payload as VisitPayload;
      return appointment ? [{ id: aggregateId, ...appointment }] : [];
    });
    for (const { entryId, appointmentId } of await this.followed.findBooked(visits)) {
      const entry = await this.entries.lock(entryId);
      if (entry?.status === 'WAITING')
        await this.entries.end(entry, 'BOOKED', { action: 'booked', bookedId: appointmentId });
    }
  }

  /** The front desk has booked the held time of an offer, perhaps for somebody else: a visit has the id of its hold. */
  private async withdrawBooked(events: readonly OutboxEvent[]): Promise<void> {
    for (const entryId of await this.followed.findOpenOfHolds(events.map(({ aggregateId }) => aggregateId))) {
      const entry = await this.entries.lock(entryId);
      if (!entry || !(await this.closing.close(entryId, 'WITHDRAWN'))) continue;
      await this.closing.waitAgain(entryId, entry.clinicId);
      await this.entries.recordChange(entryId, 'withdrawn');
    }
  }

  /** There is no visit any more that could be earlier. */
  private async endWithVisit(events: readonly OutboxEvent[]): Promise<void> {
    for (const { entryId } of await this.followed.findWaitingFor(events.map(({ aggregateId }) => aggregateId))) {
      const entry = await this.entries.lock(entryId);
      if (entry?.status === 'WAITING') await this.entries.end(entry, 'CANCELLED', { action: 'cancelled' });
    }
  }

  /** An offer that is not earlier any more than the visit that was moved. */
  private async withdrawOvertaken(events: readonly OutboxEvent[]): Promise<void> {
    for (const { entryId, isOvertaken } of await this.followed.findWaitingFor(
      events.map(({ aggregateId }) => aggregateId),
    )) {
      if (!isOvertaken) continue;
      const entry = await this.entries.lock(entryId);
      if (!entry || !(await this.closing.close(entryId, 'WITHDRAWN'))) continue;
      await this.entries.recordChange(entryId, 'withdrawn');
    }
  }
}
