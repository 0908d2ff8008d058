import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { currentContext } from '../context/request-context.js';
import { Database } from '../database/database.js';
import { newId } from '../kernel/id.js';
import { OutboxSignal } from '../outbox/outbox-signal.js';

export interface Change {
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

  async record(change: Change): Promise<void> {
    const { actor, requestId, transaction } = currentContext();
    if (!transaction) throw new Error(`${change.action} was recorded outside of a transaction`);
    const who = change.actor ?? actor;
    const audited = [
      newId(),
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
    ];
    this.db.atCommit(AUDIT, audited);
    if (change.event === null) return;
    const { name, payload } = change.event ?? { name: change.action, payload: { id: change.objectId } };
    this.db.atCommit(PUBLISH, [newId(), name, change.objectId, change.clinicId ?? null, JSON.stringify(payload)]);
    this.db.afterCommit(() => this.outbox.committed());
  }
}

const AUDIT = `
  INSERT INTO audit_log (id, actor_user_id, actor_role, action, object_type, object_id, clinic_id, before_hash,
                         after_hash, changes, request_id)
  VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::uuid, $7::uuid, $8::bytea, $9::bytea, $10::jsonb, $11::text)`;

const PUBLISH = `
  INSERT INTO outbox (id, event, aggregate_id, clinic_id, payload) VALUES ($1::uuid, $2::text, $3::uuid, $4::uuid, $5::jsonb)`;
