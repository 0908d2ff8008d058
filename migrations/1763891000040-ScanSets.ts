import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A scan set: the images of one DICOM study of a patient. Its images are rows of `scan`, and an analysis is of a scan or of a set.
 *
 * Existing rows: scans belong to no set, and analyses are of scans. Additive: processes of the previous release list the images of a
 * set among the scans, and cannot analyse a set: its analysis waits until its lease ends, and a new process runs it.
 */
export class ScanSets1763891000040 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `CREATE TABLE scan_set (
        id uuid PRIMARY KEY,
        client_id uuid NOT NULL REFERENCES client,
        uploaded_by uuid NOT NULL REFERENCES user_account,
        study_instance_uid text NOT NULL,
        kind text,
        taken_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        deleted_at timestamptz
      )`,
    );
    await db.query('CREATE INDEX scan_set_client ON scan_set (client_id, id) WHERE deleted_at IS NULL');
    await db.query(`CREATE TRIGGER client_not_merged BEFORE INSERT OR UPDATE OF client_id ON scan_set
                    FOR EACH ROW EXECUTE FUNCTION assert_client_not_merged()`);
    await db.query('ALTER TABLE scan ADD COLUMN scan_set_id uuid REFERENCES scan_set');
    await db.query('CREATE INDEX scan_scan_set ON scan (scan_set_id, id) WHERE scan_set_id IS NOT NULL');
    await db.query(
      `ALTER TABLE scan_analysis ALTER COLUMN scan_id DROP NOT NULL,
         ADD COLUMN scan_set_id uuid REFERENCES scan_set,
         ADD COLUMN result_scan_id uuid REFERENCES scan,
         ADD COLUMN images int,
         ADD CONSTRAINT scan_analysis_subject_check CHECK (num_nonnulls(scan_id, scan_set_id) = 1)`,
    );
    await db.query('CREATE INDEX scan_analysis_scan_set ON scan_analysis (scan_set_id, id)');
    await db.query(
      `CREATE UNIQUE INDEX scan_analysis_scan_set_open ON scan_analysis (scan_set_id) WHERE state IN ('QUEUED', 'RUNNING')`,
    );
  }

  /** Deletes the analyses of sets; their images become scans of their own. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DELETE FROM scan_analysis WHERE scan_id IS NULL');
    await db.query(
      `ALTER TABLE scan_analysis DROP COLUMN images, DROP COLUMN result_scan_id, DROP COLUMN scan_set_id,
         ALTER COLUMN scan_id SET NOT NULL`,
    );
    await db.query('ALTER TABLE scan DROP COLUMN scan_set_id');
    await db.query('DROP TABLE scan_set');
  }
}
