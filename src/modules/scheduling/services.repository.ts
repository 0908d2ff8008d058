import { Injectable } from '@nestjs/common';
import { In, IsNull, Not } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { byCreation, readPage, type Page, type BindValue } from '../../core/http/page.js';
import { lockSchedule } from '../clinics/index.js';
import { ServiceDoctor } from './service-doctor.entity.js';
import type { BookingPolicy } from './service-policy.js';
import { ServicePrice } from './service-price.entity.js';
import { Service } from './service.entity.js';
import type { ServicesQuery, ServiceView } from './services.dto.js';

const NOT_OVERRIDDEN: { [Name in keyof BookingPolicy]: null } = {
  slotStepMinutes: null,
  minimumNoticeMinutes: null,
  horizonDays: null,
  cancellationCutoffMinutes: null,
  holdMinutes: null,
  requiresConfirmation: null,
  requiresDeposit: null,
  depositPercent: null,
  taxBasisPoints: null,
  refundPercentBeforeCutoff: null,
  refundPercentAfterCutoff: null,
  maxUpcomingPerClient: null,
  maxPerDayPerClient: null,
  noShowLimit: null,
  deskMinimumNoticeMinutes: null,
  deskHorizonDays: null,
};

const SERVICE_COLUMNS = `
  s.id, s.clinic_id AS "clinicId", s.name, s.description, s.duration_minutes AS "durationMinutes",
  s.buffer_before_minutes AS "bufferBeforeMinutes", s.buffer_after_minutes AS "bufferAfterMinutes",
  json_build_object('amount', s.price_minor, 'currency', s.currency) AS price, s.mode, s.capacity,
  ARRAY(SELECT sd.doctor_id FROM service_doctor sd JOIN doctor d ON d.id = sd.doctor_id
        WHERE sd.service_id = s.id AND d.deleted_at IS NULL ORDER BY sd.doctor_id) AS "doctorIds",
  s.required_resource_kinds AS "requiredResourceKinds", s.is_default AS "isDefault", s.is_active AS "isActive",
  s.requires_referral AS "requiresReferral", s.review_after_months AS "reviewAfterMonths",
  s.review_service_id AS "reviewServiceId",
  '${JSON.stringify(NOT_OVERRIDDEN)}'::jsonb || s.policy AS policy, s.version`;

const SORTS = { createdAt: byCreation('s.id'), name: { column: 's.name', type: 'text' } } as const;

/**
 * Reads are hand-written SQL: views contain the ids of the doctors, lists continue after a cursor, and appointments and doctors
 * belong to other features.
 */
@Injectable()
export class ServicesRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<ServiceView | null> {
    return this.db.row<ServiceView>(
      `SELECT ${SERVICE_COLUMNS} FROM service s WHERE s.id = $1 AND s.deleted_at IS NULL`,
      [id],
    );
  }

  /**
   * The service of each doctor to book if none is chosen: first those marked as default, then those for one patient before group
   * sessions, then the shortest.
   */
  findDefaults(doctorIds: readonly string[]): Promise<{ doctorId: string; serviceId: string }[]> {
    return this.db.rows(
      `SELECT DISTINCT ON (sd.doctor_id) sd.doctor_id AS "doctorId", s.id AS "serviceId"
       FROM service_doctor sd JOIN service s ON s.id = sd.service_id
       WHERE sd.doctor_id = ANY ($1::uuid[]) AND s.is_active AND s.deleted_at IS NULL
       ORDER BY sd.doctor_id, s.is_default DESC, s.capacity > 1, s.duration_minutes, s.id`,
      [doctorIds],
    );
  }

  async lock(id: string): Promise<Service | null> {
    await lockSchedule(this.db, 'service', id);
    return this.db.repository(Service).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async insert(service: Partial<Service> & { id: string }): Promise<void> {
    await this.db.repository(Service).insert(service);
  }

  async save(service: Service): Promise<void> {
    const { id, ...columns } = service;
    await this.db.repository(Service).update({ id }, columns);
  }

  /**
   * Replaces the doctors. SQL for the insertion: one statement checks the doctors, locks them against deletion and inserts.
   * @returns whether all of them are doctors of the clinic
   */
  async setDoctors(serviceId: string, clinicId: string, doctorIds: string[]): Promise<boolean> {
    await this.db.repository(ServiceDoctor).delete({ serviceId, doctorId: Not(In(doctorIds)) });
    const rows = await this.db.rows(
      `INSERT INTO service_doctor (service_id, doctor_id)
       SELECT $1, d.id FROM doctor d WHERE d.id = ANY ($2::uuid[]) AND d.clinic_id = $3 AND d.deleted_at IS NULL
       ORDER BY d.id FOR KEY SHARE
       ON CONFLICT (service_id, doctor_id) DO UPDATE SET doctor_id = excluded.doctor_id RETURNING doctor_id`,
      [serviceId, doctorIds, clinicId],
    );
    return rows.length === doctorIds.length;
  }

  /** Whether it has prices by doctor or visit. */
  hasPrices(serviceId: string): Promise<boolean> {
    return this.db.repository(ServicePrice).existsBy({ serviceId });
  }

  async belongsToClinic(id: string, clinicId: string): Promise<boolean> {
    return this.db.repository(Service).existsBy({ id, clinicId, deletedAt: IsNull() });
  }

  /** Whether appointments end after the instant, or holds expire. The condition on `start_at` uses the index: a visit is shorter than a day. */
  async isBookedAfter(serviceId: string, instant: Date): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM appointment
       WHERE service_id = $1 AND start_at > $2::timestamptz - interval '1 day' AND end_at > $2::timestamptz
         AND status IN ('PENDING', 'CONFIRMED', 'IN_PROGRESS')
       UNION ALL SELECT 1 FROM hold WHERE service_id = $1 AND expires_at > $2::timestamptz LIMIT 1`,
      [serviceId, instant.toISOString()],
    );
    return row !== null;
  }

  /** @param managedClinicIds the clinics whose inactive services may be seen; null for all */
  list(query: ServicesQuery, managedClinicIds: readonly string[] | null): Promise<Page<ServiceView>> {
    return readPage<ServiceView>(this.db, query, {
      select: SERVICE_COLUMNS,
      from: 'service s',
      columns: SORTS,
      idColumn: 's.id',
      where: (bind) => toConditions(query, managedClinicIds, bind),
    });
  }
}

function toConditions(query: ServicesQuery, managedClinicIds: readonly string[] | null, bind: BindValue): string[] {
  const where = ['s.deleted_at IS NULL', query.isActive ? 's.is_active' : 'NOT s.is_active'];
  if (!query.isActive && managedClinicIds) where.push(`s.clinic_id = ANY (${bind(managedClinicIds)}::uuid[])`);
  if (query.clinicId) where.push(`s.clinic_id = ${bind(query.clinicId)}::uuid`);
  if (query.mode) where.push(`s.mode = ${bind(query.mode)}`);
  if (query.q) where.push(`strpos(search_fold(s.name), search_fold(${bind(query.q)})) > 0`);
  if (query.doctorId) {
    where.push(
      `EXISTS (SELECT FROM service_doctor x WHERE x.service_id = s.id AND x.doctor_id = ${bind(query.doctorId)}::uuid)`,
    );
  }
  return where;
}
