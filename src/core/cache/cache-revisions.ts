import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Client } from 'pg';
import { Config } from '../config/config.js';

const LOOK_EACH_MILLISECONDS = 250;
/** The most that a process may be behind a change that another one committed. */
const LEASE_MILLISECONDS = 1_000;
const ANSWER_MILLISECONDS = 900;
const MAX_SCOPES = 10_000;

/** All changes that are known at one moment: what is read after it includes them. */
export interface ReadPoint {
  /** Tells one start of one database from another: revisions of two of them can't be compared. */
  epoch: string;
  revision: number;
}

/** The scope that changes with every other. */
export const EVERYTHING = '';

interface Look {
  epoch: string;
  /** Newest first. */
  changes: [scope: string, revision: number][];
}

const CHANGES = `
  SELECT epoch, coalesce((
    SELECT json_agg(json_build_array(c.scope, c.revision)) FROM (
      SELECT scope, revision FROM cache_revision WHERE revision > CASE WHEN epoch = $1::text THEN $2::bigint ELSE 0 END
      ORDER BY revision DESC LIMIT ${MAX_SCOPES}) c), '[]') AS changes
  FROM (SELECT oid || '/' || extract(epoch FROM pg_postmaster_start_time()) AS epoch
        FROM pg_database WHERE datname = current_database()) d`;

/**
 * What has changed in the cached tables, as far as this process knows. It looks at table `cache_revision` four times a second, on
 * a connection of its own: a pool that is busy must not turn the cache off. A look permits the use of cached values for
 * a second from its start. So no value is ever used that is more than a second behind, whatever fails.
 */
@Injectable()
export class CacheRevisions implements OnModuleDestroy {
  private known: ReadPoint = { epoch: '', revision: 0 };
  /** The revision of the last change of each scope. */
  private readonly changed = new Map<string, number>();
  /** No scope that is missing in `changed` has changed after this revision. */
  private oldest = 0;
  private leaseEndsAt = 0;
  private suspensions = 0;
  private client: Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isLooking = false;
  private again = false;
  private stopped = false;

  constructor(private readonly config: Config) {}

  /** Call before a read whose result is to be cached. */
  get readPoint(): ReadPoint {
    return this.known;
  }

  /** Whether cached values may be used now. The first call starts the looks: a process that caches nothing has none. */
  get isLive(): boolean {
    if (!this.timer && !this.stopped) this.start();
    return performance.now() < this.leaseEndsAt;
  }

  /** Whether the scope has not changed after a point; only while `isLive`. */
  isCurrent(scope: string, { epoch, revision }: ReadPoint): boolean {
    return revision >= (this.changed.get(scope) ?? this.oldest) && epoch === this.known.epoch;
  }

  /** This process has committed a change: nothing cached is used before the next look has found it. */
  suspend(): void {
    this.suspensions += 1;
    this.leaseEndsAt = 0;
    if (this.timer) void this.look();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    this.disconnect();
  }

  private start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EACH_MILLISECONDS).unref();
    void this.look();
  }

  private async look(): Promise<void> {
    this.again = this.isLooking;
    if (this.isLooking) return;
    this.isLooking = true;
    do {
      this.again = false;
      await this.lookOnce();
    } while (this.again && !this.stopped);
    this.isLooking = false;
  }

  /** While the database does not answer, the lease runs out. Others log the outage. */
  private async lookOnce(): Promise<void> {
    const startedAt = performance.now();
    const { suspensions } = this;
    try {
      this.client ??= await this.connect();
      const { epoch, revision } = this.known;
      const { rows } = await this.client.query<Look>({ name: 'changes', text: CHANGES, values: [epoch, revision] });
      for (const row of rows) this.apply(row);
      if (suspensions === this.suspensions) this.leaseEndsAt = startedAt + LEASE_MILLISECONDS;
    } catch {
      this.disconnect();
    }
  }

  private apply({ epoch, changes }: Look): void {
    const isOther = epoch !== this.known.epoch;
    if (isOther || changes.length === MAX_SCOPES || this.changed.size > MAX_SCOPES) {
      this.changed.clear();
      this.oldest = isOther && changes.length < MAX_SCOPES ? 0 : (changes.at(-1)?.[1] ?? this.known.revision);
    }
    for (const [scope, revision] of changes) this.changed.set(scope, revision);
    const newest = changes[0]?.[1] ?? (isOther ? 0 : this.known.revision);
    if (isOther || newest > this.known.revision) this.known = { epoch, revision: newest };
  }

  private async connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.config.DATABASE_URL,
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MILLISECONDS,
      query_timeout: ANSWER_MILLISECONDS,
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
