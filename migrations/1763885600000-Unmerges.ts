import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A merge of two patient records can be undone: `values_before` keeps the values that the merge changed (encrypted; deleted when the
 * merge is undone and when one of the patients is erased), `undone_at` says when it was undone.
 *
 * Existing rows: merges from before have no values, so they cannot be undone. Additive: processes of the previous release write
 * merges without values.
 */
export class Unmerges1763885600000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE client_merge ADD COLUMN values_before bytea, ADD COLUMN undone_at timestamptz');
    await db.query('CREATE INDEX client_merge_undone ON client_merge (undone_at) WHERE undone_at IS NOT NULL');
  }

  /** Undone merges are forgotten: both records have their rows again. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DELETE FROM client_merge WHERE undone_at IS NOT NULL');
    await db.query('ALTER TABLE client_merge DROP COLUMN undone_at, DROP COLUMN values_before');
  }
}
