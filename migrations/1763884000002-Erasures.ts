import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The list of erased accounts. Additive; changes no existing rows. */
export class Erasures1763884000002 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE erasure (
        user_id uuid PRIMARY KEY,
        requested_by uuid,
        erased_at timestamptz NOT NULL,
        finished_at timestamptz
      )`);
    await db.query('CREATE INDEX erasure_unfinished ON erasure (erased_at) WHERE finished_at IS NULL');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE erasure');
  }
}
