import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Stroke assessments. Request and answer are encrypted (FieldCipher); the other columns are plain, for lists. */
export class StrokeAssessments1763830000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // client_id is null if the person is not a known patient, such as a visitor at the desk.
    await db.query(`
      CREATE TABLE stroke_assessment (
        id uuid PRIMARY KEY,
        client_id uuid REFERENCES client,
        clinic_id uuid REFERENCES clinic,
        rater_user_id uuid NOT NULL REFERENCES user_account,
        rater_role text NOT NULL CHECK (rater_role IN ('SELF','BYSTANDER','RESPONDER','CLINICIAN')),
        level text NOT NULL CHECK (level IN ('ROUTINE','INCOMPLETE','URGENT','CALL_EMERGENCY')),
        instruments jsonb NOT NULL,
        assessed_at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await db.query(`CREATE INDEX stroke_assessment_client ON stroke_assessment (client_id, id)`);
    await db.query(`CREATE INDEX stroke_assessment_rater ON stroke_assessment (rater_user_id, id)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE IF EXISTS stroke_assessment`);
  }
}
