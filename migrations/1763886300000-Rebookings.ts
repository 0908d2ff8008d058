import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The appointments that patients booked again with the link in the message of a cancellation. The primary key allows one for each
 * cancelled appointment.
 *
 * Existing rows: none. Additive: processes of the previous release do not know such links.
 */
export class Rebookings1763886300000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE rebooking (
        cancelled_id uuid PRIMARY KEY REFERENCES appointment,
        appointment_id uuid REFERENCES appointment,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE rebooking');
  }
}
