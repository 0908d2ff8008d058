import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { currentContext } from '../context/request-context.js';
import { Database } from '../database/database.js';
import { newId } from '../kernel/id.js';
import { OutboxSignal } from './outbox-signal.js';

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
  /** The event for the outbox: ids and facts, texts only encrypted; null if nobody needs to be informed. */
  event?: { name: string; payload: object } | null;
}

/** The nil UUID (RFC 9562): the row is of a list, and its members are in `changes`. */
const NO_SINGLE_OBJECT = '00000000-0000-0000-0000-000000000000';

/** A row of `audit_log` by its column names, as JSON gives it to PostgreSQL. */
export interface AuditRow {
  id: string;
  actor_user_id: string | null;
  actor_role: string | null;
  action: string;
  object_type: string;
  object_id: string;
  clinic_id: string | null;
  /** bytea in PostgreSQL's hex form: `\x` and two digits per byte. */
  before_hash: string | null;
  after_hash: string | null;
  changes: Record<string, unknown> | null;
  request_id: string | null;
  ip: string | null;
}

/** A row of `outbox` by its column names. */
export interface EventRow {
  id: string;
  event: string;
  aggregate_id: string;
  clinic_id: string | null;
  payload: object;
}

/**
 * The trail of every state change: an append-only audit row and an outbox row, in the caller's transaction, so that
 * neither is there without the change nor the change without them.
 */
@Injectable()
export class ChangeLog {
  private readonly listeners = new Map<string, (() => void)[]>();

  constructor(
    private readonly db: Database,
    private readonly outbox: OutboxSignal,
  ) {}

  /** Runs in this process, at once after the commit of each recorded change of such an object. */
  onCommitted(objectType: string, listener: () => void): void {
    this.listeners.set(objectType, [...(this.listeners.get(objectType) ?? []), listener]);
  }

  /** @throws Error outside of a transaction */
  async record(change: Change): Promise<void> {
    await this.recordAll([change]);
  }

  /** Many changes in one statement. @throws Error outside of a transaction */
  async recordAll(changes: readonly Change[]): Promise<void> {
    const [first] = changes;
    if (!first) return;
    if (!currentContext().transaction) throw new Error(`${first.action} was recorded outside of a transaction`);
    const rows = changes.map((change) => this.toRows(change));
    const events = rows.flatMap(({ event }) => event ?? []);
    await this.db.rows(RECORD, [JSON.stringify(rows.map(({ audit }) => audit)), JSON.stringify(events)]);
    if (events.length > 0) this.committed();
    for (const type of new Set(changes.map(({ objectType }) => objectType))) this.announceAtCommit(type);
  }

  /** An access that changed nothing, such as the reading of a list: an audit row, with or without a transaction. */
  async recordAccess(access: Omit<Change, 'before' | 'after' | 'event'>): Promise<void> {
    const { audit } = this.toRows({ ...access, event: null });
    await this.db.rows(RECORD, [JSON.stringify([audit]), '[]']);
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
    await this.recordAccess({
      action: `${objectType}.list-read`,
      objectType,
      objectId: NO_SINGLE_OBJECT,
      clinicId,
      changes: { clientIds: [...new Set(clientIds)] },
    });
  }

  /**
   * Both rows of a change, of the caller of this request, not written: for a statement that writes them together with the
   * change itself. Call `committed` after it if there is an event.
   */
  toRows(change: Change): { audit: AuditRow; event: EventRow | null } {
    const { actor, requestId, ip } = currentContext();
    const { action, objectType, objectId, clinicId = null, changes = null } = change;
    const who = change.actor ?? actor;
    const audit: AuditRow = {
      id: change.id ?? newId(),
      actor_user_id: who?.userId ?? null,
      actor_role: who?.role ?? null,
      action,
      object_type: objectType,
      object_id: objectId,
      clinic_id: clinicId,
      before_hash: hash(change.before),
      after_hash: hash(change.after),
      changes,
      request_id: requestId,
      ip,
    };
    if (change.event === null) return { audit, event: null };
    const { name, payload } = change.event ?? { name: action, payload: { id: objectId } };
    return { audit, event: { id: newId(), event: name, aggregate_id: objectId, clinic_id: clinicId, payload } };
  }

  /** Wakes the relay once the outbox row that a statement has written is committed. */
  committed(): void {
    this.db.afterCommit(() => this.outbox.committed());
  }

  private announceAtCommit(objectType: string): void {
    for (const listener of this.listeners.get(objectType) ?? []) this.db.afterCommit(listener);
  }
}

const hash = (record: object | null | undefined): string | null =>
  record ? `\\x${createHash('sha256').update(JSON.stringify(record)).digest('hex')}` : null;

// JSON, so that one text serves one change and many; PostgreSQL makes the rows of it.
const RECORD = `
  WITH audited AS (
    INSERT INTO audit_log (id, actor_user_id, actor_role, action, object_type, object_id, clinic_id, before_hash,
                           after_hash, changes, request_id, ip)
    SELECT id, actor_user_id, actor_role, action, object_type, object_id, clinic_id, before_hash, after_hash, changes,
           request_id, ip
    FROM json_populate_recordset(NULL::audit_log, $1::json))
  INSERT INTO outbox (id, event, aggregate_id, clinic_id, payload)
  SELECT id, event, aggregate_id, clinic_id, payload FROM json_populate_recordset(NULL::outbox, $2::json)`;
