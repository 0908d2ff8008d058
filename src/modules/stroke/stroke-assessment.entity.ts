import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { RATER_ROLES, type RaterRole } from './raters.js';
import { type Level, LEVELS } from './triage.js';

@Index('stroke_assessment_client', ['clientId', 'id'])
@Index('stroke_assessment_rater', ['raterUserId', 'id'])
@Entity('stroke_assessment')
export class StrokeAssessment {
  @PrimaryColumn('uuid')
  id: string;

  /** Null if no patient was given, such as for a visitor at the front desk. */
  @ForeignKey('client')
  @Column('uuid', { nullable: true })
  clientId: string | null;

  @ForeignKey('clinic')
  @Column('uuid', { nullable: true })
  clinicId: string | null;

  @ForeignKey('user_account')
  @Column('uuid')
  raterUserId: string;

  @Check('stroke_assessment_rater_role_check', isOneOf('rater_role', RATER_ROLES))
  @Column('text')
  raterRole: RaterRole;

  @Check('stroke_assessment_level_check', isOneOf('level', LEVELS))
  @Column('text')
  level: Level;

  /** Name and version of each instrument. */
  @Column('jsonb')
  instruments: Record<string, string>;

  @Column('timestamptz')
  assessedAt: Date;

  /** Request and answer, encrypted. */
  @Column('bytea')
  sealed: Buffer;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
