import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * When a clinic's reminders were compared with its policy, and with which offsets. This was a column of `clinic`, so that each
 * hourly comparison counted as a change of the schedule: it locked the schedule revision while it planned, made bookings wait,
 * could deadlock with a move, and discarded the cached booking rules.
 *
 * Existing rows: each clinic that was compared since its last change keeps its time; the others are compared once more.
 */
export class ReminderPlans1763882300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE reminder_plan (
        clinic_id uuid PRIMARY KEY REFERENCES clinic,
        offsets_minutes int[] NOT NULL,
        compared_at timestamptz NOT NULL
      )`);
    await db.query(`
      INSERT INTO reminder_plan
      SELECT id, reminder_offsets_minutes, reminders_planned_at FROM clinic WHERE reminders_planned_at >= updated_at`);
    await db.query('ALTER TABLE clinic DROP COLUMN reminders_planned_at');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE clinic ADD COLUMN reminders_planned_at timestamptz');
    await db.query(`
      UPDATE clinic c SET reminders_planned_at = p.compared_at FROM reminder_plan p
      WHERE p.clinic_id = c.id AND p.offsets_minutes = c.reminder_offsets_minutes`);
    await db.query('DROP TABLE reminder_plan');
  }
}
