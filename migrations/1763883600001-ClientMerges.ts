import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables whose rows belong to a patient. */
const OWNED = ['appointment', 'client_clinic', 'scan', 'stroke_assessment'];

/**
 * Joins two records of one patient: the duplicate stays, empty, and refers to the record that it was merged into. `client_merge`
 * keeps which rows were moved.
 *
 * A trigger refuses new rows of a merged record: a booking that began before the merge and ends after it would otherwise belong to
 * nobody. Its row lock makes the booking wait for the merge. `client.user_id` is empty only while a merge exchanges the accounts.
 *
 * Existing rows: none change. Additive: processes of the previous release do not merge, and the trigger refuses nothing of theirs.
 */
export class ClientMerges1763883600001 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE client ALTER COLUMN user_id DROP NOT NULL`);
    await db.query(`ALTER TABLE client ADD COLUMN merged_into_id uuid REFERENCES client`);
    await db.query(`CREATE INDEX client_merged_into ON client (merged_into_id) WHERE merged_into_id IS NOT NULL`);
    await db.query(`
      CREATE TABLE client_merge (
        id uuid PRIMARY KEY,
        client_id uuid NOT NULL REFERENCES client,
        duplicate_id uuid NOT NULL REFERENCES client,
        client_user_id uuid NOT NULL REFERENCES user_account,
        duplicate_user_id uuid NOT NULL REFERENCES user_account,
        moved jsonb NOT NULL,
        merged_at timestamptz NOT NULL DEFAULT now()
      )`);
    await db.query(`CREATE INDEX client_merge_client ON client_merge (client_id)`);
    await db.query(`CREATE INDEX client_merge_duplicate ON client_merge (duplicate_id)`);
    await db.query(`CREATE INDEX client_merge_merged ON client_merge (merged_at)`);
    await db.query(`
      CREATE FUNCTION assert_client_not_merged() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE merged_into uuid;
      BEGIN
        SELECT merged_into_id INTO merged_into FROM client WHERE id = NEW.client_id FOR KEY SHARE;
        IF merged_into IS NOT NULL THEN
          RAISE EXCEPTION 'the patient record was merged into another one'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'client_not_merged';
        END IF;
        RETURN NEW;
      END $$`);
    for (const table of OWNED) {
      await db.query(`CREATE TRIGGER client_not_merged BEFORE INSERT OR UPDATE OF client_id ON ${table}
                      FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION assert_client_not_merged()`);
    }
  }

  /** Merged records stay merged: they are empty, and their accounts are closed. */
  async down(db: QueryRunner): Promise<void> {
    for (const table of OWNED) await db.query(`DROP TRIGGER client_not_merged ON ${table}`);
    await db.query('DROP FUNCTION assert_client_not_merged()');
    await db.query('DROP TABLE client_merge');
    await db.query('ALTER TABLE client DROP COLUMN merged_into_id');
    await db.query('ALTER TABLE client ALTER COLUMN user_id SET NOT NULL');
  }
}
