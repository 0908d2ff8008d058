import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** What a clinic keeps of a patient. */
@Index('client_clinic_clinic', ['clinicId', 'clientId'])
@Index('client_clinic_mrn_key', ['clinicId', 'mrnKey'], { unique: true })
@Entity('client_clinic')
export class ClientClinic {
  @ForeignKey('client')
  @PrimaryColumn('uuid')
  clientId: string;

  @ForeignKey('clinic')
  @PrimaryColumn('uuid')
  clinicId: string;

  @Column('timestamptz', { nullable: true })
  registeredAt: Date | null;

  /** The clinic's record number of the patient. */
  @Column('text', { nullable: true })
  mrn: string | null;

  @Column('text', { nullable: true })
  notes: string | null;

  /** The record number without case, blanks and kinds of dash: unique within a clinic. */
  @Column({ type: 'text', generatedType: 'STORED', asExpression: 'mrn_key(mrn)', nullable: true, select: false })
  mrnKey: string | null;

  /** Counts the patient's own bookings at the clinic: the guard of `maxUpcomingPerClient`. */
  @Column('int', { default: 0 })
  bookings: number;
}
