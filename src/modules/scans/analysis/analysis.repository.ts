import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { encryptedField } from '../../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../../core/encryption/field-encryption.js';
import type { ModelAnswer } from './model.js';
import type { ScanAnalysis } from './scan-analysis.entity.js';

export const ANALYSIS_LABEL = encryptedField('scan_analysis', 'label', { id: 'uuid' });
export const ANALYSIS_SUMMARY = encryptedField('scan_analysis', 'summary', { id: 'uuid' });

type PlainColumns = Omit<
  ScanAnalysis,
  'requestedBy' | 'attempts' | 'leaseUntil' | 'encryptedLabel' | 'encryptedSummary'
>;
/** An analysis as it is read, with encrypted findings. */
type StoredAnalysis = PlainColumns & { label: Buffer | null; summary: Buffer | null };
export type AnalysisRow = PlainColumns & { label: string | null; summary: string | null };

/** What an analysis is of. The types are those of the audit log. */
export interface AnalysisSubject {
  type: 'scan' | 'scan_set';
  id: string;
}

const SUBJECT_COLUMN: Record<AnalysisSubject['type'], string> = { scan: 'scan_id', scan_set: 'scan_set_id' };

/** A claimed analysis. It is of a scan or of a set. */
export interface AnalysisClaim {
  scanId: string | null;
  scanSetId: string | null;
  attempts: number;
}

interface Draft {
  state: 'DRAFT';
  answer: ModelAnswer;
  protocol: string;
  inputSha256: string;
  /** Of a set: the image of which the answer is. */
  resultScanId: string | null;
  /** Of a set: the number of images that the model got. */
  images: number | null;
}

/** How an analysis ends. */
export type Outcome = Draft | { state: 'FAILED' | 'NOT_AVAILABLE'; reason: string };

const COLUMNS = `
  id, scan_id AS "scanId", scan_set_id AS "scanSetId", result_scan_id AS "resultScanId", images, state, reason, protocol, model_id AS "modelId", model_version AS "modelVersion", label, score,
  summary, input_sha256 AS "inputSha256", signed_by AS "signedBy", signed_at AS "signedAt",
  finished_at AS "finishedAt", created_at AS "createdAt"`;

const MAX_DUE = 100;

/**
 * Hand-written SQL: leases use the database's clock, and TypeORM cannot express RETURNING with ON CONFLICT or DISTINCT ON. The other reads
 * share the columns of these statements.
 */
@Injectable()
export class AnalysisRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
  ) {}

  /** Returns null if an analysis of the subject is in progress. */
  insert(id: string, subject: AnalysisSubject, requestedBy: string): Promise<AnalysisRow | null> {
    return this.readRow(
      `INSERT INTO scan_analysis (id, ${SUBJECT_COLUMN[subject.type]}, state, requested_by) VALUES ($1, $2, 'QUEUED', $3)
       ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
      [id, subject.id, requestedBy],
    );
  }

  findLatest({ type, id }: AnalysisSubject): Promise<AnalysisRow | null> {
    return this.readRow(
      `SELECT ${COLUMNS} FROM scan_analysis WHERE ${SUBJECT_COLUMN[type]} = $1 ORDER BY id DESC LIMIT 1`,
      [id],
    );
  }

  async findLatestOfEach(scanIds: readonly string[]): Promise<AnalysisRow[]> {
    const rows = await this.db.rows<StoredAnalysis>(
      `SELECT DISTINCT ON (scan_id) ${COLUMNS} FROM scan_analysis WHERE scan_id = ANY ($1::uuid[])
       ORDER BY scan_id, id DESC`,
      [scanIds],
    );
    return rows.map((row) => this.decrypt(row));
  }

  /** The analyses that are queued or interrupted. An analysis is interrupted if its lease has expired. */
  findDue(): Promise<{ id: string; isInterrupted: boolean }[]> {
    return this.db.rows(
      `SELECT id, state = 'RUNNING' AS "isInterrupted" FROM scan_analysis
       WHERE state = 'QUEUED' OR (state = 'RUNNING' AND lease_until < now())
       ORDER BY id LIMIT ${MAX_DUE}`,
    );
  }

  /** Claims a due analysis for the time of the lease, by compare-and-set: of concurrent callers one gets it, the others null. */
  claim(id: string, leaseSeconds: number): Promise<AnalysisClaim | null> {
    return this.db.row<AnalysisClaim>(
      `UPDATE scan_analysis SET state = 'RUNNING', attempts = attempts + 1,
              lease_until = now() + make_interval(secs => $2)
       WHERE id = $1 AND (state = 'QUEUED' OR (state = 'RUNNING' AND lease_until < now()))
       RETURNING scan_id AS "scanId", scan_set_id AS "scanSetId", attempts`,
      [id, leaseSeconds],
    );
  }

  /** Has no effect if the claim with this number of attempts is no longer the current one. */
  async extendLease(id: string, attempt: number, leaseSeconds: number): Promise<void> {
    await this.db.rows(
      `UPDATE scan_analysis SET lease_until = now() + make_interval(secs => $3)
       WHERE id = $1 AND attempts = $2 AND state = 'RUNNING'`,
      [id, attempt, leaseSeconds],
    );
  }

  /** Stores the outcome. @returns false if the claim with this number of attempts is no longer the current one */
  async finish(id: string, attempt: number, outcome: Outcome): Promise<boolean> {
    const draft = outcome.state === 'DRAFT' ? outcome : null;
    const row = await this.db.row(FINISH, [
      id,
      attempt,
      outcome.state,
      outcome.state === 'DRAFT' ? null : outcome.reason,
      draft?.protocol ?? null,
      draft?.answer.modelId ?? null,
      draft?.answer.modelVersion ?? null,
      this.encryption.encryptText(ANALYSIS_LABEL, draft?.answer.label ?? null, id),
      draft?.answer.score ?? null,
      this.encryption.encryptText(ANALYSIS_SUMMARY, draft?.answer.summary ?? null, id),
      draft?.inputSha256 ?? null,
      draft?.resultScanId ?? null,
      draft?.images ?? null,
    ]);
    return row !== null;
  }

  /** Returns null if the analysis is not a draft. */
  sign(id: string, userId: string): Promise<AnalysisRow | null> {
    return this.readRow(
      `UPDATE scan_analysis SET state = 'SIGNED', signed_by = $2, signed_at = now()
       WHERE id = $1 AND state = 'DRAFT' RETURNING ${COLUMNS}`,
      [id, userId],
    );
  }

  private async readRow(sql: string, values: unknown[]): Promise<AnalysisRow | null> {
    const row = await this.db.row<StoredAnalysis>(sql, values);
    return row && this.decrypt(row);
  }

  private decrypt(row: StoredAnalysis): AnalysisRow {
    const { id, label, summary } = row;
    return {
      ...row,
      label: this.encryption.readText(ANALYSIS_LABEL, label, id),
      summary: this.encryption.readText(ANALYSIS_SUMMARY, summary, id),
    };
  }
}

const FINISH = `
  UPDATE scan_analysis
  SET state = $3, reason = $4, protocol = $5, model_id = $6, model_version = $7, label = $8, score = $9, summary = $10,
      input_sha256 = $11, result_scan_id = $12, images = $13, finished_at = now(), lease_until = NULL
  WHERE id = $1 AND state = 'RUNNING' AND attempts = $2 RETURNING id`;
