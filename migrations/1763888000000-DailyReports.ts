import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The daily reports of clinics, one for each local day, and their messages to managers. `clinic.daily_report` switches the mails on.
 *
 * Existing rows: no clinic sends mails until a manager switches them on. The reports of the last 31 days are made by the next runs of the
 * job. Additive: processes of the previous release make no reports, and do not read the columns.
 */
export class DailyReports1763888000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE clinic ADD COLUMN daily_report boolean NOT NULL DEFAULT false');
    await db.query(`
      CREATE TABLE daily_report (
        id uuid PRIMARY KEY,
        clinic_id uuid NOT NULL REFERENCES clinic,
        day date NOT NULL,
        time_zone text NOT NULL,
        figures jsonb NOT NULL,
        previous jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        mailed_at timestamptz,
        CONSTRAINT daily_report_once UNIQUE (clinic_id, day)
      )`);
    await db.query('ALTER TABLE notification ADD COLUMN report_id uuid REFERENCES daily_report');
    await db.query(`CREATE UNIQUE INDEX notification_report ON notification (report_id, user_id, channel)
                    WHERE report_id IS NOT NULL`);
  }

  /** The reports and their messages are deleted. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DELETE FROM notification WHERE report_id IS NOT NULL');
    await db.query('ALTER TABLE notification DROP COLUMN report_id');
    await db.query('DROP TABLE daily_report');
    await db.query('ALTER TABLE clinic DROP COLUMN daily_report');
  }
}
