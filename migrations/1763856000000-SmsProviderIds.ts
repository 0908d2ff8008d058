import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By which a repeated SMS finds whether what Twilio has is its own, or another message with the same words. */
export class SmsProviderIds1763856000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE INDEX notification_sms ON notification (provider_id) WHERE channel = 'SMS'`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX IF EXISTS notification_sms');
  }
}
