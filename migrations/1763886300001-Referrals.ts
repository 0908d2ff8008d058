import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Referrals: tickets to book one service once. `appointment_id` makes one booking of a ticket possible, and its unique index one
 * ticket for a booking; `hold_referral` one unexpired hold.
 *
 * Existing rows: services need no referral, holds have none. Additive: processes of the previous release book without referrals, also
 * services that need one.
 */
export class Referrals1763886300001 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE service ADD COLUMN requires_referral boolean NOT NULL DEFAULT false');
    await db.query(`
      CREATE TABLE referral (
        id uuid PRIMARY KEY,
        clinic_id uuid NOT NULL REFERENCES clinic,
        client_id uuid NOT NULL REFERENCES client,
        service_id uuid NOT NULL REFERENCES service,
        doctor_id uuid REFERENCES doctor,
        valid_from date NOT NULL,
        valid_to date NOT NULL,
        reason bytea,
        appointment_id uuid REFERENCES appointment,
        given_back_id uuid REFERENCES appointment,
        created_by uuid REFERENCES user_account,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT referral_check CHECK (valid_from <= valid_to)
      )`);
    await db.query('CREATE UNIQUE INDEX referral_appointment ON referral (appointment_id)');
    await db.query('CREATE INDEX referral_client ON referral (client_id, id)');
    await db.query('CREATE INDEX referral_clinic ON referral (clinic_id, id)');
    await db.query('CREATE INDEX referral_given_back ON referral (given_back_id) WHERE given_back_id IS NOT NULL');
    await db.query(`CREATE TRIGGER client_not_merged BEFORE INSERT OR UPDATE OF client_id ON referral
                    FOR EACH ROW EXECUTE FUNCTION assert_client_not_merged()`);
    await db.query('ALTER TABLE hold ADD COLUMN referral_id uuid REFERENCES referral ON DELETE SET NULL');
    await db.query('CREATE UNIQUE INDEX hold_referral ON hold (referral_id)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE hold DROP COLUMN referral_id');
    await db.query('DROP TABLE referral');
    await db.query('ALTER TABLE service DROP COLUMN requires_referral');
  }
}
