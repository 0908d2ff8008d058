import { Client } from 'pg';
import type { Logger } from 'pino';
import { OutageLog } from '../logging/outage-log.js';

const RECONNECT_MILLISECONDS = 500;
const CONNECT_MILLISECONDS = 4_000;
const CHECK_INTERVAL_MILLISECONDS = 2_000;
const MAX_RESPONSE_MILLISECONDS = 4_000;

export interface PgChannel {
  name: string;
  onMessage: (payload: string) => void | Promise<void>;
  /** Runs after every connect. */
  onConnect: () => Promise<void>;
}

/**
 * Receives notifications of a channel (LISTEN) on its own connection, and reconnects after failures. Notifications can be missed
 * meanwhile: `onConnect` runs after every connect and must read the state from the tables. Every two seconds a query checks
 * the connection: if the network drops all packets, no error is reported, and a broken connection looks like one without messages.
 */
export class PgListener {
  private client: Client | null = null;
  /** The next check of the connection, or the next attempt to connect. */
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly outage: OutageLog;

  constructor(
    private readonly databaseUrl: string,
    private readonly channel: PgChannel,
    logger: Logger,
  ) {
    this.outage = new OutageLog(logger, `the database's channel ${channel.name}`, 'connecting again');
  }

  async start(): Promise<void> {
    const client = new Client({
      connectionString: this.databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MILLISECONDS,
      query_timeout: MAX_RESPONSE_MILLISECONDS,
      application_name: 'careslot-listen',
    });
    client.on('error', (error) => this.reconnect(client, error));
    client.on('end', () => this.reconnect(client));
    client.on('notification', ({ payload }) => void this.handle(client, payload ?? ''));
    this.client = client;
    try {
      await client.connect();
      await this.listen(client);
      await this.channel.onConnect();
      if (this.client === client) this.outage.up();
      this.checkLater(client);
    } catch (error) {
      this.reconnect(client, error);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private async listen(client: Client): Promise<void> {
    await client.query(`LISTEN ${client.escapeIdentifier(this.channel.name)}`);
  }

  private checkLater(client: Client): void {
    if (this.stopped || this.client !== client) return;
    this.timer = setTimeout(() => void this.check(client), CHECK_INTERVAL_MILLISECONDS).unref();
  }

  private async check(client: Client): Promise<void> {
    try {
      // Changes nothing on a connection that listens already.
      await this.listen(client);
      this.checkLater(client);
    } catch (error) {
      this.reconnect(client, error);
    }
  }

  /** If the message cannot be handled, reconnects, so that `onConnect` reads the state again. */
  private async handle(client: Client, payload: string): Promise<void> {
    try {
      await this.channel.onMessage(payload);
    } catch (error) {
      this.reconnect(client, error);
    }
  }

  private reconnect(client: Client, error?: unknown): void {
    if (this.stopped || this.client !== client) return;
    this.client = null;
    this.outage.down(error);
    void client.end().catch(() => undefined);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.start(), RECONNECT_MILLISECONDS);
  }
}
