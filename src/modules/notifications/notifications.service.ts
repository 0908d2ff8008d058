import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { Indicators } from '../../core/health/indicators.js';
import type { Page } from '../../core/http/page.js';
import { DomainError, forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import type {
  InboxQuery,
  LogQuery,
  NotificationLogView,
  NotificationView,
  SendNotification,
  SentNotificationsView,
} from './notifications.dto.js';
import { messageGauges } from './message-metrics.js';
import { NotificationPlanner } from './notification-planner.js';
import { NotificationsRepository } from './notifications.repository.js';

/** Every due delivery should be sent within a minute. If one is later, the health check warns the operators. */
const MAX_LAG_SECONDS = 60;

/** The inboxes of users, and the deliveries that the front desk creates, lists and replays. */
@Injectable()
export class NotificationsService implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly notifications: NotificationsRepository,
    private readonly changes: ChangeLog,
    private readonly planner: NotificationPlanner,
    private readonly indicators: Indicators,
  ) {}

  onModuleInit(): void {
    this.indicators.register({ name: 'notifications', read: () => this.health(), gauges: messageGauges });
  }

  inbox(actor: Actor, query: InboxQuery): Promise<Page<NotificationView>> {
    return this.notifications.inbox(actor.userId, query);
  }

  async markRead(actor: Actor, id: string): Promise<NotificationView> {
    const read = await this.notifications.markRead(actor.userId, id);
    if (!read) throw notFound();
    return read;
  }

  /** Audits the read with one row that contains the ids of the patients. */
  async log(actor: Actor, query: LogQuery): Promise<Page<NotificationLogView>> {
    const page = await this.notifications.log(actor, query);
    const userIds = page.items.map(({ userId }) => userId);
    await this.changes.recordListRead(actor, 'notification', await this.notifications.findClientIds(userIds));
    return page;
  }

  /** @throws DomainError VALIDATION_ERROR that lists the clients who are not patients of the clinic. Nothing is sent then. */
  async send(actor: Actor, request: SendNotification): Promise<SentNotificationsView> {
    if (!worksAtFrontDesk(actor, request.clinicId)) throw forbidden('You do not work at this clinic.');
    const clientIds = request.clientIds.map((id) => id.toLowerCase());
    return this.db.transaction(async () => {
      const nonPatients = await this.notifications.findNonPatients(request.clinicId, clientIds);
      if (nonPatients.length > 0) {
        throw invalid(
          ...nonPatients.map((id) => ({
            field: `clientIds[${clientIds.indexOf(id)}]`,
            error: 'is not a client of this clinic',
          })),
        );
      }
      const ids = await this.notifications.insertDeliveries(actor, request);
      await this.changes.record({
        action: 'notification.sent',
        objectType: 'clinic',
        objectId: request.clinicId,
        clinicId: request.clinicId,
        changes: { template: request.template, channels: request.channels, count: ids.length },
        event: null,
      });
      this.db.afterCommit(() => this.planner.enqueueDeliveries());
      return { count: ids.length };
    });
  }

  async replay(actor: Actor, id: string): Promise<NotificationLogView> {
    return this.db.transaction(async () => {
      const found = await this.findLogged(actor, id);
      if (!(await this.notifications.replay(id))) {
        throw new DomainError('INVALID_TRANSITION', 'Only a message that failed can be sent again.', {
          from: found.status,
          allowedFrom: ['FAILED'],
        });
      }
      await this.changes.record({
        action: 'notification.replayed',
        objectType: 'notification',
        objectId: id,
        clinicId: found.clinicId,
        event: null,
      });
      this.db.afterCommit(() => this.planner.enqueueDeliveries());
      return this.findLogged(actor, id);
    });
  }

  private async findLogged(actor: Actor, id: string): Promise<NotificationLogView> {
    const found = await this.notifications.findLogged(actor, id);
    if (!found) throw notFound();
    return found;
  }

  private async health(): Promise<{ healthy: boolean; figures: Record<string, number> }> {
    const { seconds, failed, failedLastHour } = await this.notifications.measureLag();
    return {
      healthy: seconds < MAX_LAG_SECONDS && failedLastHour === 0,
      figures: { lagSeconds: seconds, deadLetters: failed, failedLastHour },
    };
  }
}
