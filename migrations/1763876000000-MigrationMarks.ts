import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which migrations are additive, written by the build that has them, so that older processes know which of the migrations
 * that they do not have they can go on with. A migration without a row here is breaking. Starts empty.
 */
export class MigrationMarks1763876000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE TABLE migration_mark (name text PRIMARY KEY, additive boolean NOT NULL)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE IF EXISTS migration_mark');
  }
}
