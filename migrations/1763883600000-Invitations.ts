import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Invitations: what they add to their rows in `account_link`.
 *
 * Existing rows: none change. Accounts without a password are not invited by this; the clinic invites them when it wants.
 * Additive: processes of the previous release do not use the table.
 */
export class Invitations1763883600000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE invitation (
        id uuid PRIMARY KEY REFERENCES account_link ON DELETE CASCADE,
        clinic_id uuid REFERENCES clinic,
        joins_clinic boolean NOT NULL DEFAULT false,
        sets_email boolean NOT NULL DEFAULT false,
        was_requested boolean NOT NULL DEFAULT false,
        wrong_birth_dates int NOT NULL DEFAULT 0
      )`);
    await db.query('CREATE INDEX invitation_clinic ON invitation (clinic_id)');
  }

  /** The invitations that were sent stop working. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE invitation');
  }
}
