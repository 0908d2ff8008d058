import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * API keys for machines, and the key that acted in audit rows.
 *
 * Existing rows: audit rows name no key, and their hashes in chains stay the same. The index of audit rows is built without blocking
 * writes, so the migration has no transaction; it can be run again if it was interrupted.
 * Additive: the previous release does not use the table and the column, and refuses keys as invalid access tokens.
 */
export class ApiKeys1763883700000 implements MigrationInterface {
  static readonly additive = true;
  readonly transaction = false;

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE audit_log ADD COLUMN IF NOT EXISTS api_key_id uuid');
    await db.query(`
      CREATE TABLE IF NOT EXISTS api_key (
        id uuid PRIMARY KEY,
        maker_id uuid NOT NULL REFERENCES user_account,
        name text NOT NULL,
        secret_hash bytea NOT NULL,
        permissions text[] NOT NULL,
        clinic_ids uuid[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        last_used_ip text,
        revoked_at timestamptz,
        revoked_by uuid REFERENCES user_account,
        CONSTRAINT api_key_permissions_check CHECK (cardinality(permissions) > 0),
        CONSTRAINT api_key_clinic_ids_check CHECK (cardinality(clinic_ids) > 0),
        CONSTRAINT api_key_revoked_check CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL)
      )`);
    await db.query('CREATE INDEX IF NOT EXISTS api_key_maker ON api_key (maker_id)');
    // An interrupted build leaves an invalid index, which IF NOT EXISTS would keep.
    await db.query('DROP INDEX CONCURRENTLY IF EXISTS audit_log_api_key');
    await db.query(
      'CREATE INDEX CONCURRENTLY audit_log_api_key ON audit_log (api_key_id, occurred_at, id) WHERE api_key_id IS NOT NULL',
    );
  }

  /**
   * Loses the keys and which of them acted. Audit chains with such rows then count as broken. TypeORM always undoes a migration in a
   * transaction.
   */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX IF EXISTS audit_log_api_key');
    await db.query('DROP TABLE IF EXISTS api_key');
    await db.query('ALTER TABLE audit_log DROP COLUMN IF EXISTS api_key_id');
  }
}
