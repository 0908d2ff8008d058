import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A clinic's own data about a patient. */
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

  /** The patient's medical record number at the clinic. */
  @Column('text', { nullable: true })
  mrn: string | null;

  @Column('text', { nullable: true })
  notes: string | null;

  /** The record number normalised for case, spaces and dashes; unique within a clinic. */
  @Column({ type: 'text', generatedType: 'STORED', asExpression: 'mrn_key(mrn)', nullable: true, select: false })
  mrnKey: string | null;

  /** Incremented by each booking that the patient makes at the clinic; the lock for `maxUpcomingPerClient`. */
  @Column('int', { default: 0 })
  bookings: number;
}
