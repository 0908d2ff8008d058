import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Notes of doctor and desk beside those of the patient, and the texts that were replaced. Notes that staff wrote last, as
 * the audit log says, become staff notes; all others, also those of which it says nothing, stay the patient's.
 */
export class StaffNotes1763872000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  /** Puts both notes into one again, so that no text is lost; what the patient then reads includes the staff's. */
  async down(db: QueryRunner): Promise<void> {
    for (const statement of DOWN) await db.query(statement);
  }
}

const seats = (without: string): string =>
  `CREATE UNIQUE INDEX appointment_seat ON appointment (group_id, seat) WHERE group_id IS NOT NULL AND status NOT IN (${without})`;

const UP = [
  'ALTER TABLE appointment ADD COLUMN staff_notes text',
  `UPDATE appointment a SET staff_notes = a.notes, notes = NULL
   FROM (SELECT DISTINCT ON (l.object_id) l.object_id, l.actor_role FROM audit_log l
         WHERE l.object_type = 'appointment' AND (l.action = 'appointment.booked' OR l.changes ? 'notes')
         ORDER BY l.object_id, l.occurred_at DESC, l.id DESC) writer
   WHERE writer.object_id = a.id AND a.notes IS NOT NULL AND writer.actor_role IN ('DOCTOR', 'STAFF', 'MANAGER', 'ADMIN')`,
  // audit_id: the row of audit_log that says who replaced the text, and when.
  `CREATE TABLE appointment_note_change (
     audit_id uuid NOT NULL,
     field text NOT NULL CHECK (field IN ('notes', 'staffNotes')),
     appointment_id uuid NOT NULL REFERENCES appointment,
     old_text text,
     new_text text,
     PRIMARY KEY (audit_id, field)
   )`,
  'CREATE INDEX appointment_note_change_appointment ON appointment_note_change (appointment_id)',
  // The seat of a visit that was completed is free for the rest of the session.
  'DROP INDEX appointment_seat',
  seats(`'CANCELLED', 'NO_SHOW', 'COMPLETED'`),
];

const DOWN = [
  `UPDATE appointment SET notes = concat_ws(E'\n', notes, staff_notes) WHERE staff_notes IS NOT NULL`,
  'ALTER TABLE appointment DROP COLUMN staff_notes',
  'DROP TABLE appointment_note_change',
  // Seats given again after a completion would collide in the old index.
  `UPDATE appointment a SET seat = NULL, group_id = NULL
   WHERE a.status = 'COMPLETED' AND EXISTS (
     SELECT FROM appointment o WHERE o.group_id = a.group_id AND o.seat = a.seat
       AND (o.status IN ('PENDING', 'CONFIRMED', 'IN_PROGRESS') OR (o.status = 'COMPLETED' AND o.id > a.id)))`,
  'DROP INDEX appointment_seat',
  seats(`'CANCELLED', 'NO_SHOW'`),
];
