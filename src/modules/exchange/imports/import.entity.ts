import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { isOneOf } from '../../../core/database/checks.js';
import { VersionedRow } from '../../../core/database/versioned-row.js';
import type { TableFormat } from '../../../core/spreadsheets/reading/table.js';
import { IMPORT_KINDS, type ImportKind } from './import-kinds.js';
import type { DayOrder } from './values/days.js';
import type { DecimalMark } from './values/numbers.js';

export const IMPORT_STATUSES = ['MAPPING', 'CHECKING', 'CHECKED', 'RUNNING', 'DONE', 'FAILED', 'EXPIRED'] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

/** What a first reading of the whole file finds. */
export interface ImportAnalysis {
  /** The order of day and month, by field. */
  orders: Record<string, DayOrder>;
  /** What stands before the decimals of amounts, by field. */
  decimalMarks?: Record<string, DecimalMark | null>;
}

/**
 * An uploaded file and the progress of its import. MAPPING: waits for columns. CHECKING: the dry run is due or runs. CHECKED: waits to be
 * started. RUNNING: the import is due or runs.
 */
@Index('import_clinic', ['clinicId', 'id'])
@Index('import_running', ['clinicId'], { unique: true, where: `status = 'RUNNING'` })
@Index('import_due', ['leaseUntil'], { where: `status IN ('CHECKING', 'RUNNING')` })
@Entity('import')
export class Import extends VersionedRow {
  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @ForeignKey('user_account')
  @Column('uuid')
  createdBy: string;

  @Check('import_kind_check', isOneOf('kind', IMPORT_KINDS))
  @Column('text')
  kind: ImportKind;

  @Check('import_format_check', isOneOf('format', ['csv', 'xlsx']))
  @Column('text')
  format: TableFormat;

  @Check('import_status_check', isOneOf('status', IMPORT_STATUSES))
  @Column('text')
  status: ImportStatus;

  /** Whether the counts are those of a dry run. */
  @Column('boolean')
  isDryRun: boolean;

  /** The columns and their fields, encrypted: a file without headers has a person in their place. */
  @Column('bytea', { name: 'layout' })
  encryptedLayout: Buffer;

  @Column('jsonb', { nullable: true })
  analysis: ImportAnalysis | null;

  /** The rows below the header; null before the first reading. */
  @Column('int', { nullable: true })
  total: number | null;

  @Column('int', { default: 0 })
  done: number;

  @Column('int', { default: 0 })
  created: number;

  @Column('int', { default: 0 })
  unchanged: number;

  @Column('int', { default: 0 })
  failed: number;

  /** Why the whole import failed. */
  @Column('text', { nullable: true })
  failure: string | null;

  /** How often it was claimed. A fencing token: only the process with the last claim commits a batch. */
  @Column('int', { default: 0 })
  claims: number;

  /** Claims since the last batch. */
  @Column('int', { default: 0 })
  attempts: number;

  /** When another process may claim it. */
  @Column('timestamptz', { nullable: true })
  leaseUntil: Date | null;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;

  /** Whether the blob store still has the file. */
  @Column('boolean', { default: true })
  hasFile: boolean;
}
