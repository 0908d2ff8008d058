import { Column, CreateDateColumn, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** A cancelled appointment that its patient booked again with the link in the message. The link works once. */
@Entity('rebooking')
export class Rebooking {
  @ForeignKey('appointment')
  @PrimaryColumn('uuid')
  cancelledId: string;

  /** The new appointment. Null only within the transaction that books it. */
  @ForeignKey('appointment')
  @Column('uuid', { nullable: true })
  appointmentId: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
