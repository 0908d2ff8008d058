import { Client } from 'pg';
import type { Logger } from 'pino';
import { OutageLog } from '../logging/outage-log.js';

const RECONNECT_MILLISECONDS = 500;
const CONNECT_MILLISECONDS = 4_000;

/**
 * Receives notifications of a channel (LISTEN) on its own connection, and reconnects after failures. Notifications can be missed
 * meanwhile: `onConnect` runs after every connect and must read the state from the tables.
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
    client.on('error', (error) => this.reconnect(client, error));
    client.on('end', () => this.reconnect(client));
    client.on('notification', ({ payload }) => void this.handle(client, payload ?? ''));
    this.client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(this.channel)}`);
      await this.onConnect();
      if (this.client === client) this.outage.up();
    } catch (error) {
      this.reconnect(client, error);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  /** If the message cannot be handled, reconnects, so that `onConnect` reads the state again. */
  private async handle(client: Client, payload: string): Promise<void> {
    try {
      await this.onMessage(payload);
    } catch (error) {
      this.reconnect(client, error);
    }
  }

  private reconnect(client: Client, error?: unknown): void {
    if (this.stopped || this.client !== client) return;
    this.client = null;
    this.outage.down(error);
    void client.end().catch(() => undefined);
    this.timer = setTimeout(() => void this.start(), RECONNECT_MILLISECONDS);
  }
}
