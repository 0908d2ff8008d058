import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, limitOf, type Page, pageOf } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { AnalysisState } from './analysis/analysis.dto.js';
import type { Deidentification } from './dicom/deidentify.js';
import type { PatientMismatch, PatientRecord } from './dicom/patient.js';
import type { DicomFacts } from './dicom/read-and-deidentify.js';
import type { Quality } from './images/quality.js';
import type { ScansQuery } from './scans.dto.js';
import type { Format } from './upload/file-type.js';

export const RENDITIONS = ['original', 'served', 'thumbnail', 'preview', 'deidentified'] as const;
export type RenditionName = (typeof RENDITIONS)[number];

/** A file of the scan in the blob store. */
export interface Rendition {
  bytes: number;
  sha256: string;
}
export type Renditions = Partial<Record<RenditionName, Rendition>>;

export interface ScanRow {
  id: string;
  clientId: string;
  uploadedBy: string;
  kind: string | null;
  takenAt: Date | null;
  format: Format;
  bytes: number;
  sha256: string;
  renditions: Renditions;
  width: number;
  height: number;
  bitDepth: number;
  channels: number;
  frames: number;
  quality: Quality | null;
  dicom: DicomFacts | null;
  deidentification: Deidentification | null;
  patientMismatch: PatientMismatch;
  noPicture: string | null;
  analysisStatus: AnalysisState | null;
  createdAt: Date;
}

export type NewScan = Omit<ScanRow, 'analysisStatus' | 'createdAt' | 'takenAt'> & { takenAt: string | null };

/** Rows of earlier versions lack two fields; the defaults are what was true then. */
const SCAN_COLUMNS = `
  s.id, s.client_id AS "clientId", s.uploaded_by AS "uploadedBy", s.kind, s.taken_at AS "takenAt", s.format,
  s.original_bytes::float8 AS bytes, s.original_sha256 AS sha256, s.renditions, s.width, s.height,
  s.bit_depth AS "bitDepth", s.channels, s.frames, s.quality,
  '{"notes":[]}'::jsonb || s.dicom AS dicom,
  '{"patientIdentityRemoved":true}'::jsonb || s.deidentification AS deidentification,
  s.patient_mismatch AS "patientMismatch", s.no_picture AS "noPicture",
  (SELECT a.state FROM scan_analysis a WHERE a.scan_id = s.id ORDER BY a.id DESC LIMIT 1) AS "analysisStatus",
  s.created_at AS "createdAt"`;

const TREATS = (client: string, doctor: string): string =>
  `EXISTS (SELECT FROM appointment p WHERE p.client_id = ${client} AND p.doctor_id = ${doctor} AND p.status <> 'CANCELLED')`;

/** Rows that are read at once to compare them with the files. */
const PAGE = 500;

const SORTS = { createdAt: { column: 's.id', type: 'uuid' } } as const;

