import { Injectable } from '@nestjs/common';
import { Not } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { byCreation, readPage, type Page } from '../../core/http/page.js';
import type { WebhookOutcome } from './webhook-client.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import type { NextStep } from './webhook-schedule.js';
import type { WebhookDeliveriesQuery, WebhookDeliveryView } from './webhooks.dto.js';

/** An active endpoint that events are compared with. */
export interface Subscriber {
  id: string;
  clinicId: string | null;
  events: string[];
}

/** A row to insert: the names are those of the columns. */
export interface NewDelivery {
  id: string;
  endpoint_id: string;
  event_id: string;
  event: string;
  payload: object;
  occurred_at: Date;
}

/** An active endpoint to send to. */
export interface Receiver {
  id: string;
  clinicId: string | null;
  url: string;
  secret: Buffer;
  previousSecret: Buffer | null;
}

/** A delivery that this process has claimed. */
export interface ClaimedDelivery {
  id: string;
  event: string;
  payload: object;
  occurredAt: Date;
  createdAt: Date;
  /** Including the one that begins with this claim. */
  attempts: number;
  earlierAttempts: number;
}

/** Longer than an attempt with the saving of its result. After it, the delivery of a process that died is sent again. */
const LEASE_SECONDS = 30;

const VIEW = `d.id, d.event, d.occurred_at AS "occurredAt", d.created_at AS "createdAt", d.state, d.attempts,
  d.last_attempt_at AS "lastAttemptAt", CASE d.state WHEN 'PENDING' THEN d.next_attempt_at END AS "nextAttemptAt", d.status, d.error,
  d.duration_milliseconds AS "durationMilliseconds"`;

const SORTS = { createdAt: byCreation('d.id') } as const;

/**
 * Hand-written SQL where it is hot (every event and every attempt: inserts, claims and results are one statement each), where times are
 * compared with the database's clock, and where lists continue after a cursor.
 */
@Injectable()
export class WebhookDeliveriesRepository {
  constructor(private readonly db: Database) {}

  /** The active endpoints that get events of these clinics. */
  findSubscribers(clinicIds: readonly string[]): Promise<Subscriber[]> {
    return this.db.rows<Subscriber>(
      `SELECT id, clinic_id AS "clinicId", events FROM webhook_endpoint
       WHERE paused_at IS NULL AND (clinic_id IS NULL OR clinic_id = ANY ($1::uuid[]))`,
      [clinicIds],
    );
  }

  /** Inserts deliveries, except those to an endpoint that was deleted meanwhile or that already has the event. */
  async insert(deliveries: readonly NewDelivery[]): Promise<void> {
    await this.db.rows(INSERT, [JSON.stringify(deliveries), [...new Set(deliveries.map((one) => one.endpoint_id))]]);
  }

