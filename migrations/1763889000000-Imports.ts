import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Imports: uploaded files and their progress, the rows that failed, and keys by which the records of imported rows are found when the same
 * file is imported again. `import_running` lets one import of a clinic run at a time.
 *
 * Existing rows: none. Additive: processes of the previous release do not read these tables.
 */
export class Imports1763889000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE import (
        id uuid PRIMARY KEY,
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        clinic_id uuid NOT NULL REFERENCES clinic,
        created_by uuid NOT NULL REFERENCES user_account,
        kind text NOT NULL,
        format text NOT NULL,
        status text NOT NULL,
        is_dry_run boolean NOT NULL,
        layout bytea NOT NULL,
        analysis jsonb,
        total int,
        done int NOT NULL DEFAULT 0,
        created int NOT NULL DEFAULT 0,
        unchanged int NOT NULL DEFAULT 0,
        failed int NOT NULL DEFAULT 0,
        failure text,
        claims int NOT NULL DEFAULT 0,
        attempts int NOT NULL DEFAULT 0,
        lease_until timestamptz,
        finished_at timestamptz,
        has_file boolean NOT NULL DEFAULT true,
        CONSTRAINT import_kind_check CHECK (kind IN ('clients', 'doctors', 'services', 'schedules', 'appointments')),
        CONSTRAINT import_format_check CHECK (format IN ('csv', 'xlsx')),
        CONSTRAINT import_status_check CHECK (status IN ('MAPPING', 'CHECKING', 'CHECKED', 'RUNNING', 'DONE', 'FAILED', 'EXPIRED'))
      )`);
    await db.query('CREATE INDEX import_clinic ON import (clinic_id, id)');
    await db.query(`CREATE UNIQUE INDEX import_running ON import (clinic_id) WHERE status = 'RUNNING'`);
    await db.query(`CREATE INDEX import_due ON import (lease_until) WHERE status IN ('CHECKING', 'RUNNING')`);
    await db.query(`
      CREATE TABLE import_row (
        id uuid PRIMARY KEY,
        import_id uuid NOT NULL REFERENCES import ON DELETE CASCADE,
        row_number int NOT NULL,
        content bytea NOT NULL
      )`);
    await db.query('CREATE UNIQUE INDEX import_row_number ON import_row (import_id, row_number)');
    await db.query(`
      CREATE TABLE import_key (
        key bytea PRIMARY KEY,
        record_id uuid NOT NULL
      )`);
    await db.query('CREATE INDEX import_key_record ON import_key (record_id)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE import_key');
    await db.query('DROP TABLE import_row');
    await db.query('DROP TABLE import');
  }
}
