import { Column, Entity, PrimaryColumn } from 'typeorm';

export const SEXES = ['FEMALE', 'MALE', 'OTHER', 'UNKNOWN'] as const;
export type Sex = (typeof SEXES)[number];

/** What is known of a patient beside the account, whichever clinic wrote it. The clinics' own part is in `client_clinic`. */
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

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { name: 'emergency_contact', nullable: true })
  emergencyContact: string | null;

  @Column('int')
  version: number;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}
