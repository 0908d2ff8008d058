import pRetry from 'p-retry';
import type { Logger } from 'pino';
import type { DeliveriesRepository, Delivery, Ending } from './deliveries.repository.js';

/** With the pauses in between, as long as a lease has left when the last message of a batch has gone. */
const RETRIES = { retries: 5, minTimeout: 200, maxTimeout: 1_000 };

/**
 * Writes down what became of messages: at once, and what comes while it writes all together after that, so that a
 * provider's acceptance is known as soon as one round trip later and a thousand of them cost few commits.
 */
export class Marks {
  private waiting: [Delivery, Ending][] = [];
  private writing: Promise<void> | null = null;

  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly logger: Logger,
  ) {}

  add(delivery: Delivery, ending: Ending): void {
    this.waiting.push([delivery, ending]);
    this.writing ??= this.write();
  }

  async written(): Promise<void> {
    await this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const now = this.waiting;
      this.waiting = [];
      await pRetry(() => this.deliveries.endAll(now), RETRIES).catch((error: unknown) =>
        // Their leases run out, and they come again.
        this.logger.error({ err: error, count: now.length }, 'what became of messages could not be written'),
      );
    }
    this.writing = null;
  }
}
