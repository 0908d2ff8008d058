import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Reminders of referrals that were not used: when they are due, when they were created, and which deliveries are theirs.
 *
 * Existing rows: referrals that exist already get no reminder. Additive: the previous release does not read the columns, and its workers
 * skip no delivery: it has the kind only after this release has created it.
 */
export class ReferralReminders1763886300002 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE referral ADD COLUMN remind_on date, ADD COLUMN reminded_at timestamptz');
    await db.query(`CREATE INDEX referral_reminder ON referral (remind_on)
                    WHERE reminded_at IS NULL AND appointment_id IS NULL AND remind_on IS NOT NULL`);
    await db.query('ALTER TABLE notification ADD COLUMN referral_id uuid REFERENCES referral ON DELETE SET NULL');
    await db.query(`CREATE UNIQUE INDEX notification_referral ON notification (referral_id, user_id, channel)
                    WHERE referral_id IS NOT NULL`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE notification DROP COLUMN referral_id');
    await db.query('ALTER TABLE referral DROP COLUMN remind_on, DROP COLUMN reminded_at');
  }
}
