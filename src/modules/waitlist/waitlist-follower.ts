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

/** Ends or changes entries after committed events: their patient has booked, or the visit to be moved has changed. */
@Injectable()
export class WaitlistFollower {
  constructor(
    private readonly followed: FollowedEntriesRepository,
    private readonly entries: WaitlistEntriesService,
    private readonly closing: OfferClosing,
    private readonly guardians: GuardianAccess,
  ) {}

  async followVisits(events: readonly OutboxEvent[]): Promise<void> {
    const withAction = (action: string): OutboxEvent[] => events.filter(({ payload }) => payload.action === action);
    await this.endBooked(withAction('booked'));
    await this.withdrawBooked(withAction('booked'));
    for (const action of ['cancelled', 'completed', 'no-show']) await this.endWithVisit(withAction(action));
    await this.withdrawOvertaken(withAction('rescheduled'));
  }

  /** The holder released the hold of an offer (`DELETE /holds/:id`): the offer is declined. */
  async followHolds(events: readonly OutboxEvent[]): Promise<void> {
    const released = events.filter(({ name }) => name === 'hold.released').map(({ aggregateId }) => aggregateId);
    for (const entryId of await this.followed.findEntriesByHolds(released)) {
      await this.closeOffer(entryId, { state: 'DECLINED', action: 'declined' });
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

  /** Ends the entries whose patient has booked the service within their days. */
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

  /** Withdraws the offers whose held time the front desk has booked, perhaps for another patient: a visit has the id of its hold. */
  private async withdrawBooked(events: readonly OutboxEvent[]): Promise<void> {
    for (const entryId of await this.followed.findEntriesByHolds(events.map(({ aggregateId }) => aggregateId))) {
      await this.closeOffer(entryId, { state: 'WITHDRAWN', action: 'withdrawn' });
    }
  }

  /** Ends the entries whose visit to be moved no longer takes place. */
  private async endWithVisit(events: readonly OutboxEvent[]): Promise<void> {
    for (const { entryId } of await this.followed.findWaitingFor(events.map(({ aggregateId }) => aggregateId))) {
      const entry = await this.entries.lock(entryId);
      if (entry?.status === 'WAITING') await this.entries.end(entry, 'CANCELLED', { action: 'cancelled' });
    }
  }

  /** Withdraws the offers that are no longer earlier than the visit that was moved. */
  private async withdrawOvertaken(events: readonly OutboxEvent[]): Promise<void> {
    for (const { entryId, isOvertaken } of await this.followed.findWaitingFor(
      events.map(({ aggregateId }) => aggregateId),
    )) {
      if (isOvertaken) await this.closeOffer(entryId, { state: 'WITHDRAWN', action: 'withdrawn' });
    }
  }

  /** Ends the open offer of an entry, if there is one. The patient waits on. */
  private async closeOffer(
    entryId: string,
    { state, action }: { state: 'DECLINED' | 'WITHDRAWN'; action: string },
  ): Promise<void> {
    const entry = await this.entries.lock(entryId);
    if (!entry || !(await this.closing.close(entryId, state))) return;
    await this.closing.waitAgain(entryId, entry.clinicId);
    await this.entries.recordChange(entryId, action);
  }
}
