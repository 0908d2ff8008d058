import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, userRoom } from '../../core/realtime/rooms.js';
import { APPOINTMENT_EVENTS } from '../appointments/index.js';
import { ClosedOffers } from './closed-offers.js';
import { FreedTimesReader } from './freed-times.reader.js';
import { OpenedTimesReader, RULE_EVENTS } from './opened-times.reader.js';
import { WAITLIST_EVENT } from './waitlist-changes.js';
import { WaitlistFollower } from './waitlist-follower.js';

/** Notices times that were freed, opened and closed, follows the visits of those who wait, and tells dashboards and patients about changes. */
@Injectable()
export class WaitlistListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly freed: FreedTimesReader,
    private readonly opened: OpenedTimesReader,
    private readonly closed: ClosedOffers,
    private readonly follower: WaitlistFollower,
  ) {}

  onModuleInit(): void {
    this.consumers.onEvents(APPOINTMENT_EVENTS, async (events) => {
      // First: a visit that was cancelled ends the wish for an earlier time of it.
      await this.follower.followVisits(events);
      await this.freed.ofVisits(events);
    });
    this.consumers.onEvents(['hold.released', 'hold.expired'], async (events) => {
      await this.follower.followHolds(events);
      await this.freed.ofHolds(events);
    });
    this.consumers.onEvents(RULE_EVENTS, async (events) => {
      await this.closed.withdraw([...new Set(events.flatMap(({ clinicId }) => clinicId ?? []))]);
      await this.opened.read(events);
    });
    this.consumers.publishes([WAITLIST_EVENT], (events) => this.toMessages(events));
  }

  /** Without names: the clinic's dashboards and the patient get the same. */
  private async toMessages(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const entries = await this.follower.findPublished(events.map(({ aggregateId }) => aggregateId));
    return events.flatMap((event) => {
      const entry = entries.get(event.aggregateId);
      if (!entry) return [];
      const { userIds, ...data } = entry;
      return [toSocketMessage(event, { rooms: [...clinicRooms(entry.clinicId), ...userIds.map(userRoom)], data })];
    });
  }
}
