import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The doctors that a patient wants to find again. Ids are in the order of time, for the cursor of the list. */
export class Favorites1763850000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE favorite (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES user_account,
        doctor_id uuid NOT NULL REFERENCES doctor,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (user_id, doctor_id)
      )`);
    await db.query(`CREATE INDEX favorite_list ON favorite (user_id, id)`);
    await db.query(`CREATE INDEX favorite_doctor ON favorite (doctor_id)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE IF EXISTS favorite`);
  }
}
