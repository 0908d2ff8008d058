import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Emergency accesses to patient records. Additive; changes no existing rows. */
export class BreakGlass1763884000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE break_glass (
        id uuid PRIMARY KEY,
        client_id uuid NOT NULL REFERENCES client,
        user_id uuid NOT NULL REFERENCES user_account,
        role text NOT NULL CHECK (role IN ('DOCTOR', 'STAFF')),
        clinic_ids uuid[] NOT NULL,
        reason bytea,
        opened_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await db.query('CREATE INDEX break_glass_client ON break_glass (client_id, id)');
    await db.query('CREATE INDEX break_glass_open ON break_glass (user_id, client_id, expires_at)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE break_glass');
  }
}
