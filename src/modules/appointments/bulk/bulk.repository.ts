import { Injectable } from '@nestjs/common';
import { v5 } from 'uuid';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { currentContext } from '../../../core/context/request-context.js';
import { Database } from '../../../core/database/database.js';
import type { PendingAnswer } from '../../../core/context/pending-answer.js';
import { inProgress, reused } from '../../../core/http/idempotency-keys.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { toIso } from '../../../core/kernel/clock.js';
import { newId } from '../../../core/kernel/id.js';
import type { AppointmentView } from '../appointments.dto.js';
import { requestVisitsMessage } from '../visits-message.js';
import { BulkChangeVisit } from './bulk-change-visit.entity.js';
import { BulkChange } from './bulk-change.entity.js';
import type { BulkAction } from './bulk.dto.js';

/** An appointment to change. */
export interface BulkVisit {
  id: string;
  clientId: string;
  clinicId: string;
  startAt: Date;
  doctorId: string;
}

/** An appointment of a group session. */
export interface SessionSeat extends BulkVisit {
  endAt: Date;
  serviceId: string;
}

/** The UUIDv5 namespace of the ids of bulk changes with an Idempotency-Key. */
const BULK_NAMESPACE = '0b1c2a52-2d0f-5a8e-8a57-6f5c1d9e4b31';
/** Longer than Idempotency-Keys are kept and messages wait. */
const KEEP_DAYS = 14;

const VISIT = `a.id, a.client_id AS "clientId", a.clinic_id AS "clinicId", a.start_at AS "startAt",
  a.doctor_id AS "doctorId"`;
const IS_OPEN = `a.status IN ('PENDING', 'CONFIRMED')`;
/** `$1`: the clinics of the actor; null for all. */
const IS_AT_CLINIC = `($1::uuid[] IS NULL OR a.clinic_id = ANY ($1::uuid[]))`;

/** Finds the appointments of bulk changes, and stores which of them were changed. SQL: conditions of the actor's clinics, and ON CONFLICT. */
@Injectable()
export class BulkRepository {
  constructor(
    private readonly db: Database,
    private readonly changes: ChangeLog,
  ) {}

  findVisits(actor: Actor, ids: readonly string[]): Promise<BulkVisit[]> {
    return this.db.rows(`SELECT ${VISIT} FROM appointment a WHERE ${IS_AT_CLINIC} AND a.id = ANY ($2::uuid[])`, [
      getClinicIds(actor),
      ids,
    ]);
  }

  /** The visits of a group session that are not cancelled or over. */
  findSession(actor: Actor, groupId: string): Promise<SessionSeat[]> {
    return this.db.rows(
      `SELECT ${VISIT}, a.end_at AS "endAt", a.service_id AS "serviceId"
       FROM appointment a
       WHERE ${IS_AT_CLINIC} AND a.group_id = $2 AND a.status NOT IN ('CANCELLED', 'NO_SHOW', 'COMPLETED')
       ORDER BY a.id`,
      [getClinicIds(actor), groupId],
    );
  }

  /** The doctor's visits that start in the range and still have to take place: those that are not over, and patients who wait. */
  findDoctorVisits(
    doctorId: string,
    { start, end }: { start: number; end: number },
    now: number,
  ): Promise<BulkVisit[]> {
    return this.db.rows(
      `SELECT ${VISIT} FROM appointment a
       WHERE a.doctor_id = $1 AND a.start_at >= $2::timestamptz AND a.start_at < $3::timestamptz AND ${IS_OPEN}
         AND (a.end_at > $4::timestamptz OR a.checked_in_at IS NOT NULL)
       ORDER BY a.start_at, a.id`,
      [doctorId, toIso(start), toIso(end), toIso(now)],
    );
  }

  /** The time zone of a doctor's clinic; null if there is no such doctor at one of the actor's clinics. */
  async findDoctorZone(actor: Actor, doctorId: string): Promise<string | null> {
    // The alias `a` of doctors is that of IS_AT_CLINIC.
    const row = await this.db.row<{ timeZone: string }>(
      `SELECT k.time_zone AS "timeZone" FROM doctor a JOIN clinic k ON k.id = a.clinic_id
       WHERE ${IS_AT_CLINIC} AND a.id = $2`,
      [getClinicIds(actor), doctorId],
    );
    return row?.timeZone ?? null;
  }

  async getTimeZone(clinicId: string): Promise<string> {
    const row = await this.db.row<{ zone: string }>('SELECT time_zone AS zone FROM clinic WHERE id = $1', [clinicId]);
    return row?.zone ?? 'UTC';
  }

  /**
   * Starts a bulk change. With the Idempotency-Key of an earlier attempt, returns the id of that one.
   * @throws DomainError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS also if the answer is stored: it is then returned instead
   */
  async begin(): Promise<string> {
    const use = currentContext().pendingAnswer;
    if (use && (await this.isAnswered(use))) throw inProgress();
    await this.db.rows(`DELETE FROM bulk_change WHERE created_at < now() - make_interval(days => ${KEEP_DAYS})`);
    const id = use ? v5(`${use.caller} ${use.route} ${use.key}`, BULK_NAMESPACE) : newId();
    const created = await this.db.row(
      'INSERT INTO bulk_change (id, request_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id',
      [id, use?.requestHash ?? null],
    );
    if (created || !use) return id;
    const earlier = await this.db.repository(BulkChange).findOneByOrFail({ id });
    if (!earlier.requestHash || !use.isSameRequest(earlier.requestHash)) throw reused();
    return id;
  }

  /** Locks a bulk change until the transaction ends. */
  async lock(bulkId: string): Promise<void> {
    await this.db.rows('SELECT FROM bulk_change WHERE id = $1 FOR UPDATE', [bulkId]);
  }

  private async isAnswered({ caller, route, key }: PendingAnswer): Promise<boolean> {
    const text = 'SELECT 1 AS one FROM idempotency_key WHERE caller = $1::uuid AND route = $2 AND key = $3';
    return (await this.db.row(text, [caller, route, key])) !== null;
  }

  /** Those that the bulk change has already changed, in an earlier attempt. */
  findDone(bulkId: string): Promise<BulkChangeVisit[]> {
    return this.db
      .repository(BulkChangeVisit)
      .find({ where: { bulkId }, order: { startAt: 'ASC', appointmentId: 'ASC' } });
  }

  findDoneVisit(bulkId: string, appointmentId: string): Promise<BulkChangeVisit | null> {
    return this.db.repository(BulkChangeVisit).findOneBy({ bulkId, appointmentId });
  }

  async insertDone(visit: BulkChangeVisit): Promise<void> {
    await this.db.repository(BulkChangeVisit).insert(visit);
  }

  /** Asks for one message to the patient of these appointments. */
  requestMessage(action: BulkAction, changed: readonly AppointmentView[]): Promise<void> {
    return requestVisitsMessage(this.changes, action === 'CANCEL' ? 'cancelled' : 'rescheduled', changed);
  }
}

const getClinicIds = ({ role, clinicIds }: Actor): readonly string[] | null => (role === 'ADMIN' ? null : clinicIds);
