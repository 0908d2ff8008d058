import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('doctor')
export class Doctor {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'clinic_id' })
  clinicId: string;

  @Column('uuid', { name: 'user_id', nullable: true })
  userId: string | null;

  @Column('uuid', { name: 'resource_id' })
  resourceId: string;

  @Column('text', { nullable: true })
  title: string | null;

  @Column('text', { name: 'first_name' })
  firstName: string;

  @Column('text', { name: 'last_name' })
  lastName: string;

  @Column('text')
  speciality: string;

  @Column('text', { nullable: true })
  bio: string | null;

  @Column('text', { array: true })
  languages: string[];

  @Column('text', { name: 'photo_url', nullable: true })
  photoUrl: string | null;

  @Column('boolean', { name: 'is_active' })
  isActive: boolean;

  @Column('int')
  version: number;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
