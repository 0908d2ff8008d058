import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Links audit rows by hash into a chain for each clinic and UTC day, in a table of their own. Adds the device (user agent) to
 * audit rows, and indexes to filter them by time, actor, clinic and listed patient.
 *
 * Existing rows: they have no device. A background task links them in batches after the migration. Every booking writes to
 * `audit_log`, so the indexes are built concurrently, without blocking writes, and the migration has no transaction; it can be run
 * again if it was interrupted. Only the new column and the foreign key lock the table, each for the time of one short statement.
 */
export class AuditChain1763883400000 implements MigrationInterface {
  static readonly additive = true;
  readonly transaction = false;

  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
    // A concurrent build waits for open transactions, and blocks no other statement meanwhile.
    await db.query('SET lock_timeout = 0');
    for (const [name, definition] of INDEXES) {
      // An interrupted build leaves an invalid index, which IF NOT EXISTS would keep.
      await db.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
      await db.query(`CREATE INDEX CONCURRENTLY ${name} ON audit_log ${definition}`);
    }
    await db.query('RESET lock_timeout');
  }

  /** Loses the chains and the devices. TypeORM always undoes a migration in a transaction. */
  async down(db: QueryRunner): Promise<void> {
    for (const [name] of INDEXES) await db.query(`DROP INDEX IF EXISTS ${name}`);
    await db.query('DROP TABLE IF EXISTS audit_link');
    await db.query('DROP FUNCTION IF EXISTS refuse_change_of_table()');
    await db.query('ALTER TABLE audit_log DROP COLUMN IF EXISTS device');
  }
}

const UP = [
  'ALTER TABLE audit_log ADD COLUMN IF NOT EXISTS device text',
  `CREATE TABLE IF NOT EXISTS audit_link (
     audit_id uuid PRIMARY KEY REFERENCES audit_log,
     clinic_id uuid NOT NULL,
     day date NOT NULL,
     position int NOT NULL CHECK (position > 0),
     previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
     hash bytea NOT NULL CHECK (length(hash) = 32),
     CONSTRAINT audit_link_position UNIQUE (clinic_id, day, position)
   )`,
  `CREATE OR REPLACE FUNCTION refuse_change_of_table() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501'; END
   $$`,
  `CREATE OR REPLACE TRIGGER audit_link_append_only BEFORE UPDATE OR DELETE ON audit_link
     FOR EACH ROW EXECUTE FUNCTION refuse_change_of_table()`,
  `CREATE OR REPLACE TRIGGER audit_link_no_truncate BEFORE TRUNCATE ON audit_link
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_table()`,
];

const INDEXES = [
  ['audit_log_time', '(occurred_at, id)'],
  ['audit_log_actor', '(actor_user_id, occurred_at, id)'],
  ['audit_log_clinic', '(clinic_id, occurred_at, id)'],
  ['audit_log_clients', `USING gin ((changes -> 'clientIds')) WHERE changes ? 'clientIds'`],
] as const;
