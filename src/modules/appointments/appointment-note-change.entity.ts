import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A text of an appointment that was replaced. Who replaced it, and when, is in the row of `audit_log`. */
@Index('appointment_note_change_appointment', ['appointmentId'])
@Entity('appointment_note_change')
export class AppointmentNoteChange {
  @PrimaryColumn('uuid')
  auditId: string;

  @Check('appointment_note_change_field_check', `field IN ('notes', 'staffNotes')`)
  @PrimaryColumn('text')
  field: 'notes' | 'staffNotes';

  @ForeignKey('appointment')
  @Column('uuid')
  appointmentId: string;

  @Column('text', { nullable: true })
  oldText: string | null;

  @Column('text', { nullable: true })
  newText: string | null;
}
