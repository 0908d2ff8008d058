import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many upcoming appointments at a clinic a patient may have who books them without the desk; null: any number. */
export class UpcomingPerClient1763860000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE clinic ADD COLUMN max_upcoming_per_client int DEFAULT 20
        CHECK (max_upcoming_per_client BETWEEN 1 AND 1000)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE clinic DROP COLUMN IF EXISTS max_upcoming_per_client`);
  }
}