  /** The active endpoints with deliveries that are due, or whose lease ran out. */
  async findDueEndpoints(): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT w.id FROM webhook_endpoint w WHERE w.paused_at IS NULL AND EXISTS (
         SELECT FROM webhook_delivery d
         WHERE d.endpoint_id = w.id AND d.state IN ('PENDING', 'SENDING') AND d.next_attempt_at <= now())
       LIMIT 500`,
    );
    return rows.map(({ id }) => id);
  }

  /** The endpoint to send to, with its previous secret while that is valid. @returns null if the endpoint is paused or was deleted */
  findReceiver(id: string): Promise<Receiver | null> {
    return this.db.row<Receiver>(
      `SELECT id, clinic_id AS "clinicId", url, secret,
              CASE WHEN previous_secret_until > now() THEN previous_secret END AS "previousSecret"
       FROM webhook_endpoint WHERE id = $1 AND paused_at IS NULL`,
      [id],
    );
  }

  /** Claims deliveries that are due, the oldest first. No other process gets them before the lease ends. */
  claim(endpointId: string, limit: number): Promise<ClaimedDelivery[]> {
    return this.db.rows<ClaimedDelivery>(CLAIM, [endpointId, limit, LEASE_SECONDS]);
  }

  /** @returns whether the result was saved: false if the endpoint was deleted, or another process has claimed the delivery */
  async saveResult({ id, attempts }: ClaimedDelivery, outcome: WebhookOutcome, next: NextStep): Promise<boolean> {
    const seconds = next.kind === 'RETRY' ? next.afterSeconds : null;
    const state = next.kind === 'RETRY' ? 'PENDING' : next.kind;
    const { status, error, durationMilliseconds } = outcome;
    const row = await this.db.row(SAVE_RESULT, [id, attempts, state, seconds, status, error, durationMilliseconds]);
    return row !== null;
  }

  /** Locks the endpoint against deletion, before any delivery is locked: a deletion locks in the same order. @returns whether it exists */
  async lockEndpoint(endpointId: string): Promise<boolean> {
    const endpoint = await this.db
      .repository(WebhookEndpoint)
      .findOne({ select: { id: true }, where: { id: endpointId }, lock: { mode: 'for_key_share' } });
    return endpoint !== null;
  }

  /** Exact to a minute, so that an endpoint's row is not written with every delivery. */
  async recordSuccess(endpointId: string): Promise<void> {
    await this.db.rows(
      `UPDATE webhook_endpoint SET last_success_at = now()
       WHERE id = $1 AND (last_success_at IS NULL OR last_success_at < now() - interval '1 minute')`,
      [endpointId],
    );
  }

  /** Lets the pending deliveries to an endpoint wait for at least so many seconds. */
  async postpone(endpointId: string, seconds: number): Promise<void> {
    await this.db.rows(
      `UPDATE webhook_delivery SET next_attempt_at = now() + make_interval(secs => $2::float8)
       WHERE endpoint_id = $1 AND state = 'PENDING' AND next_attempt_at < now() + make_interval(secs => $2::float8)`,
      [endpointId, seconds],
    );
  }

  /**
   * Pauses an endpoint.
   * @param unlessSuccessSince not if a delivery succeeded since then; null: in any case
   * @returns whether it was active, and is paused now
   */
  async pause(endpointId: string, reason: 'FAILING' | 'GONE', unlessSuccessSince: Date | null): Promise<boolean> {
    const row = await this.db.row(
      `UPDATE webhook_endpoint SET paused_at = now(), paused_reason = $2, version = version + 1, updated_at = now()
       WHERE id = $1 AND paused_at IS NULL AND ($3::timestamptz IS NULL OR last_success_at IS NULL OR last_success_at < $3::timestamptz)
       RETURNING id`,
      [endpointId, reason, unlessSuccessSince],
    );
    return row !== null;
  }

  /** Deletes deliveries in any state: those to a paused endpoint, too. */
  async deleteOlderThan(days: number): Promise<void> {
    await this.db.rows('DELETE FROM webhook_delivery WHERE created_at < now() - make_interval(days => $1::int)', [
      days,
    ]);
  }

  list(endpointId: string, query: WebhookDeliveriesQuery): Promise<Page<WebhookDeliveryView>> {
    return readPage<WebhookDeliveryView>(this.db, query, {
      ...{ select: VIEW, from: 'webhook_delivery d', columns: SORTS, idColumn: 'd.id' },
      where: (bind) => [
        `d.endpoint_id = ${bind(endpointId)}::uuid`,
        ...(query.state ? [`d.state = ${bind(query.state)}`] : []),
        ...(query.event ? [`d.event = ${bind(query.event)}`] : []),
      ],
    });
  }

  find(endpointId: string, id: string): Promise<WebhookDeliveryView | null> {
    return this.db.row<WebhookDeliveryView>(
      `SELECT ${VIEW} FROM webhook_delivery d WHERE d.endpoint_id = $1 AND d.id = $2`,
      [endpointId, id],
    );
  }

  /** Makes a delivery due now, with all retries. One that is being sent stays as it is. */
  async makeDue(endpointId: string, id: string): Promise<void> {
    await this.db
      .repository(WebhookDelivery)
      .update(
        { endpointId, id, state: Not('SENDING') },
        { state: 'PENDING', nextAttemptAt: () => 'now()', earlierAttempts: () => 'attempts' },
      );
  }
}

const INSERT = `
  WITH endpoint AS MATERIALIZED (SELECT id FROM webhook_endpoint WHERE id = ANY ($2::uuid[]) FOR KEY SHARE)
  INSERT INTO webhook_delivery (id, endpoint_id, event_id, event, payload, occurred_at)
  SELECT d.id, d.endpoint_id, d.event_id, d.event, d.payload, d.occurred_at
  FROM json_populate_recordset(NULL::webhook_delivery, $1::json) d JOIN endpoint ON endpoint.id = d.endpoint_id
  ON CONFLICT (endpoint_id, event_id) DO NOTHING`;

const CLAIM = `
  WITH due AS (
    SELECT id FROM webhook_delivery
    WHERE endpoint_id = $1 AND state IN ('PENDING', 'SENDING') AND next_attempt_at <= now()
    ORDER BY next_attempt_at, id LIMIT $2::int FOR UPDATE SKIP LOCKED
  )
  UPDATE webhook_delivery d SET state = 'SENDING', attempts = attempts + 1, last_attempt_at = now(),
    next_attempt_at = now() + make_interval(secs => $3::int)
  FROM due WHERE d.id = due.id
  RETURNING d.id, d.event, d.payload, d.occurred_at AS "occurredAt", d.created_at AS "createdAt", d.attempts,
    d.earlier_attempts AS "earlierAttempts"`;

const SAVE_RESULT = `
  UPDATE webhook_delivery SET state = $3::text, status = $5::int, error = $6::text, duration_milliseconds = $7::int,
    next_attempt_at = CASE WHEN $4::float8 IS NOT NULL THEN now() + make_interval(secs => $4::float8) END
  WHERE id = $1 AND attempts = $2::int AND state = 'SENDING' RETURNING id`;
