import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Client } from 'pg';
import { Config } from '../config/config.js';

const POLL_MILLISECONDS = 250;
/** The maximum time that a process may lag behind a change of another process. */
const LEASE_MILLISECONDS = 1_000;
const QUERY_TIMEOUT_MILLISECONDS = 900;
const MAX_SCOPES = 10_000;

/** The last known revision when a read started: what is read afterwards includes all changes up to it. */
export interface ReadPoint {
  /** Identifies a database and its server start; revisions of different epochs cannot be compared. */
  epoch: string;
  revision: number;
}

/** The scope that changes with every other scope. */
export const EVERYTHING = '';

/** Newest first. */
type Changes = [scope: string, revision: number][];

interface ChangesRow {
  epoch: string;
  changes: Changes;
}

const isComplete = (changes: Changes): boolean => changes.length < MAX_SCOPES;

const CHANGES = `
  SELECT epoch, coalesce((
    SELECT json_agg(json_build_array(c.scope, c.revision)) FROM (
      SELECT scope, revision FROM cache_revision WHERE revision > CASE WHEN epoch = $1::text THEN $2::bigint ELSE 0 END
      ORDER BY revision DESC LIMIT ${MAX_SCOPES}) c), '[]') AS changes
  FROM (SELECT oid || '/' || extract(epoch FROM pg_postmaster_start_time()) AS epoch
        FROM pg_database WHERE datname = current_database()) d`;

/**
 * Knows the revisions of the cached tables. Polls the table `cache_revision` four times a second on its own connection, so a
 * busy pool does not disable the cache. Each poll allows the use of cached values until one second after its start, so a value
 * is never more than a second old, whatever fails. Hand-written SQL: it is polled on a connection without TypeORM.
 */
@Injectable()
export class CacheRevisions implements OnModuleDestroy {
  private known: ReadPoint = { epoch: '', revision: 0 };
  /** The revision of the last change of each scope. */
  private readonly changed = new Map<string, number>();
  /** Scopes that are not in `changed` have not changed after this revision. */
  private oldest = 0;
  private leaseEndsAt = 0;
  private suspensions = 0;
  private client: Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isPolling = false;
  private pollAgain = false;
  private stopped = false;

  constructor(private readonly config: Config) {}

  /** Call it before a read whose result will be cached. */
  get readPoint(): ReadPoint {
    return this.known;
  }

  /** Whether cached values may be used now. The first call starts polling, so a process without a cache does not poll. */
  get isLive(): boolean {
    if (!this.timer && !this.stopped) this.start();
    return performance.now() < this.leaseEndsAt;
  }

  /** Whether the scope has not changed since the read point. Valid only while `isLive`. */
  isCurrent(scope: string, { epoch, revision }: ReadPoint): boolean {
    return revision >= (this.changed.get(scope) ?? this.oldest) && epoch === this.known.epoch;
  }

  /** Disables the cache until the next poll. Call it after this process committed a change. */
  suspend(): void {
    this.suspensions += 1;
    this.leaseEndsAt = 0;
    if (this.timer) void this.poll();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    this.disconnect();
  }

  private start(): void {
    this.timer = setInterval(() => void this.poll(), POLL_MILLISECONDS).unref();
    void this.poll();
  }

  private async poll(): Promise<void> {
    if (this.isPolling) {
      this.pollAgain = true;
      return;
    }
    this.isPolling = true;
    do {
      this.pollAgain = false;
      await this.pollOnce();
    } while (this.pollAgain && !this.stopped);
    this.isPolling = false;
  }

  /** If the database does not answer, the lease expires. The outage is logged elsewhere. */
  private async pollOnce(): Promise<void> {
    const startedAt = performance.now();
    const { suspensions } = this;
    try {
      this.client ??= await this.connect();
      const { epoch, revision } = this.known;
      const { rows } = await this.client.query<ChangesRow>({
        name: 'changes',
        text: CHANGES,
        values: [epoch, revision],
      });
      for (const row of rows) this.apply(row);
      if (suspensions === this.suspensions) this.leaseEndsAt = startedAt + LEASE_MILLISECONDS;
    } catch {
      this.disconnect();
    }
  }

  private apply({ epoch, changes }: ChangesRow): void {
    if (epoch !== this.known.epoch) this.restart(epoch, changes);
    else this.advance(changes);
  }

  private restart(epoch: string, changes: Changes): void {
    this.changed.clear();
    // A complete list has every scope that has ever changed.
    this.oldest = isComplete(changes) ? 0 : (changes.at(-1)?.[1] ?? 0);
    this.known = { epoch, revision: this.add(changes) ?? 0 };
  }

  private advance(changes: Changes): void {
    const { epoch, revision } = this.known;
    if (!isComplete(changes) || this.changed.size > MAX_SCOPES) {
      this.changed.clear();
      // Scopes that are not in the list may have changed too, but not after its oldest change.
      this.oldest = changes.at(-1)?.[1] ?? revision;
    }
    const newest = this.add(changes);
    if (newest !== undefined && newest > revision) this.known = { epoch, revision: newest };
  }

  /** @returns the newest revision; undefined if nothing has changed */
  private add(changes: Changes): number | undefined {
    for (const [scope, revision] of changes) this.changed.set(scope, revision);
    return changes[0]?.[1];
  }

  private async connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.config.DATABASE_URL,
      keepAlive: true,
      connectionTimeoutMillis: QUERY_TIMEOUT_MILLISECONDS,
      query_timeout: QUERY_TIMEOUT_MILLISECONDS,
      application_name: 'careslot-cache',
    });
    client.on('error', () => undefined);
    await client.connect();
    if (this.stopped) await client.end();
    return client;
  }

  private disconnect(): void {
    this.client?.end().catch(() => undefined);
    this.client = null;
  }
}
