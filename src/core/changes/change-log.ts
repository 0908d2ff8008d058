import { Inject, Injectable } from '@nestjs/common';
import { currentContext } from '../context/request-context.js';
import { Database } from '../database/database.js';
import { getAccountId } from '../kernel/actor.js';
import { newId, NIL_ID } from '../kernel/id.js';
import type { Change } from './change.js';
import { INSERT_AUDIT, INSERT_AUDIT_AND_EVENTS, type AuditRow, type EventRow } from './change-rows.js';
import { withTraceparent } from './event-traces.js';
import { OutboxSignal } from './outbox-signal.js';
import { PatientClinics, type PatientOfClinic } from './patient-clinics.js';
import { RecordHash } from './record-hash.js';
import { assertVersion, type VersionedUpdate } from './versioned-update.js';

/** An access without a change. */
type Access = Omit<Change, 'before' | 'after' | 'event'>;

interface Reader {
  role: string;
  clinicIds: readonly string[];
}

/** The clinic of an access, so that its managers see it: the only clinic of the caller; null if the caller has several or none. */
export const onlyClinic = ({ clinicIds }: Pick<Reader, 'clinicIds'>): string | null =>
  clinicIds.length === 1 ? (clinicIds[0] ?? null) : null;

/** Stands in audit rows for the role of an API key. The row also names the key and the account that made it. */
const API_KEY_ROLE = 'API_KEY';

/** A record of a patient that was read. */
export interface ReadRecord {
  objectType: string;
  objectId: string;
  /** The clinic of the record. Default: each of the reader's clinics that has the patient. */
  clinicId?: string | null;
  clientId: string;
}

/**
 * Records every change: an append-only audit row and an outbox row, in the transaction of the change, so that all of them are
 * committed or none.
 */
@Injectable()
export class ChangeLog {
  private readonly listeners = new Map<string, (() => void)[]>();

  constructor(
    private readonly db: Database,
    private readonly outbox: OutboxSignal,
    @Inject(RecordHash) private readonly hashes: Pick<RecordHash, 'compute'>,
    private readonly patients: PatientClinics,
  ) {}

  /** For programs that record only counts: nothing is hashed, so they need no key. */
  static withoutHashes(db: Database): ChangeLog {
    return new ChangeLog(db, new OutboxSignal(), { compute: () => Promise.resolve(null) }, new PatientClinics());
  }

  /** Calls the listener in this process directly after each commit of a recorded change of this object type. */
  onCommitted(objectType: string, listener: () => void): void {
    this.listeners.set(objectType, [...(this.listeners.get(objectType) ?? []), listener]);
  }

  /** @throws Error outside a transaction */
  async record(change: Change): Promise<void> {
    await this.recordAll([change]);
  }

  /** Records many changes with one statement. @throws Error outside a transaction */
  async recordAll(changes: readonly Change[]): Promise<void> {
    const [first] = changes;
    if (!first) return;
    if (!currentContext().transaction) throw new Error(`${first.action} was recorded outside a transaction`);
    const rows = await Promise.all(changes.map((change) => this.toRows(change)));
    const events = rows.flatMap(({ event }) => event ?? []);
    await this.db.rows(INSERT_AUDIT_AND_EVENTS, [
      JSON.stringify(rows.map(({ audit }) => audit)),
      JSON.stringify(events),
    ]);
    if (events.length > 0) this.wakeRelay();
    for (const type of new Set(changes.map(({ objectType }) => objectType))) this.notifyAtCommit(type);
  }

  /**
   * Updates a record in one transaction: lock, check the version, change, save, and record the change, by default as `<objectType>.updated`.
   * @returns the record after the change
   * @throws DomainError VERSION_MISMATCH, and what `lock` and `change` throw
   */
  async versionedUpdate<Row, View extends object, Before extends { version: number }, Result = void>(
    update: VersionedUpdate<Row, View, Before, Result>,
  ): Promise<View> {
    const { objectType, id: objectId } = update;
    return this.db.transaction(async () => {
      const { row, before } = await update.lock();
      assertVersion(update.version, before);
      const result = await update.change(row, before);
      const after = await update.read();
      if (result === null) return after;
      const details = update.details?.(before, after, result);
      await this.record({ action: `${objectType}.updated`, objectType, objectId, before, after, ...details });
      return after;
    });
  }

  /** Records an access without a change, such as a read list, as an audit row. Needs no transaction. */
  async recordAccess(access: Access): Promise<void> {
    await this.recordAccesses([access]);
  }

  /** Records many accesses with one statement. Needs no transaction. */
  async recordAccesses(accesses: readonly Access[]): Promise<void> {
    const rows = await Promise.all(accesses.map((access) => this.toRows({ ...access, event: null })));
    if (rows.length > 0) await this.db.rows(INSERT_AUDIT, [JSON.stringify(rows.map(({ audit }) => audit))]);
  }

