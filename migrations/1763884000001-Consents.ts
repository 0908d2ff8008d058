import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Consents of users. Additive; existing users have no records, so everything stays allowed for them. */
export class Consents1763884000001 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE consent (
        sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES user_account,
        kind text NOT NULL CHECK (kind IN ('AI_CHAT', 'CLINIC_MESSAGES', 'EMAIL', 'SMS', 'PUSH')),
        version text NOT NULL,
        given boolean NOT NULL,
        recorded_by uuid NOT NULL REFERENCES user_account,
        recorded_at timestamptz NOT NULL
      )`);
    await db.query('CREATE INDEX consent_newest ON consent (user_id, kind, sequence)');
    await db.query(`CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON consent
                    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_table()`);
    await db.query(`CREATE TRIGGER consent_no_truncate BEFORE TRUNCATE ON consent
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_table()`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE consent');
  }
}
