import { Injectable } from '@nestjs/common';
import { OUTBOX_COLUMNS, type OutboxRow } from './outbox.repository.js';
import { RelayDatabase } from './relay-database.js';

/** How long a process may take to emit a handled batch before another process emits it again. */
const LEASE_SECONDS = 5;

export interface HandledRow {
  sequence: string;
  position: number;
  messageCount: number;
  rooms: string[];
}

const DUE = `o.published_at IS NULL AND o.parked_at IS NULL AND o.due_at <= clock_timestamp()`;

// Two subqueries, each in the order of an index: a single one would sort the whole backlog for every batch.
const PENDING = `
  SELECT ${OUTBOX_COLUMNS} FROM outbox o
  WHERE ${DUE} AND o.sequence = ANY (ARRAY(
    (SELECT o.sequence FROM outbox o WHERE ${DUE} AND o.position IS NOT NULL ORDER BY o.position LIMIT $1::int)
    UNION ALL
    (SELECT o.sequence FROM outbox o WHERE ${DUE} AND o.position IS NULL AND NOT EXISTS (
       SELECT FROM outbox e WHERE e.aggregate_id = o.aggregate_id AND e.sequence < o.sequence
         AND e.published_at IS NULL AND e.parked_at IS NULL AND e.attempts > 0 AND e.due_at > clock_timestamp())
     ORDER BY o.sequence LIMIT $1::int)
  ))
  ORDER BY o.position NULLS LAST, o.sequence LIMIT $1::int FOR UPDATE OF o SKIP LOCKED`;

/**
 * SQL: until the transaction ends, PostgreSQL prefers the order of an index to a sort. `findDue` stops at its limit only if it merges the
 * partitions in the order of their indexes, and for empty partitions, which are free to scan, the planner would rather sort a backlog
 * that it believes to be small.
 */
const PREFER_INDEX_ORDER = `set_config('enable_sort', 'off', true)`;

/** The relay's statements, on its own connection. */
@Injectable()
export class RelayRepository {
  constructor(private readonly db: RelayDatabase) {}

  /** Notifies other processes that there are rows. */
  async notify(channel: string): Promise<void> {
    await this.db.rows(`SELECT pg_notify($1, '')`, [channel]);
  }

  async hasDue(): Promise<boolean> {
    const row = await this.db.row(`SELECT 1 AS one FROM outbox o WHERE ${DUE} LIMIT 1`);
    return row !== null;
  }

  /**
   * Acquires the lease until the transaction ends; `markHandled` extends it. Only one process publishes at a time. The same statement
   * marks delivered rows and prepares the transaction for `findDue`, to save round trips.
   * @param delivered rows that this process has emitted to sockets; they are marked as published
   * @returns the last assigned position; null while another process holds the lease
   */
  async acquireLease(holder: string, delivered: string[]): Promise<number | null> {
    const row = await this.db.row<{ position: number }>(
      `WITH done AS (UPDATE outbox SET published_at = clock_timestamp() WHERE sequence = ANY ($2::bigint[]))
       SELECT position::float8 AS position, ${PREFER_INDEX_ORDER} FROM outbox_relay
       WHERE leased_until IS NULL OR leased_until < clock_timestamp() OR holder = $1::uuid FOR UPDATE SKIP LOCKED`,
      [holder, delivered],
    );
    return row?.position ?? null;
  }

  /** Due rows: first those that were handled but not published; none whose aggregate has an earlier row that waits for a retry. */
  findDue(limit: number): Promise<OutboxRow[]> {
    return this.db.rows<OutboxRow>(PENDING, [limit]);
  }

  /** Stores the positions of rows whose effects are done, so that `sync` finds them. Extends the lease until they are published. */
  async markHandled(holder: string, rows: HandledRow[], position: number): Promise<void> {
    await this.db.rows(
      `WITH handled AS (
         UPDATE outbox o SET position = h.position, message_count = h."messageCount", rooms = h.rooms, last_error = NULL
         FROM json_to_recordset($3::json) AS h (sequence bigint, position bigint, "messageCount" int, rooms text[])
         WHERE o.sequence = h.sequence
       )
       UPDATE outbox_relay SET position = $2::bigint, holder = $1::uuid,
         leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})`,
      [holder, position, JSON.stringify(rows)],
    );
  }

  /** Marks rows as published and releases the lease. */
  async markPublished(holder: string, sequences: string[]): Promise<void> {
    await this.db.rows(
      `WITH done AS (UPDATE outbox SET published_at = clock_timestamp() WHERE sequence = ANY ($2::bigint[]))
       UPDATE outbox_relay SET leased_until = NULL WHERE holder = $1::uuid`,
      [holder, sequences],
    );
  }

  /** Records a failed attempt. @returns whether it was the last one and the row is parked */
  async markFailed(sequence: string, retryInSeconds: number, error: string, maxAttempts: number): Promise<boolean> {
    const row = await this.db.row<{ parked: boolean }>(
      `UPDATE outbox SET attempts = attempts + 1, due_at = clock_timestamp() + make_interval(secs => $2::float8),
         last_error = $3, parked_at = CASE WHEN attempts + 1 >= $4::int THEN clock_timestamp() END
       WHERE sequence = $1::bigint RETURNING parked_at IS NOT NULL AS parked`,
      [sequence, retryInSeconds, error, maxAttempts],
    );
    return row?.parked ?? false;
  }

  /** Stores the error of a batch in all of its rows, as it is unknown which of them caused it. */
  async storeBatchError(sequences: string[], error: string): Promise<void> {
    await this.db.rows(`UPDATE outbox SET last_error = $2 WHERE sequence = ANY ($1::bigint[])`, [sequences, error]);
  }
}
