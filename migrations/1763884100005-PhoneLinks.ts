import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An index for the limit of messages to a telephone number, which counts the links that were sent to it.
 *
 * Existing rows: none are changed. Additive: the previous release does not need the index.
 */
export class PhoneLinks1763884100005 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(
      'CREATE INDEX account_link_phone ON account_link (phone_index, created_at) WHERE phone_index IS NOT NULL',
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX account_link_phone');
  }
}
