import { Column, Entity, PrimaryColumn } from 'typeorm';

export const MODES = ['IN_PERSON', 'VIDEO'] as const;
export type Mode = (typeof MODES)[number];

/** What a clinic offers: a kind of visit with its length, price and needs. */
@Entity('service')
export class Service {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'clinic_id' })
  clinicId: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('int', { name: 'duration_minutes' })
  durationMinutes: number;

  @Column('int', { name: 'buffer_before_minutes' })
  bufferBeforeMinutes: number;

  @Column('int', { name: 'buffer_after_minutes' })
  bufferAfterMinutes: number;

  @Column('bigint', { name: 'price_minor' })
  priceMinor: number;

  @Column('char', { length: 3 })
  currency: string;

  @Column('text')
  mode: Mode;

  @Column('int')
  capacity: number;

  @Column('text', { name: 'required_resource_kinds', array: true })
  requiredResourceKinds: string[];

  /** Booked by clients that have no choice of a service. */
  @Column('boolean', { name: 'is_default' })
  isDefault: boolean;

  @Column('boolean', { name: 'is_active' })
  isActive: boolean;

  @Column('int')
  version: number;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
