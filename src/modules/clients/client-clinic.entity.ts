import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A clinic's own data about a patient. */
@Index('client_clinic_clinic', ['clinicId', 'clientId'])
@Index('client_clinic_mrn', ['clinicId', 'mrnIndex'], { unique: true })
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
  @Column('bytea', { name: 'mrn', nullable: true })
  encryptedMrn: Buffer | null;

  /** The blind index of the record number's canonical form; unique within a clinic. */
  @Column('bytea', { nullable: true })
  mrnIndex: Buffer | null;

  @Column('bytea', { name: 'notes', nullable: true })
  encryptedNotes: Buffer | null;

  /** Incremented by bookings and moves of the patient; the lock for the limits of the policy (`maxUpcomingPerClient`, `maxPerDayPerClient`). */
  @Column('int', { default: 0 })
  bookings: number;
}
