import { Column, Entity, ForeignKey, Index } from 'typeorm';
import { DeletableRow } from '../../core/database/versioned-row.js';

@Index('doctor_clinic', ['clinicId', 'id'])
@Index('doctor_name', ['lastName', 'id'], { where: 'deleted_at IS NULL' })
@Index('doctor_search', ['search'], { type: 'gin' })
// An index on an expression, which only the migration can declare.
@Index('doctor_speciality', { synchronize: false })
@Entity('doctor')
export class Doctor extends DeletableRow {
  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @ForeignKey('user_account')
  @Column('uuid', { nullable: true, unique: true })
  userId: string | null;

  @ForeignKey('resource')
  @Column('uuid', { unique: true })
  resourceId: string;

  @Column('text', { nullable: true })
  title: string | null;

  @Column('text')
  firstName: string;

  @Column('text')
  lastName: string;

  @Column('text')
  speciality: string;

  @Column('text', { nullable: true })
  bio: string | null;

  @Column('text', { array: true, default: () => "'{}'" })
  languages: string[];

  @Column('text', { nullable: true })
  photoUrl: string | null;

  @Column('boolean', { default: true })
  isActive: boolean;

  /** The link to join video visits, encrypted. Not public: read only to be shown to the people of the visit. */
  @Column('bytea', { name: 'video_url', nullable: true, select: false })
  encryptedVideoUrl?: Buffer | null;

  /** The text that full-text search uses. */
  @Column({
    type: 'tsvector',
    generatedType: 'STORED',
    asExpression: `((setweight(to_tsvector('simple'::regconfig, search_fold(((first_name || ' '::text) || last_name))), 'A'::"char") || setweight(to_tsvector('simple'::regconfig, search_fold(speciality)), 'B'::"char")) || setweight(to_tsvector('simple'::regconfig, search_fold(COALESCE(bio, ''::text))), 'C'::"char"))`,
    nullable: true,
    select: false,
  })
  search?: string | null;
}
