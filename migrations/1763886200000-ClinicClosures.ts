import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Closures of a whole clinic, such as public holidays. The trigger increments the clinic's schedule revision as for exceptions: the
 * function schedule_changed takes the clinic from `clinic_id`.
 *
 * Existing rows: none. Additive: processes of the previous release do not know closures, so do not close a clinic during an upgrade.
 */
export class ClinicClosures1763886200000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE clinic_closure (
        id uuid PRIMARY KEY,
        clinic_id uuid NOT NULL REFERENCES clinic,
        from_day date NOT NULL,
        to_day date NOT NULL,
        start_minute smallint CHECK (start_minute BETWEEN 0 AND 1439),
        end_minute smallint CHECK (end_minute BETWEEN 1 AND 1440),
        reason text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CHECK (from_day <= to_day),
        CHECK ((start_minute IS NULL) = (end_minute IS NULL)),
        CHECK (start_minute < end_minute)
      )`);
    await db.query('CREATE INDEX clinic_closure_clinic ON clinic_closure (clinic_id, to_day)');
    await db.query(`CREATE TRIGGER schedule_changed AFTER INSERT OR UPDATE OR DELETE ON clinic_closure
                    FOR EACH ROW EXECUTE FUNCTION schedule_changed()`);
    await db.query(`CREATE TRIGGER schedule_truncated AFTER TRUNCATE ON clinic_closure
                    FOR EACH STATEMENT EXECUTE FUNCTION schedule_changed()`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE clinic_closure');
  }
}
