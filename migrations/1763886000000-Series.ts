import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Series of appointments: the index by which the appointments of a series are found, and the other appointments that a message is about.
 *
 * Existing rows: no appointment has a series, so the index is empty, and every message is about one appointment. Additive.
 */
export class Series1763886000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE INDEX appointment_series ON appointment (series_id, start_at) WHERE series_id IS NOT NULL`);
    await db.query(`ALTER TABLE planned_notification ADD COLUMN appointment_ids uuid[] NOT NULL DEFAULT '{}'`);
    await db.query(`ALTER TABLE notification ADD COLUMN appointment_ids uuid[] NOT NULL DEFAULT '{}'`);
  }

  /** Waiting messages about series are then about their first appointment. */
  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE notification DROP COLUMN appointment_ids`);
    await db.query(`ALTER TABLE planned_notification DROP COLUMN appointment_ids`);
    await db.query(`DROP INDEX appointment_series`);
  }
}
