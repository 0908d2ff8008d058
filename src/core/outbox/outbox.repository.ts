import { Injectable } from '@nestjs/common';
import { IsNull, Not } from 'typeorm';
import { Database } from '../database/database.js';
import { OutboxEntry } from './outbox-entry.entity.js';
import type { OutboxEvent } from './outbox-event.js';
import { PAYLOAD_COLUMNS } from '../changes/event-traces.js';
import type { ParkedEventView } from './outbox.dto.js';

const KEEP_HOURS = 48;

export interface OutboxRow extends OutboxEvent {
  /** The order of insertion, not of commit. Not the API's `sequence`, which is the position. */
  sequence: string;
  attempts: number;
  /** The trace of the request that caused the event. */
  traceparent: string | null;
  /** The error of the last attempt. */
  lastError: string | null;
  /** The position of its last message; null until its effects are done. */
  position: number | null;
  messageCount: number;
}

export interface Backlog {
  /** Age of the oldest row that is not published and not parked. */
  lagSeconds: number;
  unpublished: number;
  parked: number;
}

export const OUTBOX_COLUMNS = `
  o.sequence::text AS sequence, o.id, o.event AS name, o.aggregate_id AS "aggregateId", o.clinic_id AS "clinicId", ${PAYLOAD_COLUMNS},
  o.occurred_at AS "occurredAt", o.attempts, o.last_error AS "lastError", o.position::float8 AS position, o.message_count AS "messageCount"`;

const PARKED_FIELDS = {
  sequence: true,
  id: true,
  event: true,
  aggregateId: true,
  clinicId: true,
  attempts: true,
  lastError: true,
  occurredAt: true,
  parkedAt: true,
} as const;

/**
 * Reads and writes the outbox, except for the relay's statements (relay.repository.ts). Hand-written SQL where one statement counts or
 * deletes and returns the result by the database's clock, and where sockets read missed events (hot after a reconnect of many).
 */
@Injectable()
export class OutboxRepository {
  constructor(private readonly db: Database) {}

  async backlog(): Promise<Backlog> {
    const row = await this.db.row<Backlog>(
      `SELECT coalesce(extract(epoch FROM clock_timestamp() - min(occurred_at)), 0)::float8 AS "lagSeconds",
              count(*)::int AS unpublished,
              (SELECT count(*)::int FROM outbox WHERE parked_at IS NOT NULL) AS parked
       FROM outbox WHERE published_at IS NULL AND parked_at IS NULL`,
    );
    return row ?? { lagSeconds: 0, unpublished: 0, parked: 0 };
  }

  async parked(): Promise<ParkedEventView[]> {
    const entries = await this.entries.find({
      select: PARKED_FIELDS,
      where: { parkedAt: Not(IsNull()) },
      order: { sequence: 'ASC' },
      take: 100,
    });
    return entries.map(({ sequence: _, ...entry }) => entry as ParkedEventView);
  }

  async replay(id: string): Promise<boolean> {
    const { affected } = await this.entries.update(
      { id, parkedAt: Not(IsNull()) },
      { parkedAt: null, attempts: 0, dueAt: () => 'now()' },
    );
    return affected === 1;
  }

  /** The last assigned position, and the last position of a deleted row. */
  async positions(): Promise<{ position: number; sweptPosition: number }> {
    const row = await this.db.row<{ position: number; sweptPosition: number }>(
      `SELECT position::float8 AS position, swept_position::float8 AS "sweptPosition" FROM outbox_relay`,
    );
    return row ?? { position: 0, sweptPosition: 0 };
  }

  /** The next rows after a position that were sent to one of the rooms, among the next `maxRead` rows. */
  findForRooms(position: number, rooms: string[], maxRead: number, limit: number): Promise<OutboxRow[]> {
    return this.db.rows<OutboxRow>(
      `SELECT * FROM (
         SELECT ${OUTBOX_COLUMNS}, o.rooms FROM outbox o WHERE o.position > $1::bigint ORDER BY o.position LIMIT $3
       ) o WHERE o.rooms && $2::text[] ORDER BY o.position LIMIT $4`,
      [position, rooms, maxRead, limit],
    );
  }

  /** The next rows after a position, in order. */
  findAfter(position: number, limit: number): Promise<OutboxRow[]> {
    return this.db.rows<OutboxRow>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox o WHERE o.position > $1::bigint ORDER BY o.position LIMIT $2`,
      [position, limit],
    );
  }

  /** Deletes rows that were published more than 48 hours ago, and stores the last deleted position. @returns their number */
  async sweep(limit: number): Promise<number> {
    const row = await this.db.row<{ count: number }>(
      `WITH gone AS (
         DELETE FROM outbox WHERE sequence IN (
           SELECT sequence FROM outbox WHERE published_at < now() - interval '${KEEP_HOURS} hours'
           ORDER BY published_at LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING position
       ), noted AS (
         UPDATE outbox_relay SET swept_position = greatest(swept_position, (SELECT max(position) FROM gone))
       ) SELECT count(*)::int AS count FROM gone`,
      [limit],
    );
    return row?.count ?? 0;
  }

  private get entries() {
    return this.db.repository(OutboxEntry);
  }
}
