import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { Indicators } from '../../core/health/indicators.js';
import { Jobs } from '../../core/jobs/jobs.js';
import { Zone } from '../../core/kernel/zone.js';
import { LOGGER } from '../../core/logging/logger.js';
import { AppointmentFacts, type FactsOfAppointment } from '../appointments/index.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import { DeliveriesRepository, type Delivery } from './deliveries.repository.js';
import { Messages } from './messages.js';
import { MOST_ATTEMPTS, staleReason, waitsUntil } from './notifications.rules.js';
import { Outlets } from './outlets.js';
import { PlanningRepository } from './planning.repository.js';

/** With the outlets' timeouts a batch ends well within its lease. */
const BATCH = 60;
const AT_ONCE = 20;
const PLANS = 'PLANS';
/** Everything due happens within a minute of its time; past this, ops must look. */
const MOST_LAG_SECONDS = 60;

/** Sends what is due, channel by channel, so that a slow provider holds up nobody else. */
@Injectable()
export class DeliveryService implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly deliveries: DeliveriesRepository,
    private readonly plans: PlanningRepository,
    private readonly appointments: AppointmentFacts,
    private readonly messages: Messages,
    private readonly outlets: Outlets,
    private readonly changes: ChangeLog,
    private readonly jobs: Jobs,
    private readonly indicators: Indicators,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'deliveries',
      due: async () => [...((await this.plans.hasDue()) ? [PLANS] : []), ...(await this.deliveries.dueChannels())],
      run: (id) => (id === PLANS ? this.fanOut() : this.drain(id as ChannelName)),
      concurrency: CHANNELS.length + 1,
    });
    this.indicators.register({ name: 'notifications', read: () => this.health() });
  }

  private async health(): Promise<{ healthy: boolean; figures: Record<string, number> }> {
    const { seconds, failed } = await this.deliveries.lag();
    return { healthy: seconds < MOST_LAG_SECONDS, figures: { lagSeconds: seconds, deadLetters: failed } };
  }

  /** Makes messages of the plans that are due. */
  async fanOut(): Promise<void> {
    while ((await this.plans.fanOut()) > 0) for (const channel of CHANNELS) this.jobs.wake('deliveries', channel);
  }

  /** Sends until nothing of this channel is due. */
  async drain(channel: ChannelName): Promise<void> {
    for (;;) {
      const batch = await this.deliveries.claim(channel, BATCH);
      if (batch.length === 0) return;
      const facts = await this.factsOf(batch);
      const waiting = [...batch];
      const worker = async (): Promise<void> => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await this.settle(next, facts);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    }
  }

  private async factsOf(batch: Delivery[]): Promise<Map<string, FactsOfAppointment>> {
    const ids = [...new Set(batch.map(({ appointmentId }) => appointmentId).filter((id) => id !== null))];
    const facts = ids.length > 0 ? await this.appointments.of(ids) : [];
    return new Map(facts.map((fact) => [fact.id, fact]));
  }

  /** One message that fails in a way nobody foresaw must not take the others with it; its lease brings it back. */
  private async settle(delivery: Delivery, facts: Map<string, FactsOfAppointment>): Promise<void> {
    try {
      await this.deliver(delivery, delivery.appointmentId ? facts.get(delivery.appointmentId) : undefined);
    } catch (error) {
      this.logger.error({ err: error, notificationId: delivery.id }, 'a message could not be handled');
    }
  }

  private async deliver(delivery: Delivery, appointment: FactsOfAppointment | undefined): Promise<void> {
    if (delivery.attempts > MOST_ATTEMPTS) {
      await this.deliveries.end(delivery, { state: 'FAILED', reason: 'TOO_MANY_ATTEMPTS' });
      return;
    }
    const now = delivery.now.getTime();
    const stale = staleReason(delivery, appointment, now);
    if (stale) {
      await this.deliveries.end(delivery, { state: 'SKIPPED', reason: stale });
      return;
    }
    const zone = Zone.of(Zone.isValid(delivery.timeZone) ? delivery.timeZone : 'UTC');
    const visit = appointment?.startAt.getTime() ?? null;
    const until = waitsUntil(delivery.preferences, delivery.channel, zone, now, visit);
    if (until !== null) {
      await this.deliveries.postpone(delivery, until);
      return;
    }
    if (delivery.channel === 'IN_APP') await this.putInInbox(delivery, appointment);
    else await this.deliveries.end(delivery, await this.outlets.send(delivery, appointment));
  }

  private async putInInbox(delivery: Delivery, appointment: FactsOfAppointment | undefined): Promise<void> {
    const { title, text } = await this.messages.render(delivery, appointment);
    await this.db.transaction(async () => {
      if (!(await this.deliveries.putInInbox(delivery, title, text))) return;
      await this.changes.record({
        action: 'notification.created',
        objectType: 'notification',
        objectId: delivery.id,
        clinicId: delivery.clinicId,
        event: { name: 'notification:created', payload: { id: delivery.id, userId: delivery.userId } },
      });
    });
  }
}
