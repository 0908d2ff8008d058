import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Guardians: patients who act for another patient, a child. The end of a link by age is not stored, because it would reveal the
 * encrypted date of birth; `ended_at` is the end by the front desk.
 *
 * Existing rows: none. Additive: processes of the previous release do not know guardians.
 */
export class Guardians1763885600001 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE guardian (
        id uuid PRIMARY KEY,
        client_id uuid NOT NULL REFERENCES client,
        guardian_id uuid NOT NULL REFERENCES client,
        clinic_id uuid NOT NULL REFERENCES clinic,
        created_by uuid REFERENCES user_account,
        created_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        CONSTRAINT guardian_is_another_patient CHECK (client_id <> guardian_id)
      )`);
    await db.query('CREATE UNIQUE INDEX guardian_once ON guardian (client_id, guardian_id) WHERE ended_at IS NULL');
    await db.query('CREATE INDEX guardian_client ON guardian (client_id)');
    await db.query('CREATE INDEX guardian_guardian ON guardian (guardian_id)');
    await db.query(`CREATE TRIGGER client_not_merged BEFORE INSERT OR UPDATE OF client_id ON guardian
                    FOR EACH ROW EXECUTE FUNCTION assert_client_not_merged()`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE guardian');
  }
}
