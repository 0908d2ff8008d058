import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../../core/database/checks.js';

export const ANALYSIS_STATES = ['QUEUED', 'RUNNING', 'DRAFT', 'SIGNED', 'FAILED', 'NOT_AVAILABLE'] as const;
export type AnalysisState = (typeof ANALYSIS_STATES)[number];

@Index('scan_analysis_open', ['scanId'], { unique: true, where: `state IN ('QUEUED', 'RUNNING')` })
@Index('scan_analysis_scan_set_open', ['scanSetId'], { unique: true, where: `state IN ('QUEUED', 'RUNNING')` })
@Index('scan_analysis_scan_set', ['scanSetId', 'id'])
@Check('scan_analysis_subject_check', 'num_nonnulls(scan_id, scan_set_id) = 1')
@Index('scan_analysis_scan', ['scanId', 'id'])
@Check(
  'scan_analysis_check',
  `state NOT IN ('DRAFT', 'SIGNED') OR (model_id IS NOT NULL AND score IS NOT NULL AND input_sha256 IS NOT NULL)`,
)
@Check('scan_analysis_check1', `state IN ('DRAFT', 'SIGNED') OR (label IS NULL AND score IS NULL AND summary IS NULL)`)
@Entity('scan_analysis')
export class ScanAnalysis {
  @PrimaryColumn('uuid')
  id: string;

  /** What was analysed is a scan or a set. */
  @ForeignKey('scan')
  @Column('uuid', { nullable: true })
  scanId: string | null;

  @ForeignKey('scan_set')
  @Column('uuid', { nullable: true })
  scanSetId: string | null;

  /** The image of the set that has the highest score. */
  @ForeignKey('scan')
  @Column('uuid', { nullable: true })
  resultScanId: string | null;

  /** How many images of the set the model got. */
  @Column('int', { nullable: true })
  images: number | null;

  @Check('scan_analysis_state_check', isOneOf('state', ANALYSIS_STATES))
  @Column('text')
  state: AnalysisState;

  @ForeignKey('user_account')
  @Column('uuid')
  requestedBy: string;

  @Column('int', { default: 0 })
  attempts: number;

  @Column('timestamptz', { nullable: true })
  leaseUntil: Date | null;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('text', { nullable: true })
  protocol: string | null;

  @Column('text', { nullable: true })
  modelId: string | null;

  @Column('text', { nullable: true })
  modelVersion: string | null;

  @Column('bytea', { name: 'label', nullable: true })
  encryptedLabel: Buffer | null;

  @Check('scan_analysis_score_check', 'score BETWEEN 0 AND 1')
  @Column('float8', { nullable: true })
  score: number | null;

  @Column('bytea', { name: 'summary', nullable: true })
  encryptedSummary: Buffer | null;

  @Column('text', { nullable: true })
  inputSha256: string | null;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;

  @ForeignKey('user_account')
  @Column('uuid', { nullable: true })
  signedBy: string | null;

  @Column('timestamptz', { nullable: true })
  signedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
