import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import type { PatientMismatch } from './dicom/patient.js';
import { type Format, FORMATS } from './upload/file-type.js';

@Index('scan_client', ['clientId', 'id'], { where: 'deleted_at IS NULL' })
@Index('scan_to_purge', ['id'], { where: 'deleted_at IS NOT NULL AND purged_at IS NULL' })
@Index('scan_scan_set', ['scanSetId', 'id'], { where: 'scan_set_id IS NOT NULL' })
@Entity('scan')
export class Scan {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('client')
  @Column('uuid')
  clientId: string;

  /** The set that the image belongs to. */
  @ForeignKey('scan_set')
  @Column('uuid', { nullable: true })
  scanSetId: string | null;

  @ForeignKey('user_account')
  @Column('uuid')
  uploadedBy: string;

  @Column('text', { nullable: true })
  kind: string | null;

  @Column('timestamptz', { nullable: true })
  takenAt: Date | null;

  @Check('scan_format_check', isOneOf('format', FORMATS))
  @Column('text')
  format: Format;

  @Column('bigint')
  originalBytes: string;

  @Column('text')
  originalSha256: string;

  /** The size of all renditions, which counts towards the quota. */
  @Column('bigint')
  totalBytes: string;

  @Column('jsonb')
  renditions: object;

  @Column('int')
  width: number;

  @Column('int')
  height: number;

  @Column('int')
  bitDepth: number;

  @Column('int')
  channels: number;

  @Column('int')
  frames: number;

  @Column('jsonb', { nullable: true })
  quality: object | null;

  @Column('jsonb', { nullable: true })
  dicom: object | null;

  @Column('jsonb', { nullable: true })
  deidentification: object | null;

  @Check('scan_patient_mismatch_check', `patient_mismatch IN ('NOT_CHECKED', 'NONE', 'MISMATCH')`)
  @Column('text')
  patientMismatch: PatientMismatch;

  @Column('text', { nullable: true })
  noPicture: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;

  /** When the files were deleted; the row of a deleted scan stays. */
  @Column('timestamptz', { nullable: true })
  purgedAt: Date | null;
}
