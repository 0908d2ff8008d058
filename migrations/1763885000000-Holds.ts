import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Holds: slots that are kept for a while. Their rows of `reservation` have an end, and the id of the appointment that may replace the
 * hold; the foreign keys to `appointment` and `hold` are on two computed columns, because only one of them applies to a row.
 *
 * Existing rows: all reservations belong to appointments (`expires_at` is empty). The computed columns rewrite `reservation` while it is
 * locked (about 4 s for a million rows). Additive: for processes of the previous release, a hold is a reservation like others.
 */
export class Holds1763885000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE hold (
        id uuid PRIMARY KEY,
        clinic_id uuid NOT NULL REFERENCES clinic,
        client_id uuid REFERENCES client,
        doctor_id uuid NOT NULL REFERENCES doctor,
        service_id uuid NOT NULL REFERENCES service,
        resource_ids uuid[] NOT NULL DEFAULT '{}',
        group_id uuid,
        seat int CHECK (seat >= 1),
        start_at timestamptz NOT NULL,
        end_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        number int CHECK (number >= 1),
        created_by uuid REFERENCES user_account,
        created_at timestamptz NOT NULL,
        CONSTRAINT hold_check CHECK (start_at < end_at)
      )`);
    await db.query('CREATE UNIQUE INDEX hold_client ON hold (client_id, number)');
    await db.query('CREATE INDEX hold_clinic ON hold (clinic_id, start_at)');
    await db.query('CREATE INDEX hold_seat ON hold (group_id, seat) WHERE group_id IS NOT NULL');
    await db.query('CREATE INDEX hold_expiry ON hold (expires_at)');
    await db.query(`CREATE TRIGGER client_not_merged BEFORE INSERT OR UPDATE OF client_id ON hold
                    FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION assert_client_not_merged()`);
    await db.query(`
      ALTER TABLE reservation
        DROP CONSTRAINT reservation_appointment_id_fkey,
        ADD COLUMN expires_at timestamptz,
        ADD COLUMN booked_id uuid GENERATED ALWAYS AS (CASE WHEN expires_at IS NULL THEN appointment_id END) STORED
          CONSTRAINT reservation_booked_id_fkey REFERENCES appointment,
        ADD COLUMN hold_id uuid GENERATED ALWAYS AS (CASE WHEN expires_at IS NOT NULL THEN appointment_id END) STORED
          CONSTRAINT reservation_hold_id_fkey REFERENCES hold ON DELETE CASCADE`);
    await db.query('CREATE INDEX reservation_hold ON reservation (hold_id) WHERE hold_id IS NOT NULL');
  }

  /** Holds end: their time is free again. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DELETE FROM hold');
    await db.query(`
      ALTER TABLE reservation
        DROP COLUMN hold_id, DROP COLUMN booked_id, DROP COLUMN expires_at,
        ADD CONSTRAINT reservation_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointment`);
    await db.query('DROP TABLE hold');
  }
}
