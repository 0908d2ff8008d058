import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  changeInBatches,
  createIndexConcurrently,
  dropIndexConcurrently,
  validateConstraint,
} from '../../migrations/live.js';

/** The patterns of docs/live-migrations.md on the table that bookings write, which tests run up and down under load. */

class AddColumn1900000000001 implements MigrationInterface {
  static readonly additive = true;
  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE appointment ADD COLUMN test_origin text, ADD COLUMN test_level int NOT NULL DEFAULT 1`);
  }
  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE appointment DROP COLUMN test_level, DROP COLUMN test_origin');
  }
}

/** From now on, each new row has the value, also that of an old process. */
class FillByTrigger1900000000002 implements MigrationInterface {
  static readonly additive = true;
  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `CREATE FUNCTION test_fill_origin() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN NEW.test_origin := coalesce(NEW.test_origin, 'new'); RETURN NEW; END $$`,
    );
    await db.query(`CREATE TRIGGER test_fill_origin BEFORE INSERT OR UPDATE ON appointment
                    FOR EACH ROW EXECUTE FUNCTION test_fill_origin()`);
  }
  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TRIGGER test_fill_origin ON appointment');
    await db.query('DROP FUNCTION test_fill_origin()');
  }
}

/** Fills the old rows, a few at a time. */
class FillInBatches1900000000003 implements MigrationInterface {
  static readonly additive = true;
  readonly transaction = false;
  async up(db: QueryRunner): Promise<void> {
    await changeInBatches(
      db,
      `UPDATE appointment SET test_origin = 'old' WHERE id IN (
         SELECT id FROM appointment WHERE test_origin IS NULL LIMIT $1 FOR UPDATE)`,
      100,
    );
  }
  async down(): Promise<void> {
    // The values go with their column.
  }
}

class AddConstraint1900000000004 implements MigrationInterface {
  static readonly additive = true;
  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `ALTER TABLE appointment ADD CONSTRAINT test_origin_filled CHECK (test_origin IS NOT NULL) NOT VALID`,
    );
  }
  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE appointment DROP CONSTRAINT test_origin_filled');
  }
}

class ValidateConstraint1900000000005 implements MigrationInterface {
  static readonly additive = true;
  readonly transaction = false;
  async up(db: QueryRunner): Promise<void> {
    await validateConstraint(db, 'appointment', 'test_origin_filled');
  }
  async down(): Promise<void> {
    // A valid constraint may stay valid.
  }
}

class AddIndex1900000000006 implements MigrationInterface {
  static readonly additive = true;
  readonly transaction = false;
  async up(db: QueryRunner): Promise<void> {
    await createIndexConcurrently(db, 'appointment_test_origin', 'ON appointment (clinic_id, test_origin)');
  }
  async down(db: QueryRunner): Promise<void> {
    await dropIndexConcurrently(db, 'appointment_test_origin');
  }
}

export const LIVE_MIGRATIONS = [
  AddColumn1900000000001,
  FillByTrigger1900000000002,
  FillInBatches1900000000003,
  AddConstraint1900000000004,
  ValidateConstraint1900000000005,
  AddIndex1900000000006,
];

/** What a release must not do: the processes of the previous one read the column. */
export class RenameColumn1900000000007 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE appointment RENAME COLUMN notes TO remarks');
  }
  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE appointment RENAME COLUMN remarks TO notes');
  }
}
