import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Jobs } from '../../core/jobs/jobs.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import type { OutboxEvent, SocketMessage } from '../../core/outbox/outbox-event.js';
import { userRoom } from '../../core/realtime/rooms.js';
import { NotificationsRepository } from './notifications.repository.js';
import { PlanningService, type AppointmentHappening } from './planning.service.js';

/** Hears of appointments and registrations and plans what is to be said; tells sockets of what came into their inbox. */
@Injectable()
export class NotificationsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly planning: PlanningService,
    private readonly notifications: NotificationsRepository,
    private readonly db: Database,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.consumers.onEvents(['appointment:created', 'appointment:updated', 'appointment:cancelled'], (events) =>
      this.planning.plan(events.map(happeningOf)),
    );
    this.consumers.onEvents(['email:verification-requested'], (events) => this.mail(events));
    this.consumers.publishes(['notification:created'], (events) => this.messagesOf(events));
  }

  private async mail(events: OutboxEvent[]): Promise<void> {
    const mails = events.map(({ payload: { verificationId, userId } }) => ({
      id: String(verificationId),
      userId: String(userId),
    }));
    await this.notifications.insertVerificationMails(mails);
    this.db.afterCommit(() => this.jobs.wake('deliveries', 'EMAIL'));
  }

  private async messagesOf(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const entries = await this.notifications.inboxEntries(events.map(({ aggregateId }) => aggregateId));
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    return events.flatMap((event) => {
      const entry = byId.get(event.aggregateId);
      if (!entry) return [];
      const { userId, ...data } = entry;
      const { id: eventId, occurredAt } = event;
      return [{ event: 'notification:created', data, rooms: [userRoom(userId)], eventId, occurredAt }];
    });
  }
}

function happeningOf({ aggregateId, payload, occurredAt }: OutboxEvent): AppointmentHappening {
  const happened = payload as Pick<AppointmentHappening, 'action' | 'version' | 'changed' | 'undone'>;
  const { action, version, changed, undone } = happened;
  return { appointmentId: aggregateId, action, version, occurredAt, changed, undone };
}
