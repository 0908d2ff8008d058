import { Column, Entity, PrimaryColumn } from 'typeorm';

export const SEXES = ['FEMALE', 'MALE', 'OTHER', 'UNKNOWN'] as const;
export type Sex = (typeof SEXES)[number];

/** What the clinics know of a patient beside the account. */
@Entity('client')
export class Client {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  /** YYYY-MM-DD */
  @Column('date', { name: 'date_of_birth', nullable: true })
  dateOfBirth: string | null;

  @Column('text', { nullable: true })
  sex: Sex | null;

  /** The clinic's own medical record number. */
  @Column('text', { nullable: true })
  mrn: string | null;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { name: 'emergency_contact', nullable: true })
  emergencyContact: string | null;

  @Column('text', { nullable: true })
  notes: string | null;

  @Column('int')
  version: number;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}
