import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Calendars that people subscribe to by a secret link. Only a hash of the secret is stored.
 *
 * Existing rows: none is changed. Additive.
 */
export class CalendarFeeds1763885500000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE calendar_feed (
        id uuid PRIMARY KEY,
        maker_id uuid NOT NULL REFERENCES user_account,
        doctor_id uuid REFERENCES doctor,
        detail text NOT NULL CONSTRAINT calendar_feed_detail_check CHECK (detail IN ('LIMITED', 'FULL')),
        secret_hash bytea NOT NULL CONSTRAINT calendar_feed_secret_hash_key UNIQUE,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await db.query('CREATE INDEX calendar_feed_maker ON calendar_feed (maker_id)');
    await db.query('CREATE INDEX calendar_feed_doctor ON calendar_feed (doctor_id)');
  }

  /** The links stop working. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE calendar_feed');
  }
}
