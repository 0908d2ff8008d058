import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Database } from '../../../core/database/database.js';
import { byCreation, readPage, type Page } from '../../../core/http/page.js';
import type { Actor } from '../../../core/kernel/actor.js';
import type { AnalysisState } from '../analysis/scan-analysis.entity.js';
import type { PatientMismatch } from '../dicom/patient.js';
import { SCAN_COLUMNS, visibleTo, type ScanRow } from '../scans.repository.js';
import { Scan } from '../scan.entity.js';
import { ScanSet } from './scan-set.entity.js';
import type { ScanSetsQuery } from './scan-sets.dto.js';

export interface ScanSetRow {
  id: string;
  clientId: string;
  uploadedBy: string;
  studyInstanceUid: string;
  kind: string | null;
  takenAt: Date | null;
  modalities: string[];
  imageCount: number;
  bytes: number;
  patientMismatch: PatientMismatch;
  analysisStatus: AnalysisState | null;
  createdAt: Date;
}

/** Hand-written SQL: the images of a set are aggregated. */
const COLUMNS = `
  t.id, t.client_id AS "clientId", t.uploaded_by AS "uploadedBy", t.study_instance_uid AS "studyInstanceUid", t.kind,
  t.taken_at AS "takenAt", t.created_at AS "createdAt", i.modalities, i.count AS "imageCount", i.bytes, i.mismatch AS "patientMismatch",
  (SELECT a.state FROM scan_analysis a WHERE a.scan_set_id = t.id ORDER BY a.id DESC LIMIT 1) AS "analysisStatus"`;

const FROM = `
  scan_set t CROSS JOIN LATERAL (
    SELECT count(*)::int AS count, coalesce(sum(s.original_bytes), 0)::float8 AS bytes,
           coalesce(array_agg(DISTINCT s.dicom ->> 'modality') FILTER (WHERE s.dicom ->> 'modality' IS NOT NULL), '{}') AS modalities,
           CASE WHEN bool_or(s.patient_mismatch = 'MISMATCH') THEN 'MISMATCH'
                WHEN bool_or(s.patient_mismatch = 'NONE') THEN 'NONE' ELSE 'NOT_CHECKED' END AS mismatch
    FROM scan s WHERE s.scan_set_id = t.id AND s.deleted_at IS NULL) i`;

const SORTS = { createdAt: byCreation('t.id') } as const;

@Injectable()
export class ScanSetsRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<ScanSetRow | null> {
    return this.db.row<ScanSetRow>(`SELECT ${COLUMNS} FROM ${FROM} WHERE t.id = $1 AND t.deleted_at IS NULL`, [id]);
  }

  /**
   * The patient's set of a study. After a merge of patient records there may be two: the older one. Locks it until the transaction ends,
   * so that it is not deleted, or moved to another record, while images are added.
   */
  async lockByStudy(clientId: string, studyInstanceUid: string): Promise<string | null> {
    const where = { clientId, studyInstanceUid, deletedAt: IsNull() };
    const lock = { mode: 'for_no_key_update' } as const;
    const [found] = await this.sets.find({ select: { id: true }, where, order: { id: 'ASC' }, take: 1, lock });
    return found?.id ?? null;
  }

  /** Whether the set has images that came after an analysis of it was requested. */
  async hasNewImages(analysisId: string): Promise<boolean> {
    const newer = await this.db.row(
      `SELECT s.id FROM scan_analysis a JOIN scan s ON s.scan_set_id = a.scan_set_id AND s.created_at > a.created_at
       WHERE a.id = $1 AND s.deleted_at IS NULL LIMIT 1`,
      [analysisId],
    );
    return newer !== null;
  }

  async insert(
    set: Pick<ScanSet, 'id' | 'clientId' | 'uploadedBy' | 'studyInstanceUid' | 'kind' | 'takenAt'>,
  ): Promise<void> {
    await this.sets.insert(set);
  }

  /** The images of a set, in the order of their upload. */
  findImages(id: string): Promise<ScanRow[]> {
    return this.db.rows<ScanRow>(
      `SELECT ${SCAN_COLUMNS} FROM scan s WHERE s.scan_set_id = $1 AND s.deleted_at IS NULL ORDER BY s.id`,
      [id],
    );
  }

  /** Deletes the set and its images. @returns the images; null if the set does not exist */
  async delete(id: string): Promise<Pick<Scan, 'id' | 'uploadedBy'>[] | null> {
    const { affected } = await this.sets.update({ id, deletedAt: IsNull() }, { deletedAt: () => 'now()' });
    if (affected !== 1) return null;
    const images = await this.db.repository(Scan).find({
      select: { id: true, uploadedBy: true },
      where: { scanSetId: id, deletedAt: IsNull() },
      order: { id: 'ASC' },
    });
    await this.db.repository(Scan).update({ scanSetId: id, deletedAt: IsNull() }, { deletedAt: () => 'now()' });
    return images;
  }

  /** Lists the sets that the caller may see. */
  list(actor: Actor, query: ScanSetsQuery): Promise<Page<ScanSetRow>> {
    const { clientId } = query;
    return readPage<ScanSetRow>(this.db, query, {
      ...{ select: COLUMNS, from: FROM, columns: SORTS, idColumn: 't.id' },
      where: (bind) => [
        't.deleted_at IS NULL',
        visibleTo(actor, bind, 't'),
        ...(clientId ? [`t.client_id = ${bind(clientId)}::uuid`] : []),
      ],
    });
  }

  private get sets() {
    return this.db.repository(ScanSet);
  }
}
