import { Inject, Injectable } from '@nestjs/common';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { isUnavailable } from '../../core/kernel/domain-error.js';
import { LOGGER } from '../../core/logging/logger.js';
import { retryOrFail } from './deliverability.js';
import { DeliveriesRepository, type Delivery, type DeliveryResult, type InboxText } from './deliveries.repository.js';

/** With the pauses in between, as long as a lease still lasts after the last message of a batch was sent. */
const RETRIES = { retries: 5, minTimeout: 200, maxTimeout: 1_000 };

/** The results of one batch on their way to the database. */
export interface BatchResults {
  add(delivery: Delivery, result: DeliveryResult): void;
  /** Resolves when every result is saved, or given up after its retries. */
  flush(): Promise<void>;
}

type Result = readonly [Delivery, DeliveryResult];
type Entry = readonly [Delivery, InboxText];

/**
 * Saves the results of deliveries: the first at once, and what arrives during a write together in the next one. So a
 * provider's acceptance is saved one round trip later, and a thousand of them cost few commits.
 */
@Injectable()
export class DeliveryResultWriter {
  constructor(
    private readonly db: Database,
    private readonly deliveries: DeliveriesRepository,
    private readonly changes: ChangeLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  forBatch(): BatchResults {
    let waiting: Result[] = [];
    let writing: Promise<void> | null = null;
    const write = async (): Promise<void> => {
      while (waiting.length > 0) {
        const results = waiting;
        waiting = [];
        await this.save(results);
      }
      writing = null;
    };
    return {
      add: (delivery, result) => {
        waiting.push([delivery, result]);
        writing ??= write();
      },
      flush: async () => {
        await writing;
      },
    };
  }

  /** Never throws. The leases of deliveries whose result could not be saved run out, and they are sent again. */
  private async save(results: Result[]): Promise<void> {
    try {
      await pRetry(() => this.saveAll(results), RETRIES);
    } catch (error) {
      this.logger.error({ err: error, count: results.length }, 'the results of deliveries could not be saved');
    }
  }

  private async saveAll(results: Result[]): Promise<void> {
    const inbox: Entry[] = [];
    const others: Result[] = [];
    for (const [delivery, result] of results) {
      if (result.state === 'SENT' && result.inboxText) inbox.push([delivery, result.inboxText]);
      else others.push([delivery, result]);
    }
    if (others.length > 0) await this.deliveries.saveResults(others);
    if (inbox.length > 0) await this.saveInbox(inbox);
  }

  /** All entries together; if one of them fails, each on its own, so that it fails alone. */
  private async saveInbox(entries: Entry[]): Promise<void> {
    try {
      await this.db.transaction(() => this.insertInbox(entries));
    } catch (error) {
      if (isUnavailable(error)) throw error;
      const [first] = entries;
      if (entries.length > 1 || !first) {
        for (const entry of entries) await this.saveInbox([entry]);
        return;
      }
      const [delivery] = first;
      this.logger.error({ err: error, notificationId: delivery.id }, 'a message could not be put into an inbox');
      await this.deliveries.saveResults([[delivery, retryOrFail(delivery.attempts, 'INTERNAL')]]);
    }
  }

  /** Text, result and event in one transaction, so each entry appears once. */
  private async insertInbox(entries: Entry[]): Promise<void> {
    const saved = await this.deliveries.saveInboxTexts(entries);
    await this.changes.recordAll(
      saved.map(({ id, clinicId, userId }) => ({
        action: 'notification.created',
        objectType: 'notification',
        objectId: id,
        clinicId,
        event: { name: 'notification:created', payload: { id, userId } },
      })),
    );
  }
}
