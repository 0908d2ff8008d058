import { Inject, Injectable } from '@nestjs/common';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { isUnavailable } from '../../core/kernel/domain-error.js';
import { LOGGER } from '../../core/logging/logger.js';
import { retryOrFail } from './deliverability.js';
import { DeliveriesRepository, type Delivery, type DeliveryResult } from './deliveries.repository.js';
import { countMessages } from './message-metrics.js';
import type { InboxText } from './notification-texts.js';

/** Meanwhile the lease of the deliveries is renewed. After the last retry it runs out, and they are sent again. */
const RETRIES = { retries: 5, minTimeout: 200, maxTimeout: 1_000 };

type Result = readonly [Delivery, DeliveryResult];
type InboxEntry = readonly [Delivery, InboxText];

/** Saves the results of one batch. */
interface BatchResults {
  add(delivery: Delivery, result: DeliveryResult): void;
  /** Resolves when every result is saved, or was given up after its retries. */
  flush(): Promise<void>;
}

/**
 * Saves the results of deliveries. The first result is written at once; results that arrive during a write are saved together
 * by the next write. So a provider's acceptance is saved soon, and a thousand results need few commits.
 */
@Injectable()
export class DeliveryResultWriter {
  constructor(
    private readonly db: Database,
    private readonly deliveries: DeliveriesRepository,
    private readonly changes: ChangeLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param onSaved called for each delivery whose result was saved, or was given up after its retries */
  forBatch(onSaved: (delivery: Delivery) => void): BatchResults {
    let waiting: Result[] = [];
    let writing: Promise<void> | null = null;
    const writeAll = async (): Promise<void> => {
      while (waiting.length > 0) {
        const results = waiting;
        waiting = [];
        await this.saveWithRetries(results);
        for (const [delivery] of results) onSaved(delivery);
      }
      writing = null;
    };
    return {
      add: (delivery, result) => {
        waiting.push([delivery, result]);
        writing ??= writeAll();
      },
      flush: async () => {
        await writing;
      },
    };
  }

  /** Never throws. If results cannot be saved, the leases of their deliveries run out, and these are sent again. */
  private async saveWithRetries(results: Result[]): Promise<void> {
    try {
      await pRetry(() => this.save(results), RETRIES);
      countMessages(results);
    } catch (error) {
      this.logger.error({ err: error, count: results.length }, 'the results of deliveries could not be saved');
    }
  }

  private async save(results: Result[]): Promise<void> {
    const entries: InboxEntry[] = [];
    const others: Result[] = [];
    for (const [delivery, result] of results) {
      if (result.state === 'SENT' && result.inboxText) entries.push([delivery, result.inboxText]);
      else others.push([delivery, result]);
    }
    if (others.length > 0) await this.deliveries.saveResults(others);
    if (entries.length > 0) await this.saveInboxEntries(entries);
  }

  /** Saves all entries in one transaction. If that fails, saves each one separately, so that only the bad one fails. */
  private async saveInboxEntries(entries: InboxEntry[]): Promise<void> {
    try {
      await this.writeInboxEntries(entries);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      for (const entry of entries) await this.saveInboxEntry(entry);
    }
  }

  private async saveInboxEntry(entry: InboxEntry): Promise<void> {
    const [delivery] = entry;
    try {
      await this.writeInboxEntries([entry]);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      this.logger.error({ err: error, notificationId: delivery.id }, 'a message could not be put into an inbox');
      await this.deliveries.saveResults([[delivery, retryOrFail(delivery.attempts, 'INTERNAL')]]);
    }
  }

  /** Writes text, result and event in one transaction, so that each entry appears once. */
  private writeInboxEntries(entries: InboxEntry[]): Promise<void> {
    return this.db.transaction(async () => {
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
    });
  }
}
