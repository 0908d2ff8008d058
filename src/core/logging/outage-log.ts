import type { Logger } from 'pino';

/** Logs the start and the end of an outage once each, with its duration. */
export class OutageLog {
  private downSince: number | null = null;

  /**
   * @param subject what is unavailable, such as `redis`
   * @param consequence what happens during the outage, such as `jobs are read from the database`
   */
  constructor(
    private readonly logger: Logger,
    private readonly subject: string,
    private readonly consequence: string,
  ) {}

  get isDown(): boolean {
    return this.downSince !== null;
  }

  down(error?: unknown): void {
    if (this.downSince !== null) return;
    this.downSince = performance.now();
    // Without the stack: the message is enough to find the cause.
    const reason = error instanceof Error ? error.message : undefined;
    this.logger.warn({ reason }, `${this.subject} is unavailable: ${this.consequence}`);
  }

  up(): void {
    if (this.downSince === null) return;
    const seconds = Math.round((performance.now() - this.downSince) / 100) / 10;
    this.downSince = null;
    this.logger.info({ seconds }, `${this.subject} is available again`);
  }
}
