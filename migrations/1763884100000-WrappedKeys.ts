import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Random keys that stay the same when FIELD_ENCRYPTION_KEYS changes, encrypted with these. The first one is the key of the blind
 * indexes; the first process that needs it creates it.
 *
 * Existing rows: none are changed. Additive: the previous release does not use the table.
 */
export class WrappedKeys1763884100000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE wrapped_key (
        name text PRIMARY KEY,
        wrapped bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE wrapped_key');
  }
}
