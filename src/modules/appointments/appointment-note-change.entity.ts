import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The old and new text of a changed note, or why the hours were overridden or the visit was moved (`newText`), encrypted. The row of `audit_log` records who changed it and when. */
@Index('appointment_note_change_appointment', ['appointmentId'])
@Entity('appointment_note_change')
export class AppointmentNoteChange {
  @PrimaryColumn('uuid')
  auditId: string;

  @Check(
    'appointment_note_change_field_check',
    `field IN ('notes', 'staffNotes', 'insuranceNote', 'overrideReason', 'moveReason')`,
  )
  @PrimaryColumn('text')
  field: 'notes' | 'staffNotes' | 'insuranceNote' | 'overrideReason' | 'moveReason';

  @ForeignKey('appointment')
  @Column('uuid')
  appointmentId: string;

  @Column('bytea', { name: 'old_text', nullable: true })
  encryptedOldText: Buffer | null;

  @Column('bytea', { name: 'new_text', nullable: true })
  encryptedNewText: Buffer | null;
}
