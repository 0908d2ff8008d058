import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

export const RESOURCE_KINDS = ['PERSONNEL', 'ROOM', 'EQUIPMENT'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

@Index('resource_clinic', ['clinicId', 'kind'])
@Entity('resource')
export class Resource {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @Check('resource_kind_check', isOneOf('kind', RESOURCE_KINDS))
  @Column('text')
  kind: ResourceKind;

  @Column('text')
  name: string;

  @Column('boolean', { default: true })
  isActive: boolean;

  @Column('int', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', select: false })
  createdAt?: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt: Date;

  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;
}
