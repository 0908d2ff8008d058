import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Config } from '../../core/config/config.js';
import { keyset, pageOf, type Page } from '../../core/http/page.js';
import type { Actor } from '../../core/security/actor.js';
import { FieldCipher } from '../../core/security/field-cipher.js';
import type { RaterRole } from './raters.js';
import { StrokeAssessment } from './stroke-assessment.entity.js';
import type { StrokeAssessmentsQuery } from './stroke.dto.js';
import type { StrokeAssessmentView } from './stroke.view.js';
import type { Level } from './triage.js';

export interface NewAssessment {
  id: string;
  clientId: string | null;
  clinicId: string | null;
  raterUserId: string;
  raterRole: RaterRole;
  level: Level;
  /** Name and version of each instrument that was used. */
  instruments: Record<string, string>;
  assessedAt: Date;
  /** Request and answer, stored encrypted. */
  content: AssessmentContent;
}

interface AssessmentContent {
  request: object;
  answer: StrokeAssessmentView;
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

/** Where the encrypted bytes of an assessment are kept. */
const placeOf = (id: string): string => `stroke_assessment|${id}`;

/** Hand-written SQL in lists: they continue after a cursor and unite two conditions. */
@Injectable()
export class StrokeRepository {
  private readonly cipher: FieldCipher;

  constructor(
    private readonly db: Database,
    config: Config,
  ) {
    this.cipher = FieldCipher.for(config, 'stroke');
  }

  async insert({ content, ...row }: NewAssessment): Promise<void> {
    const sealed = this.cipher.encrypt(content, placeOf(row.id));
    await this.db.repository(StrokeAssessment).insert({ ...row, sealed });
  }

  /** The answer as it was given. Those of before a field existed get its empty value. */
  decrypt({ id, sealed }: StoredAssessment): StrokeAssessmentView {
    const { answer } = this.cipher.decrypt(sealed, placeOf(id)) as AssessmentContent;
    const open = answer.windows.open.map((window) => ({ ...window, caveats: window.caveats ?? [] }));
    return { ...answer, notComputed: answer.notComputed ?? [], windows: { ...answer.windows, open } };
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
