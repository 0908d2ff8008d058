import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { currentContext } from '../context/request-context.js';
import { Database } from '../database/database.js';
import { newId } from '../kernel/id.js';
import { OutboxSignal } from '../outbox/outbox-signal.js';

export interface Change {
  /** Of the audit row, where something else refers to it. */
  id?: string;
  /** What was done, such as `appointment.booked`. */
  action: string;
  objectType: string;
  objectId: string;
  clinicId?: string | null;
  /** The whole record before and after: only hashes of it are kept. */
  before?: object | null;
  after?: object | null;
  /** Fields that may be shown in a history. Never health data or free text. */
  changes?: Record<string, unknown>;
  /** Who did it, where it isn't the one who asks (somebody who just registered). */
  actor?: { userId: string; role: string };
  /** The event for the outbox, ids and scheduling facts only; null where nobody need hear of it. */
  event?: { name: string; payload: object } | null;
}

/** The nil UUID (RFC 9562): the row is of a list, and its members are in `changes`. */
const NO_SINGLE_OBJECT = '00000000-0000-0000-0000-000000000000';

const hash = (record: object | null | undefined): Buffer | null =>
  record ? createHash('sha256').update(JSON.stringify(record)).digest() : null;

/**
 * The trail of every state change: an append-only audit row and an outbox row, in the caller's transaction, so that
 * neither is there without the change nor the change without them.
 */
@Injectable()
export class ChangeLog {
  constructor(
    private readonly db: Database,
    private readonly outbox: OutboxSignal,
  ) {}

  /** Many changes of one kind at once, of which no hashes are kept: what background work did to a whole batch. */
  async recordAll(batch: readonly Omit<Change, 'id' | 'before' | 'after' | 'actor'>[]): Promise<void> {
    if (batch.length === 0) return;
    const { actor, requestId, ip } = currentContext();
    const audited = batch.map((change): AuditRow => ({
      id: newId(),
      actor_user_id: actor?.userId ?? null,
      actor_role: actor?.role ?? null,
      action: change.action,
      object_type: change.objectType,
      object_id: change.objectId,
      clinic_id: change.clinicId ?? null,
      changes: change.changes ?? null,
      request_id: requestId,
      ip,
    }));
    const events = batch.flatMap(({ action, objectId, clinicId = null, event }) => {
      if (event === null) return [];
      const { name, payload } = event ?? { name: action, payload: { id: objectId } };
      return [{ id: newId(), event: name, aggregate_id: objectId, clinic_id: clinicId, payload }];
    });
    this.db.atCommit(AUDIT_ALL, [JSON.stringify(audited)]);
    if (events.length === 0) return;
    this.db.atCommit(PUBLISH_ALL, [JSON.stringify(events)]);
    this.db.afterCommit(() => this.outbox.committed());
  }

  /**
   * One row for a list of personal records that a doctor or the desk read: whose they were. What patients read of
   * themselves leaves none.
   * @param clientIds whose records the page held
   */
  async recordListRead(
    reader: { role: string; clinicIds: readonly string[] },
    objectType: string,
    clientIds: readonly string[],
  ): Promise<void> {
    if (reader.role === 'CLIENT') return;
    const clinicId = reader.clinicIds.length === 1 ? reader.clinicIds[0] : null;
    await this.db.transaction(() =>
      this.record({
        action: `${objectType}.list-read`,
        objectType,
        objectId: NO_SINGLE_OBJECT,
        clinicId,
        changes: { clientIds: [...new Set(clientIds)] },
        event: null,
      }),
    );
  }

  async record(change: Change): Promise<void> {
    const { actor, requestId, ip, transaction } = currentContext();
    if (!transaction) throw new Error(`${change.action} was recorded outside of a transaction`);
    const who = change.actor ?? actor;
    const audited = [
      change.id ?? newId(),
      who?.userId ?? null,
      who?.role ?? null,
      change.action,
      change.objectType,
      change.objectId,
      change.clinicId ?? null,
      hash(change.before),
      hash(change.after),
      change.changes ? JSON.stringify(change.changes) : null,
      requestId,
      ip,
    ];
    this.db.atCommit(AUDIT, audited);
    if (change.event === null) return;
    const { name, payload } = change.event ?? { name: change.action, payload: { id: change.objectId } };
    this.db.atCommit(PUBLISH, [newId(), name, change.objectId, change.clinicId ?? null, JSON.stringify(payload)]);
    this.db.afterCommit(() => this.outbox.committed());
  }
}

/** Made into rows by PostgreSQL; a statement for each row would cost many times as much. */
interface AuditRow {
  id: string;
  actor_user_id: string | null;
  actor_role: string | null;
  action: string;
  object_type: string;
  object_id: string;
  clinic_id: string | null;
  changes: Record<string, unknown> | null;
  request_id: string | null;
  ip: string | null;
}

const AUDIT_ALL = `
  INSERT INTO audit_log (id, actor_user_id, actor_role, action, object_type, object_id, clinic_id, changes, request_id, ip)
  SELECT id, actor_user_id, actor_role, action, object_type, object_id, clinic_id, changes, request_id, ip
  FROM json_populate_recordset(NULL::audit_log, $1::json)`;

const PUBLISH_ALL = `
  INSERT INTO outbox (id, event, aggregate_id, clinic_id, payload)
  SELECT id, event, aggregate_id, clinic_id, payload FROM json_populate_recordset(NULL::outbox, $1::json)`;

const AUDIT = `
  INSERT INTO audit_log (id, actor_user_id, actor_role, action, object_type, object_id, clinic_id, before_hash,
                         after_hash, changes, request_id, ip)
  VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::uuid, $7::uuid, $8::bytea, $9::bytea, $10::jsonb, $11::text, $12::text)`;

const PUBLISH = `
  INSERT INTO outbox (id, event, aggregate_id, clinic_id, payload) VALUES ($1::uuid, $2::text, $3::uuid, $4::uuid, $5::jsonb)`;
