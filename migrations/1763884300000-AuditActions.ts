import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An index to find audit rows of a rare action, such as exports of patients' data, also by the start of its name in every collation, and a
 * trigger that refuses emergency accesses to a record that was merged meanwhile, as for visits and images.
 *
 * Existing rows: none change. Additive. Every booking writes to `audit_log`, so the index is built concurrently, without blocking writes
 * (about three seconds for a million rows), and the migration has no transaction; it can be run again if it was interrupted. The trigger locks
 * `break_glass` for the time of one short statement.
 */
export class AuditActions1763884300000 implements MigrationInterface {
  static readonly additive = true;
  readonly transaction = false;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE OR REPLACE TRIGGER client_not_merged BEFORE INSERT OR UPDATE OF client_id ON break_glass
                    FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION assert_client_not_merged()`);
    // A concurrent build waits for open transactions, and blocks no other statement meanwhile.
    await db.query('SET lock_timeout = 0');
    // An interrupted build leaves an invalid index, which IF NOT EXISTS would keep.
    await db.query('DROP INDEX CONCURRENTLY IF EXISTS audit_log_action');
    await db.query(
      'CREATE INDEX CONCURRENTLY audit_log_action ON audit_log (action text_pattern_ops, occurred_at, id)',
    );
    await db.query('RESET lock_timeout');
  }

  /** TypeORM always undoes a migration in a transaction. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX IF EXISTS audit_log_action');
    await db.query('DROP TRIGGER IF EXISTS client_not_merged ON break_glass');
  }
}
