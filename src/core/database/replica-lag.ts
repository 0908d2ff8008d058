import { Client } from 'pg';
import { Gauge } from 'prom-client';
import type { Logger } from 'pino';
import { OutageLog } from '../logging/outage-log.js';
import { registry } from '../metrics/registry.js';

const CHECK_MILLISECONDS = 1_000;
const ANSWER_MILLISECONDS = 1_000;

/** A position of the write-ahead log, in bytes, that the primary had at a time or later. */
interface Position {
  at: number;
  bytes: number;
}

/** Returns no row on a server that is not a replica. */
const REPLAYED = `SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::float8 AS bytes WHERE pg_is_in_recovery()`;

/** What a standby receives: only what is on the primary's disk. */
export const WRITTEN = `SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::float8 AS bytes`;

const checked = new Set<ReplicaLag>();

new Gauge({
  name: 'careslot_db_replica_lag_seconds',
  help: 'Age of what the read replica is known to have, up to a second more than its real lag. Absent before its first read',
  aggregator: 'max',
  registers: [registry],
  collect() {
    this.reset();
    for (const lag of checked) this.set(lag.seconds);
  },
});

/**
 * Measures each second how old the data of a replica is, by positions of the write-ahead log: the replica has everything of the time at
 * which the primary had the position that the replica has replayed. Clocks are not compared, and a primary without writes causes no lag,
 * as they would with pg_last_xact_replay_timestamp().
 */
export class ReplicaLag {
  /** The replica has everything that was committed before this time of `performance.now()`. */
  private currentAt = -Infinity;
  /** Positions that the replica has not replayed yet, ascending. */
  private pending: Position[] = [];
  private client: Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isChecking = false;
  private isStopped = false;
  private readonly outage: OutageLog;

  /** @param readWritten the position of the primary's log on the disk */
  constructor(
    private readonly replicaUrl: string,
    private readonly maxSeconds: number,
    private readonly readWritten: () => Promise<number>,
    logger: Logger,
  ) {
    this.outage = new OutageLog(logger, 'the read replica', 'its reads go to the primary');
  }

  /** Each check adds a position. */
  private get maxPending(): number {
    return (this.maxSeconds * 1_000) / CHECK_MILLISECONDS + 1;
  }

  /** Infinity if it is unknown. */
  get seconds(): number {
    return (performance.now() - this.currentAt) / 1_000;
  }

  /** Whether it may be read now. The first call starts the checks, so a process that never reads a replica does not check it. */
  get isCurrent(): boolean {
    if (!this.timer && !this.isStopped) this.start();
    return this.seconds <= this.maxSeconds;
  }

  /** After a failed read: until the next check, reads go to the primary. */
  reportFailedRead(error: unknown): void {
    this.currentAt = -Infinity;
    this.outage.down(error);
  }

  stop(): void {
    this.isStopped = true;
    checked.delete(this);
    if (this.timer) clearInterval(this.timer);
    this.disconnect();
  }

  private start(): void {
    checked.add(this);
    this.timer = setInterval(() => void this.check(), CHECK_MILLISECONDS).unref();
    void this.check();
  }

  private async check(): Promise<void> {
    if (this.isChecking) return;
    this.isChecking = true;
    try {
      await this.measure();
      if (this.seconds <= this.maxSeconds) this.outage.up();
      // Directly after the start, the lag is not known yet.
      else if (this.pending.length > 1) this.outage.down(new Error('it is too far behind the primary'));
    } catch (error) {
      this.outage.down(error);
      this.disconnect();
    } finally {
      this.isChecking = false;
    }
  }

  /**
   * Reads both positions, and sets the time up to which the replica has everything.
   * @throws Error if a server does not answer, or if the server is not a replica of this primary
   */
  private async measure(): Promise<void> {
    const replayed = await this.readReplayed();
    const at = performance.now();
    const written = await this.readWritten();
    // The replica's position was read first, so it cannot be ahead. After a promotion, a server that follows the old primary can be.
    if (replayed === undefined || replayed > written) {
      this.pending = [];
      this.currentAt = -Infinity;
      throw new Error('the server is not a replica of this primary');
    }
    this.pending.push({ at, bytes: written });
    while (this.pending[0] && this.pending[0].bytes <= replayed) this.currentAt = this.pending.shift()?.at ?? -Infinity;
    // When the replica reaches the oldest of too many positions, it is too old all the same.
    if (this.pending.length > this.maxPending) this.pending.shift();
  }

  private async readReplayed(): Promise<number | undefined> {
    this.client ??= await this.connect();
    const { rows } = await this.client.query<{ bytes: number }>({ name: 'replayed', text: REPLAYED });
    return rows[0]?.bytes;
  }

  private async connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.replicaUrl,
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MILLISECONDS,
      query_timeout: ANSWER_MILLISECONDS,
      application_name: 'careslot-lag',
    });
    client.on('error', () => undefined);
    await client.connect();
    if (this.isStopped) await client.end();
    return client;
  }

  private disconnect(): void {
    void this.client?.end().catch(() => undefined);
    this.client = null;
  }
}