  /**
   * Records that a doctor or the front desk read one record: for its clinic, or else for each of the reader's clinics that has the
   * patient. Patients' reads of their own records are not recorded.
   */
  async recordRead(reader: Reader, record: ReadRecord): Promise<void> {
    if (reader.role === 'CLIENT') return;
    const { objectType, objectId, clientId, clinicId } = record;
    const clinics =
      clinicId === undefined ? [...(await this.groupByClinic(reader, [clientId], undefined)).keys()] : [clinicId];
    const access = { action: `${objectType}.read`, objectType, objectId, changes: { clientIds: [clientId] } };
    await this.recordAccesses(clinics.map((id) => ({ ...access, clinicId: id })));
  }

  /**
   * Records which patients' records a doctor or the front desk listed: a row for each clinic with its patients, so that the managers of
   * each see it. Patients' reads of their own records are not recorded.
   * @param clientIds the patients on the page
   * @param recordClinics the patients and clinics of the listed records, if records have a clinic. Default: those of the reader's clinics that
   *   have the patients
   */
  async recordListRead(
    reader: Reader,
    objectType: string,
    clientIds: readonly string[],
    recordClinics?: readonly PatientOfClinic[],
  ): Promise<void> {
    if (reader.role === 'CLIENT') return;
    const groups = await this.groupByClinic(reader, [...new Set(clientIds)], recordClinics);
    // A list has no id; its members are in `changes`.
    const access = { action: `${objectType}.list-read`, objectType, objectId: NIL_ID };
    await this.recordAccesses(
      [...groups].map(([clinicId, ids]) => ({ ...access, clinicId, changes: { clientIds: ids } })),
    );
  }

  /**
   * The read patients by clinic, to name the clinics whose managers see the read.
   * - With `recordClinics`: by these.
   * - For a reader with one clinic or none: all under that clinic, or null.
   * - For a reader with several clinics: by those that have the patient. An ADMIN works at all clinics.
   *
   * Patients without a clinic are under null.
   */
  async groupByClinic(
    reader: Reader,
    clientIds: readonly string[],
    recordClinics?: readonly PatientOfClinic[],
  ): Promise<Map<string | null, string[]>> {
    if (clientIds.length === 0) return new Map([[onlyClinic(reader), []]]);
    const isEverywhere = reader.role === 'ADMIN';
    if (!recordClinics && !isEverywhere && reader.clinicIds.length <= 1)
      return new Map([[onlyClinic(reader), [...clientIds]]]);
    const found = recordClinics ?? (await this.patients.find(clientIds, isEverywhere ? null : reader.clinicIds));
    const groups = new Map<string | null, string[]>();
    const add = (clinicId: string | null, clientId: string): void => {
      const ids = groups.get(clinicId) ?? [];
      if (!ids.includes(clientId)) groups.set(clinicId, [...ids, clientId]);
    };
    for (const { clinicId, clientId } of found) add(clinicId, clientId);
    const placed = new Set(found.map(({ clientId }) => clientId));
    for (const clientId of clientIds) if (!placed.has(clientId)) add(null, clientId);
    return groups;
  }

  /**
   * Returns the audit row and the outbox row of a change without writing them, for a statement that writes them together with
   * the change. Call `wakeRelay` after that statement if there is an event.
   */
  async toRows(change: Change): Promise<{ audit: AuditRow; event: EventRow | null }> {
    const { actor, requestId, ip, device } = currentContext();
    const { action, objectType, objectId, clinicId = null, changes = null } = change;
    const changedBy = change.actor ?? actor;
    const audit: AuditRow = {
      id: change.id ?? newId(),
      actor_user_id: changedBy?.userId ? getAccountId({ ...changedBy, userId: changedBy.userId }) : null,
      actor_role: changedBy?.apiKey ? API_KEY_ROLE : (changedBy?.role ?? null),
      action,
      object_type: objectType,
      object_id: objectId,
      clinic_id: clinicId,
      before_hash: await this.hashes.compute(change.before),
      after_hash: await this.hashes.compute(change.after),
      changes,
      request_id: requestId,
      ip,
      device,
      api_key_id: changedBy?.apiKey ? changedBy.userId : null,
    };
    if (change.event === null) return { audit, event: null };
    const { name, payload } = change.event ?? { name: action, payload: { id: objectId } };
    const event = { id: newId(), event: name, aggregate_id: objectId, clinic_id: clinicId };
    return { audit, event: { ...event, payload: withTraceparent(payload) } };
  }

  /** Writes an outbox row in the current transaction, for what changes no record, such as a request for a message. */
  async publish(event: Omit<EventRow, 'id'>): Promise<void> {
    const row = { id: newId(), ...event, payload: withTraceparent(event.payload) };
    await this.db.rows(INSERT_AUDIT_AND_EVENTS, ['[]', JSON.stringify([row])]);
    this.wakeRelay();
  }

  /** Wakes the relay after the commit of the current transaction; without a transaction, now. Call it after inserting an outbox row. */
  wakeRelay(): void {
    this.db.afterCommit(() => this.outbox.committed());
  }

  private notifyAtCommit(objectType: string): void {
    for (const listener of this.listeners.get(objectType) ?? []) this.db.afterCommit(listener);
  }
}
