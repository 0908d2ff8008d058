import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Indexes that a hundred thousand messages at once need. */
export class BulkDeliveries1763856000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX IF EXISTS notification_sms, outbox_handled');
  }
}

const UP = [
  // To find whether an SMS at Twilio is the one that is repeated, or another message with the same text.
  `CREATE INDEX notification_sms ON notification (provider_id) WHERE channel = 'SMS'`,
  // The few events that have a position and are not published yet, without reading all those that wait for one.
  `CREATE INDEX outbox_handled ON outbox (position)
     WHERE position IS NOT NULL AND published_at IS NULL AND parked_at IS NULL`,
];
