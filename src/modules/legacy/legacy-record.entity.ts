import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

/** In the order of the migration: each kind refers only to earlier ones. */
export const LEGACY_KINDS = ['clinic', 'service', 'doctor', 'user', 'faq', 'favorite', 'scan', 'visit'] as const;
export type LegacyKind = (typeof LEGACY_KINDS)[number];

/** A value that was not migrated, although its record was: without the value. */
export interface FieldWarning {
  field: string;
  reason: string;
}

/** A record of another system, and what it became here. It has no foreign key: it stays when the target is deleted. */
@Index('legacy_record_target', ['targetId'])
@Entity('legacy_record')
export class LegacyRecord {
  /** The name of the system. @example neuroaid */
  @PrimaryColumn('text')
  source: string;

  @Check('legacy_record_kind_check', isOneOf('kind', LEGACY_KINDS))
  @PrimaryColumn('text')
  kind: LegacyKind;

  /** The id there; a keyed hash where the system identifies people by their address. */
  @PrimaryColumn('text')
  legacyKey: string;

  @Column('uuid')
  targetId: string;

  /** The version of the target after the migration wrote it. A higher version was changed here. */
  @Column('int')
  targetVersion: number;

  /** A keyed hash of the migrated values. */
  @Column('bytea')
  checksum: Buffer;

  /** The values that were left out, which each later run reports again. */
  @Column('jsonb', { default: [] })
  warnings: FieldWarning[];

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
