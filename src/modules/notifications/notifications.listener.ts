import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import type { OutboxEvent, SocketMessage } from '../../core/outbox/outbox-event.js';
import { userRoom } from '../../core/realtime/rooms.js';
import {
  APPOINTMENT_EVENTS,
  VISITS_MESSAGE_EVENT,
  type EventDetails,
  type VisitsMessage,
} from '../appointments/index.js';
import { REFUND_EVENT } from '../payments/index.js';
import { REPORT_EVENT } from '../reports/index.js';
import { OfferDetailsReader, WAITLIST_EVENT } from '../waitlist/index.js';
import { NotificationPlanner, type AppointmentChange } from './notification-planner.js';
import { NotificationsRepository, type AccountMessage } from './notifications.repository.js';

/**
 * Plans notifications from the events of appointments, creates the deliveries of messages about accounts, offers, refunds and reports,
 * and publishes new inbox entries to sockets.
 */
@Injectable()
export class NotificationsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly planner: NotificationPlanner,
    private readonly notifications: NotificationsRepository,
    private readonly db: Database,
    private readonly offers: OfferDetailsReader,
  ) {}

  onModuleInit(): void {
    this.consumers.onEvents([...APPOINTMENT_EVENTS, VISITS_MESSAGE_EVENT], (events) => this.planAppointments(events));
    this.consumers.onEvents(['account:message-requested'], (events) => this.createAccountMessages(events));
    this.consumers.onEvents([WAITLIST_EVENT], (events) => this.createOfferMessages(events));
    this.consumers.onEvents([REFUND_EVENT], (events) => this.createRefundMessages(events));
    this.consumers.onEvents([REPORT_EVENT], (events) => this.createReportMessages(events));
    this.consumers.publishes(['notification:created'], (events) => this.toSocketMessages(events));
  }

  private planAppointments(events: OutboxEvent[]): Promise<void> {
    const changes = events.filter(({ name }) => name !== VISITS_MESSAGE_EVENT);
    const messages = events.filter(({ name }) => name === VISITS_MESSAGE_EVENT);
    return this.planner.plan(
      changes.map(toChange),
      messages.map(({ payload }) => payload as unknown as VisitsMessage),
    );
  }

  private async createAccountMessages(events: OutboxEvent[]): Promise<void> {
    const messages = events.map(toAccountMessage);
    await this.notifications.insertAccountMessages(messages);
    const channels = [...new Set(messages.map(({ channel }) => channel))];
    this.db.afterCommit(() => this.planner.enqueueDeliveries(channels));
  }

  /** Creates messages for the patients and their guardians. */
  private async createOfferMessages(events: OutboxEvent[]): Promise<void> {
    const ids = readIds(events, 'offerId');
    if (ids.length === 0) return;
    const offers = await this.offers.find(ids);
    await this.notifications.insertOfferMessages(
      offers.flatMap(({ id, clinicId, clientUserId, guardianUserIds }) =>
        [clientUserId, ...guardianUserIds].map((userId) => ({ offerId: id, clinicId, userId })),
      ),
    );
    this.db.afterCommit(() => this.planner.enqueueDeliveries());
  }

  private async createRefundMessages(events: OutboxEvent[]): Promise<void> {
    await this.notifications.insertRefundMessages(readIds(events, 'refundId'));
    this.db.afterCommit(() => this.planner.enqueueDeliveries());
  }

  /** Creates messages for the managers of the clinics. */
  private async createReportMessages(events: OutboxEvent[]): Promise<void> {
    await this.notifications.insertReportMessages(readIds(events, 'reportId'));
    this.db.afterCommit(() => this.planner.enqueueDeliveries());
  }

  private async toSocketMessages(events: OutboxEvent[]): Promise<SocketMessage[]> {
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

/** The ids that the payloads have under a name; other events of the same name are left out. */
const readIds = (events: OutboxEvent[], name: 'offerId' | 'refundId' | 'reportId'): string[] =>
  events.map(({ payload }) => payload[name]).filter((id) => typeof id === 'string');

function toAccountMessage({ payload }: OutboxEvent): AccountMessage {
  const { linkId, ...message } = payload as Omit<AccountMessage, 'id'> & { linkId: string };
  return { id: linkId, ...message };
}

function toChange({ aggregateId, payload, occurredAt }: OutboxEvent): AppointmentChange {
  const { action, version, changed, undone, isTogether, isImported } = payload as Pick<
    AppointmentChange,
    'action' | 'version' | 'changed' | 'undone'
  > &
    Pick<EventDetails, 'isTogether' | 'isImported'>;
  return {
    appointmentId: aggregateId,
    action,
    version,
    occurredAt,
    changed,
    undone,
    hasNoNotice: isTogether ?? isImported,
  };
}