@Injectable()
export class ScansRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<ScanRow | null> {
    return this.db.row<ScanRow>(`SELECT ${SCAN_COLUMNS} FROM scan s WHERE s.id = $1 AND s.deleted_at IS NULL`, [id]);
  }

  async insert(scan: NewScan): Promise<void> {
    await this.db.rows(INSERT, [
      scan.id,
      scan.clientId,
      scan.uploadedBy,
      scan.kind,
      scan.takenAt,
      scan.format,
      scan.bytes,
      scan.sha256,
      totalBytes(scan.renditions),
      JSON.stringify(scan.renditions),
      scan.width,
      scan.height,
      scan.bitDepth,
      scan.channels,
      scan.frames,
      toJson(scan.quality),
      toJson(scan.dicom),
      toJson(scan.deidentification),
      scan.patientMismatch,
      scan.noPicture,
    ]);
  }

  /** @returns whether the scan existed; of two concurrent deletes only one finds it */
  async delete(id: string): Promise<boolean> {
    const row = await this.db.row(
      `UPDATE scan SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL RETURNING id`,
      [id],
    );
    return row !== null;
  }

  /** Ids of deleted scans whose files are not deleted yet, at most some hundreds. */
  async unpurged(): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM scan WHERE deleted_at IS NOT NULL AND purged_at IS NULL ORDER BY id LIMIT 500`,
    );
    return rows.map(({ id }) => id);
  }

  async markPurged(id: string): Promise<void> {
    await this.db.rows(`UPDATE scan SET purged_at = now() WHERE id = $1 AND deleted_at IS NOT NULL`, [id]);
  }

  /** Whether the scan may still have files. */
  async mayHaveFiles(id: string): Promise<boolean> {
    return (await this.db.row(`SELECT 1 AS one FROM scan WHERE id = $1 AND purged_at IS NULL`, [id])) !== null;
  }

  /** Those of the scans that are not deleted. */
  async existing(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM scan WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL ORDER BY id`,
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  /** Scans that were created before the moment (epoch milliseconds), with the names of their files; ascending by id. */
  async *withFiles(before: number): AsyncGenerator<{ id: string; names: RenditionName[] }, void> {
    let last: string | undefined;
    for (;;) {
      const page: { id: string; names: RenditionName[] }[] = await this.db.rows(
        `SELECT id, ARRAY(SELECT jsonb_object_keys(renditions)) AS names FROM scan
         WHERE deleted_at IS NULL AND created_at < $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT ${PAGE}`,
        [new Date(before).toISOString(), last ?? null],
      );
      yield* page;
      last = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }

  /** Number and size of a patient's scans. With the lock held they cannot grow until the transaction ends. */
  async usage(clientId: string): Promise<{ count: number; bytes: number }> {
    const row = await this.db.row<{ count: number; bytes: number }>(
      `SELECT count(*)::int AS count, coalesce(sum(total_bytes), 0)::float8 AS bytes
       FROM scan WHERE client_id = $1 AND deleted_at IS NULL`,
      [clientId],
    );
    return row ?? { count: 0, bytes: 0 };
  }

  /** From here to the commit only one upload of a patient at a time: two must not both take the last free place. */
  async lockQuota(clientId: string): Promise<void> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(hashtextextended('scan-quota ' || $1::text, 7240))`, [clientId]);
  }

  async treats(doctorId: string | null, clientId: string): Promise<boolean> {
    if (!doctorId) return false;
    const row = await this.db.row<{ treats: boolean }>(`SELECT ${TREATS('$1::uuid', '$2::uuid')} AS treats`, [
      clientId,
      doctorId,
    ]);
    return row?.treats ?? false;
  }

  async isClientOf(clinicIds: readonly string[], clientId: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM clinic_patient WHERE client_id = $1 AND clinic_id = ANY ($2::uuid[]) LIMIT 1`,
      [clientId, clinicIds],
    );
    return row !== null;
  }

  patient(clientId: string): Promise<PatientRecord | null> {
    return this.db.row<PatientRecord>(
      `SELECT u.first_name AS "firstName", u.last_name AS "lastName",
              ARRAY(SELECT mrn FROM client_clinic WHERE client_id = c.id AND mrn IS NOT NULL) AS mrns,
              to_char(c.date_of_birth, 'YYYY-MM-DD') AS "dateOfBirth"
       FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL WHERE c.id = $1`,
      [clientId],
    );
  }

  /** The current role of the user of a signed link: a link ends with the account and with the treatment. */
  reader(userId: string): Promise<Pick<Actor, 'userId' | 'role' | 'clientId' | 'doctorId'> | null> {
    return this.db.row(
      `SELECT u.id AS "userId", u.role, c.id AS "clientId", d.id AS "doctorId" FROM user_account u
       LEFT JOIN client c ON c.user_id = u.id LEFT JOIN doctor d ON d.user_id = u.id AND d.deleted_at IS NULL
       WHERE u.id = $1 AND u.deleted_at IS NULL`,
      [userId],
    );
  }

  /** The scans that the actor may see; the query itself is restricted to them. */
  async list(actor: Actor, query: ScansQuery): Promise<Page<ScanRow>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 's.id', cursor: query.cursor });
    const values: unknown[] = [];
    const take = (value: unknown): string => `$${values.push(value)}`;
    const where = ['s.deleted_at IS NULL', visibleTo(actor, take)];
    if (query.clientId) where.push(`s.client_id = ${take(query.clientId)}::uuid`);
    if (query.kind) where.push(`s.kind = ${take(query.kind)}::text`);
    if (query.format) where.push(`s.format = ${take(query.format)}::text`);
    const condition = where.join(' AND ');
    const counted = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<ScanRow>(
      `SELECT ${SCAN_COLUMNS} FROM scan s WHERE ${condition} ${after} ${page.orderBy} ${limitOf(query.limit, take)}`,
      values,
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM scan s WHERE ${condition}`, counted)
      : null;
    return pageOf(rows, query.limit, page, total?.n);
  }
}

type Take = (value: unknown) => string;

const visibleTo = (actor: Actor, take: Take): string =>
  actor.role === 'DOCTOR'
    ? TREATS('s.client_id', `${take(actor.doctorId)}::uuid`)
    : `s.client_id = ${take(actor.clientId)}::uuid`;

const toJson = (value: object | null): string | null => (value ? JSON.stringify(value) : null);

export const totalBytes = (renditions: Renditions): number =>
  Object.values(renditions).reduce((sum, rendition) => sum + rendition.bytes, 0);

const INSERT = `
  INSERT INTO scan (id, client_id, uploaded_by, kind, taken_at, format, original_bytes, original_sha256, total_bytes,
                    renditions, width, height, bit_depth, channels, frames, quality, dicom, deidentification,
                    patient_mismatch, no_picture)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`;
