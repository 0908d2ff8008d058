import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/**
 * The front desk of a clinic linked a patient, who acts for another one until their 18th birthday (guardianship.ts) or until a front
 * desk ends the link.
 */
@Index('guardian_client', ['clientId'])
@Index('guardian_guardian', ['guardianId'])
@Index('guardian_once', ['clientId', 'guardianId'], { unique: true, where: 'ended_at IS NULL' })
@Check('guardian_is_another_patient', 'client_id <> guardian_id')
@Entity('guardian')
export class Guardian {
  @PrimaryColumn('uuid')
  id: string;

  /** The child. */
  @ForeignKey('client')
  @Column('uuid')
  clientId: string;

  /** The guardian's own patient record. */
  @ForeignKey('client')
  @Column('uuid')
  guardianId: string;

  /** The clinic that linked them. Its time zone decides when the birthday begins. */
  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @ForeignKey('user_account')
  @Column('uuid', { nullable: true })
  createdBy: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  /** When a front desk ended the link. */
  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;
}
