import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The integer ids of the NeuroAid client, and the default service of a doctor.
 *
 * `neuroaid_id` starts empty: a number is assigned when an object is first shown. An import of the old JSON files
 * inserts its numbers itself; new ones start at 1,000,001, above every number that those files hold. No existing service
 * is a default.
 */
export class NeuroaidIds1763875000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE SEQUENCE neuroaid_id_number AS bigint MINVALUE 1000001 MAXVALUE 9007199254740991`);
    await db.query(`
      CREATE TABLE neuroaid_id (
        kind text NOT NULL CHECK (kind IN ('user', 'doctor', 'booking', 'faq', 'scan')),
        number bigint NOT NULL CHECK (number BETWEEN 1 AND 9007199254740991),
        uuid uuid NOT NULL,
        PRIMARY KEY (kind, number),
        UNIQUE (kind, uuid)
      )`);
    await db.query(`ALTER TABLE service ADD COLUMN is_default boolean NOT NULL DEFAULT false`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE service DROP COLUMN IF EXISTS is_default`);
    await db.query(`DROP TABLE IF EXISTS neuroaid_id`);
    await db.query(`DROP SEQUENCE IF EXISTS neuroaid_id_number`);
  }
}
