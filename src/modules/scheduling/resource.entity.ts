import { Column, Entity, PrimaryColumn } from 'typeorm';

export const RESOURCE_KINDS = ['PERSONNEL', 'ROOM', 'EQUIPMENT'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

@Entity('resource')
export class Resource {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'clinic_id' })
  clinicId: string;

  @Column('text')
  kind: ResourceKind;

  @Column('text')
  name: string;

  @Column('boolean', { name: 'is_active' })
  isActive: boolean;

  @Column('int')
  version: number;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
