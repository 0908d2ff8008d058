import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a hundred thousand messages at once ask for. */
export class BulkDeliveries1763856000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX IF EXISTS notification_sms, outbox_handled');
  }
}

const UP = [
  // By which a repeated SMS finds whether what Twilio has is its own, or another message with the same words.
  `CREATE INDEX notification_sms ON notification (provider_id) WHERE channel = 'SMS'`,
  // The few events that have their place and are not published yet, without looking through all that wait for one.
  `CREATE INDEX outbox_handled ON outbox (position)
     WHERE position IS NOT NULL AND published_at IS NULL AND parked_at IS NULL`,
];
