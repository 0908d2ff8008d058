import { Inject, Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { LOGGER } from '../../core/logging/logger.js';
import { AppointmentFacts } from '../appointments/index.js';
import { DeliveriesRepository, type Delivery, type Ending, type InboxText } from './deliveries.repository.js';
import { FreshFacts } from './fresh-facts.js';
import { Messages } from './messages.js';
import { afterError, NOTHING_NEW, verdictOn } from './verdict.js';

const AT_A_TIME = 10;

/** Puts messages into inboxes: text, mark and event of each in one transaction, so once. */
@Injectable()
export class InboxWriter {
  constructor(
    private readonly db: Database,
    private readonly deliveries: DeliveriesRepository,
    private readonly appointments: AppointmentFacts,
    private readonly messages: Messages,
    private readonly changes: ChangeLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async put(batch: Delivery[]): Promise<void> {
    const facts = new FreshFacts(this.appointments, batch);
    const texts: [Delivery, InboxText][] = [];
    const endings: [Delivery, Ending][] = [];
    for (const [n, delivery] of batch.entries()) {
      // Rendering waits for nothing: without a pause a mail would stand still for a whole batch at every step.
      if (n % AT_A_TIME === AT_A_TIME - 1) await nextTurn();
      const result = await this.textOf(delivery, facts);
      if ('state' in result) endings.push([delivery, result]);
      else texts.push([delivery, result]);
    }
    if (endings.length > 0) await this.deliveries.endAll(endings);
    await this.write(texts);
  }

  private async textOf(delivery: Delivery, facts: FreshFacts): Promise<InboxText | Ending> {
    try {
      const appointment = await facts.of(delivery);
      const verdict = verdictOn(delivery, appointment);
      if (verdict) return verdict;
      if (!(await this.messages.isNews(delivery, appointment))) return NOTHING_NEW;
      return await this.messages.render(delivery, appointment, ({ title, text }) => ({ title, body: text }));
    } catch (error) {
      return this.failed(delivery, error);
    }
  }

  /** All together; where that fails one by one, so that the one at fault takes no others with it. */
  private async write(texts: [Delivery, InboxText][]): Promise<void> {
    try {
      await this.db.transaction(() => this.writeAll(texts));
    } catch (error) {
      const [first] = texts;
      if (texts.length === 1 && first) await this.deliveries.endAll([[first[0], this.failed(first[0], error)]]);
      else for (const text of texts) await this.write([text]);
    }
  }

  private async writeAll(texts: [Delivery, InboxText][]): Promise<void> {
    const written = await this.deliveries.putInInboxes(texts);
    await this.changes.recordAll(
      written.map(({ id, clinicId, userId }) => ({
        action: 'notification.created',
        objectType: 'notification',
        objectId: id,
        clinicId,
        event: { name: 'notification:created', payload: { id, userId } },
      })),
    );
  }

  private failed(delivery: Delivery, error: unknown): Ending {
    this.logger.error({ err: error, notificationId: delivery.id }, 'a message could not be put into an inbox');
    return afterError(delivery, error);
  }
}
