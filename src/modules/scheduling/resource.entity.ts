import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { DeletableRow } from '../../core/database/versioned-row.js';
import { isOneOf } from '../../core/database/checks.js';

export const RESOURCE_KINDS = ['PERSONNEL', 'ROOM', 'EQUIPMENT'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

@Index('resource_clinic', ['clinicId', 'kind'])
@Entity('resource')
export class Resource extends DeletableRow {
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
}
