import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Medical images: a row for each, its bytes in the blob store, and the findings of a model. */
export class Scans1763820000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE IF EXISTS scan_analysis, scan');
  }
}

const UP = [
  // total_bytes are those of all renditions of the upload, which count for quotas. A deleted row stays for the
  // record; purged_at says that its bytes are gone as well.
  `CREATE TABLE scan (
     id uuid PRIMARY KEY,
     client_id uuid NOT NULL REFERENCES client,
     uploaded_by uuid NOT NULL REFERENCES user_account,
     kind text,
     taken_at timestamptz,
     format text NOT NULL CHECK (format IN ('PNG','JPEG','WEBP','DICOM')),
     original_bytes bigint NOT NULL,
     original_sha256 text NOT NULL,
     total_bytes bigint NOT NULL,
     renditions jsonb NOT NULL,
     width int NOT NULL,
     height int NOT NULL,
     bit_depth int NOT NULL,
     channels int NOT NULL,
     frames int NOT NULL,
     quality jsonb,
     dicom jsonb,
     deidentification jsonb,
     patient_mismatch text NOT NULL CHECK (patient_mismatch IN ('NOT_CHECKED','NONE','MISMATCH')),
     no_picture text,
     created_at timestamptz NOT NULL DEFAULT now(),
     deleted_at timestamptz,
     purged_at timestamptz
   )`,
  'CREATE INDEX scan_client ON scan (client_id, id) WHERE deleted_at IS NULL',
  'CREATE INDEX scan_to_purge ON scan (id) WHERE deleted_at IS NOT NULL AND purged_at IS NULL',

  `CREATE TABLE scan_analysis (
     id uuid PRIMARY KEY,
     scan_id uuid NOT NULL REFERENCES scan,
     state text NOT NULL CHECK (state IN ('QUEUED','RUNNING','DRAFT','SIGNED','FAILED','NOT_AVAILABLE')),
     requested_by uuid NOT NULL REFERENCES user_account,
     attempts int NOT NULL DEFAULT 0,
     lease_until timestamptz,
     reason text,
     protocol text,
     model_id text,
     model_version text,
     label text,
     score double precision CHECK (score BETWEEN 0 AND 1),
     summary text,
     input_sha256 text,
     finished_at timestamptz,
     signed_by uuid REFERENCES user_account,
     signed_at timestamptz,
     created_at timestamptz NOT NULL DEFAULT now(),
     CHECK (state NOT IN ('DRAFT','SIGNED') OR (model_id IS NOT NULL AND score IS NOT NULL AND input_sha256 IS NOT NULL)),
     CHECK (state IN ('DRAFT','SIGNED') OR (label IS NULL AND score IS NULL AND summary IS NULL))
   )`,
  'CREATE INDEX scan_analysis_scan ON scan_analysis (scan_id, id)',
  // A second request gets the analysis that has not ended.
  `CREATE UNIQUE INDEX scan_analysis_open ON scan_analysis (scan_id) WHERE state IN ('QUEUED','RUNNING')`,
];
