import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, userRoom } from '../../core/realtime/rooms.js';
import { APPOINTMENT_EVENTS } from '../appointments/index.js';
import { ClosedOffers } from './closed-offers.js';
import { FreedTimesRecorder } from './freed-times.recorder.js';
import { OpenedTimesRecorder, RULE_EVENTS } from './opened-times.recorder.js';
import { WAITLIST_EVENT } from './waitlist-changes.js';
import { WaitlistFollower } from './waitlist-follower.js';

/** Notices times that were freed, opened and closed, follows the visits of those who wait, and tells dashboards and patients about changes. */
@Injectable()
export class WaitlistListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly freed: FreedTimesRecorder,
    private readonly opened: OpenedTimesRecorder,
    private readonly closed: ClosedOffers,
    private readonly follower: WaitlistFollower,
  ) {}

  onModuleInit(): void {
    this.consumers.onEvents(APPOINTMENT_EVENTS, async (events) => {
      // First: the entry that asks for an earlier time of a visit ends when the visit is cancelled.
      await this.follower.followVisits(events);
      await this.freed.recordVisits(events);
    });
    this.consumers.onEvents(['hold.released', 'hold.expired'], async (events) => {
      await this.follower.followHolds(events);
      await this.freed.recordHolds(events);
    });
    this.consumers.onEvents(RULE_EVENTS, async (events) => {
      await this.closed.withdraw([...new Set(events.flatMap(({ clinicId }) => clinicId ?? []))]);
      await this.opened.record(events);
    });
    this.consumers.publishes([WAITLIST_EVENT], (events) => this.toMessages(events));
  }

  /** Without names: the clinic's dashboards and the patient get the same. */
  private async toMessages(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const entries = await this.follower.findForSockets(events.map(({ aggregateId }) => aggregateId));
    return events.flatMap((event) => {
      const entry = entries.get(event.aggregateId);
      if (!entry) return [];
      const { userIds, ...data } = entry;
      return [toSocketMessage(event, { rooms: [...clinicRooms(entry.clinicId), ...userIds.map(userRoom)], data })];
    });
  }
}
