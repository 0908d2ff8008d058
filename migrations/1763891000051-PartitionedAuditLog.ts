import type { MigrationInterface, QueryRunner } from 'typeorm';
import { validateConstraint } from './live.js';
import { ACCEPTED, partitionByMonth, undoPartitioning } from './partitioning.js';

/**
 * Partitions the audit log by month. Its ids are UUIDv7, which begin with their time, so a month is a range of ids: the id stays the
 * primary key, and a row is found by its id in one partition.
 *
 * Existing rows: stay where they are, in the first partition, which ends with next month. Additive: processes of the previous release
 * use the same table name, columns and keys. The foreign key of `audit_link` is dropped, because a partition with referenced rows
 * could not be detached; the verifier finds links without their rows.
 */
export class PartitionedAuditLog1763891000051 implements MigrationInterface {
  static readonly additive = true;
  static readonly accepts = ACCEPTED;
  readonly transaction = false;

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE audit_link DROP CONSTRAINT IF EXISTS audit_link_audit_id_fkey');
    await partitionByMonth(db, 'audit_log', {
      created: [APPEND_ONLY, noTruncate('audit_log')],
      after: [noTruncate('partitions.audit_log_default')],
    });
  }

  /** Partitions that were archived or dropped must be attached again before, because links refer to their rows. */
  async down(db: QueryRunner): Promise<void> {
    await undoPartitioning(db, 'audit_log', { after: [APPEND_ONLY] });
    await db.query('ALTER TABLE audit_link DROP CONSTRAINT IF EXISTS audit_link_audit_id_fkey');
    await db.query(
      'ALTER TABLE audit_link ADD CONSTRAINT audit_link_audit_id_fkey FOREIGN KEY (audit_id) REFERENCES audit_log NOT VALID',
    );
    await validateConstraint(db, 'audit_link', 'audit_link_audit_id_fkey');
  }
}

const APPEND_ONLY = `CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION refuse_change()`;

/** Each partition needs its own: PostgreSQL copies only triggers of rows. */
const noTruncate = (table: string): string => `CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON ${table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`;
