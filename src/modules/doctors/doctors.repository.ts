import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Config } from '../../core/config/config.js';
import { registerConstraintErrors } from '../../core/database/constraint-errors.js';
import { Database } from '../../core/database/database.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { prefixQuery } from '../../core/database/full-text.js';
import { byCreation, readPage, type Page, type BindValue } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { lockSchedule } from '../clinics/index.js';
import { DOCTOR_VIDEO_URL } from './doctor-video-url.js';
import { Doctor } from './doctor.entity.js';
import type { DoctorsQuery, DoctorView } from './doctors.dto.js';

registerConstraintErrors({
  doctor_user_id_key: () => new DomainError('ALREADY_EXISTS', 'This user is a doctor already.'),
});

const SORTS = {
  createdAt: byCreation('d.id'),
  lastName: { column: 'd.last_name', type: 'text' },
} as const;

/**
 * Reads are hand-written SQL because lists are hot. Arrays are returned as JSON: the driver parses PostgreSQL's array format one
 * character at a time, which took a quarter of the time of a list. The tables `resource` and `service_doctor` belong to the
 * feature scheduling and are also written with SQL.
 */
@Injectable()
export class DoctorsRepository {
  private readonly columns: string;
  private readonly selectOne: string;
  private readonly selectMany: string;

  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
    private readonly clock: Clock,
    config: Config,
  ) {
    const base = (config.PUBLIC_URL ?? '').replace(/\/$/, '').replaceAll("'", "''");
    this.columns = `
      d.id, d.clinic_id AS "clinicId", d.user_id AS "userId", d.resource_id AS "resourceId", d.title,
      d.first_name AS "firstName", d.last_name AS "lastName", d.speciality, d.bio, to_json(d.languages) AS languages,
      coalesce(d.photo_url, '${base}/api/v1/doctors/' || d.id || '/photo') AS "photoUrl",
      to_json(ARRAY(SELECT service_id FROM service_doctor WHERE doctor_id = d.id ORDER BY service_id)) AS "serviceIds",
      d.is_active AS "isActive", d.version`;
    this.selectOne = `SELECT ${this.columns} FROM doctor d WHERE d.id = $1 AND d.deleted_at IS NULL`;
    this.selectMany = `SELECT ${this.columns} FROM doctor d WHERE d.id = ANY ($1::uuid[]) AND d.deleted_at IS NULL`;
  }

  find(id: string): Promise<DoctorView | null> {
    return this.db.row<DoctorView>(this.selectOne, [id]);
  }

  findByIds(ids: readonly string[]): Promise<DoctorView[]> {
    return this.db.rows<DoctorView>(this.selectMany, [ids]);
  }

  async findIdByAccount(userId: string, clinicId: string): Promise<string | null> {
    const doctors = this.db.repository(Doctor);
    const doctor = await doctors.findOne({ select: { id: true }, where: { userId, clinicId, deletedAt: IsNull() } });
    return doctor?.id ?? null;
  }

  async lock(id: string): Promise<Doctor | null> {
    await lockSchedule(this.db, 'doctor', id);
    return this.db.repository(Doctor).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async findVideoUrl(id: string): Promise<string | null> {
    const row = await this.db.row<{ url: Buffer | null }>('SELECT video_url AS url FROM doctor WHERE id = $1', [id]);
    return this.encryption.readField(DOCTOR_VIDEO_URL, row?.url ?? null, id);
  }

  async setVideoUrl(id: string, url: string | null): Promise<void> {
    const encryptedVideoUrl = this.encryption.encryptText(DOCTOR_VIDEO_URL, url, id);
    await this.db.repository(Doctor).update({ id }, { encryptedVideoUrl });
  }

  async insert(doctor: Partial<Doctor> & { id: string }): Promise<void> {
    await this.db.rows(
      `INSERT INTO resource (id, clinic_id, kind, name, is_active) VALUES ($1, $2, 'PERSONNEL', $3, $4)`,
      [doctor.resourceId, doctor.clinicId, toFullName(doctor), doctor.isActive],
    );
    await this.db.repository(Doctor).insert(doctor);
  }

  async save(doctor: Doctor): Promise<void> {
    const { id, ...columns } = doctor;
    await this.db.repository(Doctor).update({ id }, { ...columns, updatedAt: () => 'now()' });
    await this.db.rows(
      `UPDATE resource SET name = $2, is_active = $3, version = version + 1, updated_at = now()
       WHERE id = $1 AND (name, is_active) IS DISTINCT FROM ($2, $3)`,
      [doctor.resourceId, toFullName(doctor), doctor.isActive],
    );
  }

  /** Marks the doctor and their resource as deleted and unlinks account and services. The rows stay for past appointments. */
  async remove({ id, resourceId }: Doctor): Promise<void> {
    const now = (): string => 'now()';
    const ended = { deletedAt: now, updatedAt: now, isActive: false, userId: null, version: () => 'version + 1' };
    await this.db.repository(Doctor).update({ id }, ended);
    await this.db.rows(
      `UPDATE resource SET deleted_at = now(), updated_at = now(), is_active = false, version = version + 1 WHERE id = $1`,
      [resourceId],
    );
    await this.db.rows(`DELETE FROM service_doctor WHERE doctor_id = $1`, [id]);
  }

  /**
   * Replaces the services. One statement checks them, locks them against deletion and inserts.
   * @returns whether all of them are services of the clinic
   */
  async setServices(doctorId: string, clinicId: string, serviceIds: string[]): Promise<boolean> {
    await this.db.rows(`DELETE FROM service_doctor WHERE doctor_id = $1 AND service_id <> ALL ($2::uuid[])`, [
      doctorId,
      serviceIds,
    ]);
    const rows = await this.db.rows(
      `INSERT INTO service_doctor (service_id, doctor_id)
       SELECT s.id, $1 FROM service s WHERE s.id = ANY ($2::uuid[]) AND s.clinic_id = $3 AND s.deleted_at IS NULL
       ORDER BY s.id FOR KEY SHARE
       ON CONFLICT (service_id, doctor_id) DO UPDATE SET doctor_id = excluded.doctor_id RETURNING service_id`,
      [doctorId, serviceIds, clinicId],
    );
    return rows.length === serviceIds.length;
  }

  /** Whether the doctor has appointments that are not over, or holds. The condition on `start_at` uses the index: a visit is shorter than a day. */
  async isBooked(doctorId: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM appointment
       WHERE doctor_id = $1 AND start_at > $2::timestamptz - interval '1 day' AND end_at > $2::timestamptz
         AND status IN ('PENDING', 'CONFIRMED', 'IN_PROGRESS')
       UNION ALL SELECT 1 FROM hold WHERE doctor_id = $1 AND expires_at > $2::timestamptz LIMIT 1`,
      [doctorId, new Date(this.clock.now()).toISOString()],
    );
    return row !== null;
  }

  /** @param managedClinicIds the clinics whose inactive doctors may be seen; null for all */
  list(query: DoctorsQuery, managedClinicIds: readonly string[] | null): Promise<Page<DoctorView>> {
    return readPage<DoctorView>(this.db, query, {
      ...{ select: this.columns, from: 'doctor d', columns: SORTS, idColumn: 'd.id' },
      where: (bind) => toConditions(query, managedClinicIds, bind),
    });
  }
}

function toConditions(query: DoctorsQuery, managedClinicIds: readonly string[] | null, bind: BindValue): string[] {
  const where = ['d.deleted_at IS NULL', query.isActive ? 'd.is_active' : 'NOT d.is_active'];
  if (!query.isActive && managedClinicIds) where.push(`d.clinic_id = ANY (${bind(managedClinicIds)}::uuid[])`);
  if (query.clinicId) where.push(`d.clinic_id = ${bind(query.clinicId)}::uuid`);
  if (query.speciality) where.push(`search_fold(d.speciality) = search_fold(${bind(query.speciality)})`);
  if (query.language) {
    const language = bind(query.language);
    where.push(
      `EXISTS (SELECT FROM unnest(d.languages) l WHERE l = ${language} OR starts_with(l, ${language} || '-'))`,
    );
  }
  if (query.serviceId) {
    where.push(
      `EXISTS (SELECT FROM service_doctor x WHERE x.doctor_id = d.id AND x.service_id = ${bind(query.serviceId)}::uuid)`,
    );
  }
  if (query.q !== undefined) where.push(`d.search @@ (${prefixQuery(bind(query.q))})`);
  return where;
}

const toFullName = ({ title, firstName, lastName }: Partial<Doctor>): string =>
  [title, firstName, lastName].filter(Boolean).join(' ');
