import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was migrated from another system: each of its records with the row that it became here. A record stays when that row is deleted
 * or its person erased, so that a later run does not import it again. Existing rows: none. Additive.
 */
export class LegacyRecords1763890000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `CREATE TABLE legacy_record (
        source text NOT NULL,
        kind text NOT NULL CONSTRAINT legacy_record_kind_check
          CHECK (kind IN ('clinic', 'service', 'doctor', 'user', 'faq', 'favorite', 'scan', 'visit')),
        legacy_key text NOT NULL,
        target_id uuid NOT NULL,
        target_version int NOT NULL,
        checksum bytea NOT NULL,
        warnings jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (source, kind, legacy_key)
      )`,
    );
    await db.query('CREATE INDEX legacy_record_target ON legacy_record (target_id)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE legacy_record');
  }
}
