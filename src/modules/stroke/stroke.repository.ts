import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { byCreation, keyset, toPage, type Page } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { EncryptedColumn } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import type { RaterRole } from './raters.js';
import { StrokeAssessment } from './stroke-assessment.entity.js';
import type { StrokeAssessmentsQuery } from './stroke.dto.js';
import type { StrokeAssessmentView } from './stroke-view.dto.js';
import type { Level } from './triage.js';

export interface NewAssessment {
  id: string;
  clientId: string | null;
  clinicId: string | null;
  raterUserId: string;
  raterRole: RaterRole;
  level: Level;
  /** The name and version of each used instrument. */
  instruments: Record<string, string>;
  assessedAt: Date;
  /** The request and the answer, which are stored encrypted. */
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

const SORTS = { createdAt: byCreation('s.id') } as const;

/** $2: the doctor, whose patients it selects. A cancelled appointment gives no access. */
const PATIENTS = `SELECT a.client_id FROM appointment a WHERE a.doctor_id = $2::uuid AND a.status <> 'CANCELLED'`;

/** $1: the caller's patient id, $2: the requested patient. */
const OWN = `s.client_id = $1::uuid AND ($2::uuid IS NULL OR s.client_id = $2::uuid)`;

/**
 * $1: the doctor's account, $2: the doctor, $3: the requested patient. A UNION so that each half uses an index; an OR would read the
 * assessments of all clinics.
 */
const OF_PATIENTS = `
  s.id IN (SELECT r.id FROM stroke_assessment r WHERE r.rater_user_id = $1::uuid
           UNION SELECT p.id FROM stroke_assessment p WHERE p.client_id IN (${PATIENTS}))
  AND ($3::uuid IS NULL OR s.client_id = $3::uuid)`;

export const ASSESSMENT_CONTENT: EncryptedColumn = {
  table: 'stroke_assessment',
  column: 'sealed',
  key: { id: 'uuid' },
  purpose: 'stroke',
  toAssociatedData: (id) => `stroke_assessment|${id}`,
};

/** Lists use hand-written SQL: TypeORM does not support row comparison for cursors with a UNION. */
@Injectable()
export class StrokeRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
  ) {}

  async insert({ content, ...row }: NewAssessment): Promise<void> {
    const sealed = this.encryption.encrypt(ASSESSMENT_CONTENT, content, row.id);
    await this.db.repository(StrokeAssessment).insert({ ...row, sealed });
  }

  /** The stored answer; null if it cannot be decrypted. If it is older than a field, the field gets its empty value. */
  read({ id, sealed }: StoredAssessment): StrokeAssessmentView | null {
    const content = this.encryption.read(ASSESSMENT_CONTENT, sealed, id) as AssessmentContent | null;
    if (!content) return null;
    const { answer } = content;
    const open = answer.windows.open.map((window) => ({ ...window, caveats: window.caveats ?? [] }));
    return { ...answer, notComputed: answer.notComputed ?? [], windows: { ...answer.windows, open } };
  }

  async isPatientWithDoctor(clientId: string, doctorId: string | null): Promise<boolean> {
    // Visits of a closed or erased account stay, but nothing is added to its record.
    const row = await this.db.row(
      `SELECT 1 AS one FROM client k JOIN user_account u ON u.id = k.user_id AND u.deleted_at IS NULL
       WHERE k.id = $1::uuid AND k.id IN (${PATIENTS})`,
      [clientId, doctorId],
    );
    return row !== null;
  }

  /** Lists a patient's own assessments; for a doctor, those of their patients and those that they rated. */
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
    return toPage(rows, query.limit, page, total?.n);
  }
}

const visibleTo = (actor: Actor, clientId: string | null): { where: string; values: (string | null)[] } =>
  actor.role === 'DOCTOR'
    ? { where: OF_PATIENTS, values: [actor.userId, actor.doctorId, clientId] }
    : { where: OWN, values: [actor.clientId, clientId] };
