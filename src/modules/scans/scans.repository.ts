import { Injectable } from '@nestjs/common';
import { In, IsNull, MoreThan, Not } from 'typeorm';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { byCreation, readPage, type Page, type BindValue } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { DATE_OF_BIRTH, MRN } from '../clients/index.js';
import type { AnalysisState } from './analysis/scan-analysis.entity.js';
import type { Deidentification } from './dicom/deidentify.js';
import type { PatientMismatch, PatientRecord } from './dicom/patient.js';
import type { DicomFacts } from './dicom/read-and-deidentify.js';
import type { Quality } from './images/quality.js';
import { Scan } from './scan.entity.js';
import type { LinkReader } from './scan-links.js';
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

/** A patient's data to compare with a file, with encrypted fields. */
interface PatientRow {
  firstName: string;
  lastName: string;
  dateOfBirth: Buffer | null;
  mrns: Buffer[];
  /** The clinic of each record number. */
  mrnClinicIds: string[];
}

export interface ScanRow {
  id: string;
  clientId: string;
  scanSetId: string | null;
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

/** Rows of earlier versions lack some fields in their JSON; these are the values that were true or unknown then. */
export const SCAN_COLUMNS = `
  s.id, s.client_id AS "clientId", s.scan_set_id AS "scanSetId", s.uploaded_by AS "uploadedBy", s.kind, s.taken_at AS "takenAt", s.format,
  s.original_bytes::float8 AS bytes, s.original_sha256 AS sha256, s.renditions, s.width, s.height,
  s.bit_depth AS "bitDepth", s.channels, s.frames, s.quality,
  '{"notes":[],"seriesNumber":null,"instanceNumber":null,"position":null,"orientation":null,"sliceThickness":null}'::jsonb
    || s.dicom AS dicom,
  '{"patientIdentityRemoved":true}'::jsonb || s.deidentification AS deidentification,
  s.patient_mismatch AS "patientMismatch", s.no_picture AS "noPicture",
  (SELECT a.state FROM scan_analysis a WHERE a.scan_id = s.id ORDER BY a.id DESC LIMIT 1) AS "analysisStatus",
  s.created_at AS "createdAt"`;

/** Whether the doctor has an appointment with the patient that is not cancelled. */
const treatsCondition = (client: string, doctor: string): string =>
  `EXISTS (SELECT FROM appointment p WHERE p.client_id = ${client} AND p.doctor_id = ${doctor} AND p.status <> 'CANCELLED')`;

/** The number of rows that the sweep reads at once. */
const PAGE_SIZE = 500;
const ID = { id: true } as const;
const ASCENDING = { id: 'ASC' } as const;

const SORTS = { createdAt: byCreation('s.id') } as const;

/**
 * The statements that only concern the table of scans use TypeORM. Hand-written are those that read tables of other features, page
 * by row comparison, aggregate or lock.
 */
@Injectable()
export class ScansRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
  ) {}

  find(id: string): Promise<ScanRow | null> {
    return this.db.row<ScanRow>(`SELECT ${SCAN_COLUMNS} FROM scan s WHERE s.id = $1 AND s.deleted_at IS NULL`, [id]);
  }

  async insert(...scans: readonly NewScan[]): Promise<void> {
    await this.scans.insert(
      scans.map(({ bytes, sha256, ...columns }) => ({
        ...columns,
        takenAt: columns.takenAt === null ? null : new Date(columns.takenAt),
        originalBytes: String(bytes),
        originalSha256: sha256,
        totalBytes: String(totalBytes(columns.renditions)),
      })),
    );
  }

  /** @returns whether the scan existed; of concurrent deletes only one returns true */
  async delete(id: string): Promise<boolean> {
    const { affected } = await this.scans.update({ id, deletedAt: IsNull() }, { deletedAt: () => 'now()' });
    return affected === 1;
  }

  /** The ids of deleted scans whose files are not deleted yet, in pages. */
  async *listUnpurged(): AsyncGenerator<string[], void> {
    const deleted = { deletedAt: Not(IsNull()), purgedAt: IsNull() };
    let page: string[] = [];
    do {
      const where = { ...deleted, id: MoreThan(page.at(-1) ?? NIL_ID) };
      page = toIds(await this.scans.find({ select: ID, where, order: ASCENDING, take: PAGE_SIZE }));
      yield page;
    } while (page.length === PAGE_SIZE);
  }

  /** The ids of a patient's deleted scans whose files are not deleted yet. */
  async findUnpurgedByClient(clientId: string): Promise<string[]> {
    const deleted = { clientId, deletedAt: Not(IsNull()), purgedAt: IsNull() };
    return toIds(await this.scans.find({ select: ID, where: deleted, order: ASCENDING }));
  }

  async markPurged(id: string): Promise<void> {
    await this.scans.update({ id, deletedAt: Not(IsNull()) }, { purgedAt: () => 'now()' });
  }

  /** Whether the scan may still have files. */
  mayHaveFiles(id: string): Promise<boolean> {
    return this.scans.existsBy({ id, purgedAt: IsNull() });
  }

  /** The given ids of scans that exist and are not deleted. */
  async findExisting(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    return toIds(await this.scans.find({ select: ID, where: { id: In(ids), deletedAt: IsNull() }, order: ASCENDING }));
  }

  /** The scans that were created before an instant (epoch milliseconds), with the names of their files, ascending by id. */
  async *listWithFiles(before: number): AsyncGenerator<{ id: string; names: RenditionName[] }, void> {
    let last: string | undefined;
    for (;;) {
      const page: { id: string; names: RenditionName[] }[] = await this.db.rows(
        `SELECT id, ARRAY(SELECT jsonb_object_keys(renditions)) AS names FROM scan
         WHERE deleted_at IS NULL AND created_at < $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT ${PAGE_SIZE}`,
        [new Date(before).toISOString(), last ?? null],
      );
      yield* page;
      last = page.at(-1)?.id;
      if (page.length < PAGE_SIZE) return;
    }
  }

  /** The number and size of a patient's scans; a set counts as one. They cannot grow while the quota is locked. */
  async getUsage(clientId: string): Promise<{ count: number; bytes: number }> {
    const row = await this.db.row<{ count: number; bytes: number }>(
      `SELECT count(DISTINCT coalesce(scan_set_id, id))::int AS count, coalesce(sum(total_bytes), 0)::float8 AS bytes
       FROM scan WHERE client_id = $1 AND deleted_at IS NULL`,
      [clientId],
    );
    return row ?? { count: 0, bytes: 0 };
  }

  /**
   * Locks the quota of a patient until the end of the transaction, so that concurrent uploads do not exceed it. An erasure of the patient
   * waits, too.
   * @returns whether the patient has an account: it may have been erased during the upload
   */
  async lockQuota(clientId: string): Promise<boolean> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(${lockKey('scan-quota', '$1::text')})`, [clientId]);
    const account = await this.db.row(
      `SELECT u.id FROM client c JOIN user_account u ON u.id = c.user_id
       WHERE c.id = $1 AND u.deleted_at IS NULL FOR KEY SHARE OF u`,
      [clientId],
    );
    return account !== null;
  }

  /** Which of the hashes are those of files that the patient has. */
  async findHashes(clientId: string, hashes: readonly string[]): Promise<Set<string>> {
    const select = { originalSha256: true } as const;
    const found = await this.scans.find({
      select,
      where: { clientId, deletedAt: IsNull(), originalSha256: In(hashes) },
    });
    return new Set(found.map(({ originalSha256 }) => originalSha256));
  }

  /** Whether the doctor has an appointment with the patient that is not cancelled. */
  async treats(doctorId: string | null, clientId: string): Promise<boolean> {
    if (!doctorId) return false;
    const row = await this.db.row<{ treats: boolean }>(`SELECT ${treatsCondition('$1::uuid', '$2::uuid')} AS treats`, [
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

  async findPatient(clientId: string): Promise<PatientRecord | null> {
    const row = await this.db.row<PatientRow>(
      `SELECT u.first_name AS "firstName", u.last_name AS "lastName", c.date_of_birth AS "dateOfBirth",
              ARRAY(SELECT clinic_id FROM client_clinic WHERE client_id = c.id AND mrn IS NOT NULL ORDER BY clinic_id) AS "mrnClinicIds",
              ARRAY(SELECT mrn FROM client_clinic WHERE client_id = c.id AND mrn IS NOT NULL ORDER BY clinic_id) AS mrns
       FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL WHERE c.id = $1`,
      [clientId],
    );
    if (!row) return null;
    const { firstName, lastName, dateOfBirth, mrns, mrnClinicIds } = row;
    return {
      firstName,
      lastName,
      dateOfBirth: this.encryption.decryptText(DATE_OF_BIRTH, dateOfBirth, clientId),
      mrns: mrns.map((mrn, i) => this.encryption.decrypt(MRN, mrn, clientId, mrnClinicIds[i] as string) as string),
    };
  }

  /** The current role and ids of a user; null for a deleted account. */
  findReader(userId: string): Promise<LinkReader | null> {
    return this.db.row<LinkReader>(
      `SELECT u.id AS "userId", u.role, c.id AS "clientId", d.id AS "doctorId",
              ARRAY(SELECT clinic_id FROM user_clinic x WHERE x.user_id = u.id) AS "clinicIds",
              EXISTS (SELECT FROM mfa_factor f WHERE f.user_id = u.id AND f.enabled_at IS NOT NULL) AS "hasFactor" FROM user_account u
       LEFT JOIN client c ON c.user_id = u.id LEFT JOIN doctor d ON d.user_id = u.id AND d.deleted_at IS NULL
       WHERE u.id = $1 AND u.deleted_at IS NULL`,
      [userId],
    );
  }

  /** Lists the scans that the caller may see. */
  list(actor: Actor, query: ScansQuery): Promise<Page<ScanRow>> {
    const { clientId, scanSetId, kind, format } = query;
    return readPage<ScanRow>(this.db, query, {
      ...{ select: SCAN_COLUMNS, from: 'scan s', columns: SORTS, idColumn: 's.id' },
      where: (bind) => [
        's.deleted_at IS NULL',
        visibleTo(actor, bind),
        ...(clientId ? [`s.client_id = ${bind(clientId)}::uuid`] : []),
        ...(kind ? [`s.kind = ${bind(kind)}::text`] : []),
        // The images of a set are only listed by themselves.
        scanSetId ? `s.scan_set_id = ${bind(scanSetId)}::uuid` : 's.scan_set_id IS NULL',
        ...(format ? [`s.format = ${bind(format)}::text`] : []),
      ],
    });
  }

  private get scans() {
    return this.db.repository(Scan);
  }
}

const toIds = (rows: readonly Pick<Scan, 'id'>[]): string[] => rows.map(({ id }) => id);

/** @param alias of the table with the patient's id */
export const visibleTo = (actor: Actor, bind: BindValue, alias = 's'): string =>
  actor.role === 'DOCTOR'
    ? treatsCondition(`${alias}.client_id`, `${bind(actor.doctorId)}::uuid`)
    : `${alias}.client_id = ${bind(actor.clientId)}::uuid`;

export const totalBytes = (renditions: Renditions): number =>
  Object.values(renditions).reduce((sum, rendition) => sum + rendition.bytes, 0);
