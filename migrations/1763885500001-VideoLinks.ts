import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Links to join video visits, of doctors and of single appointments, encrypted: whoever has one can join.
 *
 * Existing rows: they have no link. Additive.
 */
export class VideoLinks1763885500001 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE doctor ADD COLUMN video_url bytea');
    await db.query('ALTER TABLE appointment ADD COLUMN video_url bytea');
  }

  /** The links are lost. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE appointment DROP COLUMN video_url');
    await db.query('ALTER TABLE doctor DROP COLUMN video_url');
  }
}
