import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { encryptedField } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { byCreation, keyset, limitClause, toPage, type Page, type BindValue } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { toIso } from '../../core/kernel/clock.js';
import { mayBookFor } from '../clients/index.js';
import { Referral } from './referral.entity.js';
import type { ReferralsQuery, ReferralView } from './referrals.dto.js';

export const REFERRAL_REASON = encryptedField('referral', 'reason', { id: 'uuid' });

/** @property reviewedId the completed visit that made it, if it is a review */
export type NewReferral = ReferralView & { createdBy: string; remindOn: string | null; reviewedId?: string };

type Row = Omit<ReferralView, 'reason'> & { reason: Buffer | null };

const SORTS = { createdAt: byCreation('r.id') } as const;

const COLUMNS = `
  r.id, r.clinic_id AS "clinicId", r.client_id AS "clientId", r.service_id AS "serviceId", r.doctor_id AS "doctorId",
  r.valid_from::text AS "validFrom", r.valid_to::text AS "validTo", r.reason, r.appointment_id AS "appointmentId",
  r.created_at AS "createdAt"`;

/** SQL: whether the referral `r` with its clinic `k` can still be used. */
const canBeUsed = (now: string): string => `(
  r.appointment_id IS NULL AND r.valid_to >= (${now}::timestamptz AT TIME ZONE k.time_zone)::date
  AND NOT EXISTS (SELECT FROM hold h WHERE h.referral_id = r.id AND h.expires_at > ${now}::timestamptz))`;

/** SQL: whether a doctor treats the patient. */
const isTreatedBy = (clientId: string, doctorId: string): string =>
  `EXISTS (SELECT FROM appointment a WHERE a.client_id = ${clientId} AND a.doctor_id = ${doctorId}::uuid AND a.status <> 'CANCELLED')`;

/**
 * SQL: the referrals that the actor may see. Patients see their own, doctors at their clinics those that they made, that are for them, and
 * those of their patients; the front desk those of its clinics.
 */
function visibleTo({ role, userId, clientId, doctorId, clinicIds }: Actor, bind: BindValue): string {
  if (role === 'ADMIN') return 'true';
  if (role === 'CLIENT') return `r.client_id = ${bind(clientId)}::uuid`;
  const isAtClinic = `r.clinic_id = ANY (${bind(clinicIds)}::uuid[])`;
  if (role !== 'DOCTOR') return isAtClinic;
  const own = bind(doctorId);
  return `${isAtClinic} AND (r.created_by = ${bind(userId)}::uuid OR r.doctor_id = ${own}::uuid
          OR ${isTreatedBy('r.client_id', own)})`;
}

/** Reads and writes referrals. Hand-written SQL for the reads: they depend on holds, clinics and visits, which are other features'. */
@Injectable()
export class ReferralsRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
  ) {}

  async insert({ reason, ...row }: NewReferral): Promise<void> {
    const encrypted = this.encryption.encryptText(REFERRAL_REASON, reason, row.id);
    await this.db.repository(Referral).insert({ ...row, reason: encrypted });
  }

  async delete(id: string): Promise<void> {
    await this.db.repository(Referral).delete({ id });
  }

  /** Locks a referral that the actor may see until the transaction ends. */
  async lockVisible(actor: Actor, id: string): Promise<ReferralView | null> {
    const values: unknown[] = [id];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const row = await this.db.row<Row>(
      `SELECT ${COLUMNS} FROM referral r WHERE r.id = $1 AND ${visibleTo(actor, bind)} FOR UPDATE`,
      values,
    );
    return row && this.decrypt(row);
  }

  /** Locks the referral that a completed visit made, until the transaction ends. */
  async lockReview(appointmentId: string): Promise<ReferralView | null> {
    const row = await this.db.row<Row>(`SELECT ${COLUMNS} FROM referral r WHERE r.reviewed_id = $1 FOR UPDATE`, [
      appointmentId,
    ]);
    return row && this.decrypt(row);
  }

  /** Whether an unexpired hold keeps the referral. */
  async isHeld(id: string, now: number): Promise<boolean> {
    const row = await this.db.row(`SELECT 1 AS one FROM hold WHERE referral_id = $1 AND expires_at > $2`, [
      id,
      toIso(now),
    ]);
    return row !== null;
  }

  /** Whether the actor may refer the patient: doctors their own patients, the front desk those for whom it may book. */
  async mayRefer({ role, userId, doctorId, clinicIds }: Actor, clientId: string): Promise<boolean> {
    const row = await this.db.row<{ may: boolean }>(MAY_REFER, [clientId, role, clinicIds, userId, doctorId]);
    return row?.may ?? false;
  }

  /** The start of a visit of the patient at the clinic, in epoch milliseconds. */
  async findVisit(id: string, clientId: string, clinicId: string): Promise<number | null> {
    const row = await this.db.row<{ startAt: Date }>(
      `SELECT start_at AS "startAt" FROM appointment WHERE id = $1 AND client_id = $2 AND clinic_id = $3`,
      [id, clientId, clinicId],
    );
    return row?.startAt.getTime() ?? null;
  }

  async list(actor: Actor, query: ReferralsQuery, now: number): Promise<Page<ReferralView>> {
    const page = keyset({ sort: '-createdAt', columns: SORTS, idColumn: 'r.id', cursor: query.cursor });
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions = [visibleTo(actor, bind)];
    if (query.clientId) conditions.push(`r.client_id = ${bind(query.clientId)}::uuid`);
    if (query.serviceId) conditions.push(`r.service_id = ${bind(query.serviceId)}::uuid`);
    if (query.clinicId) conditions.push(`r.clinic_id = ${bind(query.clinicId)}::uuid`);
    if (query.unused !== undefined) {
      conditions.push(`${query.unused ? '' : 'NOT '}${canBeUsed(bind(toIso(now)))}`);
    }
    const from = `referral r JOIN clinic k ON k.id = r.clinic_id WHERE ${conditions.join(' AND ')}`;
    const counted = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<Row>(
      `SELECT ${COLUMNS} FROM ${from} ${after} ${page.orderBy} ${limitClause(query.limit, bind)}`,
      values,
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM ${from}`, counted)
      : null;
    return toPage(rows, query.limit, page, total?.n).map((row) => this.decrypt(row));
  }

  private decrypt(row: Row): ReferralView {
    return { ...row, reason: this.encryption.readText(REFERRAL_REASON, row.reason, row.id) };
  }
}

const MAY_REFER = `
  SELECT CASE b.booker_role
    WHEN 'DOCTOR' THEN ${isTreatedBy('b.client_id', '$5')} AND EXISTS (
      SELECT FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
      WHERE c.id = b.client_id AND c.merged_into_id IS NULL)
    ELSE ${mayBookFor('b')} END AS may
  FROM (SELECT $1::uuid AS client_id, $2::text AS booker_role, $3::uuid[] AS booker_clinic_ids, $4::uuid AS booker_id) b`;
