import { Client } from 'pg';
import type { Logger } from 'pino';
import { OutageLog } from '../logging/outage-log.js';

const RECONNECT_MILLISECONDS = 500;
const CONNECT_MILLISECONDS = 4_000;

/**
 * LISTEN on a connection of its own. A notification is a hint: after every (re)connect `onConnect` runs, and has to read
 * from the tables what was missed.
 */
export class PgListener {
  private client: Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private readonly outage: OutageLog;

  constructor(
    private readonly databaseUrl: string,
    private readonly channel: string,
    private readonly onMessage: (payload: string) => void | Promise<void>,
    private readonly onConnect: () => Promise<void>,
    logger: Logger,
  ) {
    this.outage = new OutageLog(logger, `the database's channel ${channel}`, 'connecting again');
  }

  async start(): Promise<void> {
    const client = new Client({
      connectionString: this.databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MILLISECONDS,
      application_name: 'careslot-listen',
    });
    client.on('error', (error) => this.lost(client, error));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ payload }) => void this.hear(client, payload ?? ''));
    this.client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(this.channel)}`);
      await this.onConnect();
      if (this.client === client) this.outage.up();
    } catch (error) {
      this.lost(client, error);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  /** What could not be taken in is read again after the next connect. */
  private async hear(client: Client, payload: string): Promise<void> {
    try {
      await this.onMessage(payload);
    } catch (error) {
      this.lost(client, error);
    }
  }

  private lost(client: Client, error?: unknown): void {
    if (this.stopped || this.client !== client) return;
    this.client = null;
    this.outage.down(error);
    void client.end().catch(() => undefined);
    this.timer = setTimeout(() => void this.start(), RECONNECT_MILLISECONDS);
  }
}
