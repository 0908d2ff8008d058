import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../../core/security/actor.js';

@Entity('user_account')
export class User {
  @PrimaryColumn('uuid')
  id: string;

  /** In its canonical spelling; null for a patient who gave none at the desk. */
  @Column('text', { nullable: true })
  email: string | null;

  @Column('text', { name: 'password_hash', nullable: true, select: false })
  passwordHash?: string | null;

  @Column('text')
  role: Role;

  @Column('text', { name: 'first_name' })
  firstName: string;

  @Column('text', { name: 'last_name' })
  lastName: string;

  @Column('text', { nullable: true })
  phone: string | null;

  @Column('text', { name: 'time_zone' })
  timeZone: string;

  @Column('text')
  locale: string;

  @Column('timestamptz', { name: 'email_verified_at', nullable: true })
  emailVerifiedAt: Date | null;

  @Column('timestamptz', { name: 'authorization_changed_at' })
  authorizationChangedAt: Date;

  @Column('int')
  version: number;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
