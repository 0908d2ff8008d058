import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, pageOf, type Page } from '../../core/http/page.js';
import type { Actor } from '../../core/security/actor.js';
import type { StrokeAssessmentsQuery } from './stroke.dto.js';

export interface NewAssessment {
  id: string;
  clientId: string | null;
  clinicId: string | null;
  raterUserId: string;
  raterRole: string;
  level: string;
  /** Name and version of each instrument that was used. */
  instruments: Record<string, string>;
  assessedAt: string;
  sealed: Buffer;
}

export interface StoredAssessment {
  id: string;
  clientId: string | null;
  sealed: Buffer;
}

const SORTS = { createdAt: { column: 's.id', type: 'uuid' } } as const;

/** An appointment that was called off gives no doctor a look at the patient's health. */
const PATIENTS = `SELECT a.client_id FROM appointment a WHERE a.doctor_id = $2::uuid AND a.status <> 'CANCELLED'`;

/** $1 the patient's record, $2 the patient that was asked for. */
const OWN = `s.client_id = $1::uuid AND ($2::uuid IS NULL OR s.client_id = $2::uuid)`;

/**
 * $1 the doctor's account, $2 the doctor, $3 the patient that was asked for. A UNION, because each half has an index; an OR
 * of the two reads the assessments of all clinics.
 */
const OF_PATIENTS = `
  s.id IN (SELECT r.id FROM stroke_assessment r WHERE r.rater_user_id = $1::uuid
           UNION SELECT p.id FROM stroke_assessment p WHERE p.client_id IN (${PATIENTS}))
  AND ($3::uuid IS NULL OR s.client_id = $3::uuid)`;

@Injectable()
export class StrokeRepository {
  constructor(private readonly db: Database) {}

  async insert(row: NewAssessment): Promise<void> {
    await this.db.rows(INSERT, [
      row.id,
      row.clientId,
      row.clinicId,
      row.raterUserId,
      row.raterRole,
      row.level,
      JSON.stringify(row.instruments),
      row.assessedAt,
      row.sealed,
    ]);
  }

  async isPatientOf(clientId: string, doctorId: string | null): Promise<boolean> {
    const row = await this.db.row(`SELECT 1 AS one WHERE $1::uuid IN (${PATIENTS})`, [clientId, doctorId]);
    return row !== null;
  }

  /** A patient's own; for a doctor those of his or her patients, and what he or she rated. */
  async list(actor: Actor, query: StrokeAssessmentsQuery): Promise<Page<StoredAssessment>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 's.id', cursor: query.cursor });
    const { where, values } = visibleTo(actor, query.clientId ?? null);
    const rows = await this.db.rows<StoredAssessment>(
      `SELECT s.id, s.client_id AS "clientId", s.sealed FROM stroke_assessment s
       WHERE ${where} ${page.where(values.length + 2)} ${page.orderBy} LIMIT $${values.length + 1}`,
      [...values, query.limit + 1, ...page.values],
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM stroke_assessment s WHERE ${where}`, values)
      : null;
    return pageOf(rows, query.limit, page, total?.n);
  }
}

const visibleTo = (actor: Actor, clientId: string | null): { where: string; values: (string | null)[] } =>
  actor.role === 'DOCTOR'
    ? { where: OF_PATIENTS, values: [actor.userId, actor.doctorId, clientId] }
    : { where: OWN, values: [actor.clientId, clientId] };

const INSERT = `
  INSERT INTO stroke_assessment (id, client_id, clinic_id, rater_user_id, rater_role, level, instruments, assessed_at, sealed)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
