import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Outside production, the messages that would have been sent; in production, it stays empty. Its rows may be lost. */
export class DevMailbox1763805000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE TABLE IF NOT EXISTS dev_mailbox (
      id uuid PRIMARY KEY,
      delivery_id text NOT NULL,
      channel text NOT NULL,
      recipient text NOT NULL,
      subject text NOT NULL,
      body text NOT NULL,
      html text,
      calendar text,
      calendar_method text,
      unsubscribe_url text,
      data jsonb,
      locale text NOT NULL,
      sent_at timestamptz NOT NULL DEFAULT now()
    )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE IF EXISTS dev_mailbox');
  }
}
