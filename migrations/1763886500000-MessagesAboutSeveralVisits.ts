import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The versions of the appointments that a message is about (`appointment_ids`, in the same order): a message lists only those that were
 * not moved again.
 *
 * Existing rows: none has versions, so their messages list all appointments that are still to come, as before. Additive.
 */
export class MessagesAboutSeveralVisits1763886500000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE planned_notification ADD COLUMN appointment_versions int[] NOT NULL DEFAULT '{}'`);
    await db.query(`ALTER TABLE notification ADD COLUMN appointment_versions int[] NOT NULL DEFAULT '{}'`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE notification DROP COLUMN appointment_versions`);
    await db.query(`ALTER TABLE planned_notification DROP COLUMN appointment_versions`);
  }
}
