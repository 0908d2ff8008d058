import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * More policies of clinics: visits of one patient on one day, no-shows within a year, deposits, notice and horizon of the front desk. Why the
 * front desk overrode the hours is stored like a changed note.
 *
 * Existing rows: no new limit applies, no deposit is required, and the front desk has the same notice and horizon as patients.
 * Additive: processes of the previous release do not read the columns, and list the reason of an override among the changed notes.
 */
export class BookingPolicies1763885200000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE clinic
        ADD COLUMN max_per_day_per_client int
          CONSTRAINT clinic_max_per_day_per_client_check CHECK (max_per_day_per_client BETWEEN 1 AND 50),
        ADD COLUMN no_show_limit int CONSTRAINT clinic_no_show_limit_check CHECK (no_show_limit BETWEEN 1 AND 100),
        ADD COLUMN requires_deposit boolean NOT NULL DEFAULT false,
        ADD COLUMN desk_minimum_notice_minutes int
          CONSTRAINT clinic_desk_minimum_notice_minutes_check CHECK (desk_minimum_notice_minutes BETWEEN 0 AND 43200),
        ADD COLUMN desk_horizon_days int
          CONSTRAINT clinic_desk_horizon_days_check CHECK (desk_horizon_days BETWEEN 1 AND 730)`);
    await setNoteFields(db, ['notes', 'staffNotes', 'overrideReason']);
  }

  /** The reasons of overrides are deleted; that the hours were overridden stays in the audit log. */
  async down(db: QueryRunner): Promise<void> {
    await db.query(`DELETE FROM appointment_note_change WHERE field = 'overrideReason'`);
    await setNoteFields(db, ['notes', 'staffNotes']);
    await db.query(`
      ALTER TABLE clinic
        DROP COLUMN max_per_day_per_client, DROP COLUMN no_show_limit, DROP COLUMN requires_deposit,
        DROP COLUMN desk_minimum_notice_minutes, DROP COLUMN desk_horizon_days`);
  }
}

async function setNoteFields(db: QueryRunner, fields: string[]): Promise<void> {
  await db.query(`
    ALTER TABLE appointment_note_change
      DROP CONSTRAINT appointment_note_change_field_check,
      ADD CONSTRAINT appointment_note_change_field_check CHECK (field IN ('${fields.join(`', '`)}'))`);
}
