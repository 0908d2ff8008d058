import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The waitlist: who waits for a time of a service, the times that were freed, and the offers of such times. A clinic decides how long an
 * offer lasts, and whether a time is offered to one patient after the other or to all at once. A message can be about an offer.
 *
 * Existing rows: clinics offer a time to one patient after the other, for an hour. Nobody waits yet. Additive.
 */
export class Waitlist1763886100000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE clinic
        ADD COLUMN waitlist_offers_to_all boolean NOT NULL DEFAULT false,
        ADD COLUMN waitlist_offer_minutes int NOT NULL DEFAULT 60
          CONSTRAINT clinic_waitlist_offer_minutes_check CHECK (waitlist_offer_minutes BETWEEN 5 AND 1440)`);
    await db.query(`
      CREATE TABLE waitlist_entry (
        id uuid PRIMARY KEY,
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        clinic_id uuid NOT NULL REFERENCES clinic,
        client_id uuid NOT NULL REFERENCES client,
        service_id uuid NOT NULL REFERENCES service,
        doctor_id uuid REFERENCES doctor,
        appointment_id uuid REFERENCES appointment,
        from_day date NOT NULL,
        to_day date NOT NULL,
        ends_at timestamptz NOT NULL,
        weekdays int[],
        start_minute int CHECK (start_minute BETWEEN 0 AND 1439),
        end_minute int CHECK (end_minute BETWEEN 1 AND 1440),
        urgency int NOT NULL DEFAULT 3 CHECK (urgency BETWEEN 1 AND 4),
        status text NOT NULL DEFAULT 'WAITING' CHECK (status IN ('WAITING', 'BOOKED', 'EXPIRED', 'CANCELLED')),
        booked_id uuid REFERENCES appointment,
        CONSTRAINT waitlist_entry_check CHECK (from_day <= to_day AND coalesce(start_minute, 0) < coalesce(end_minute, 1440))
      )`);
    await db.query(
      `CREATE INDEX waitlist_entry_waiting ON waitlist_entry (clinic_id, urgency, id) WHERE status = 'WAITING'`,
    );
    await db.query('CREATE INDEX waitlist_entry_clinic ON waitlist_entry (clinic_id, id)');
    await db.query('CREATE INDEX waitlist_entry_client ON waitlist_entry (client_id, id)');
    await db.query(
      'CREATE INDEX waitlist_entry_appointment ON waitlist_entry (appointment_id) WHERE appointment_id IS NOT NULL',
    );
    await db.query(`CREATE INDEX waitlist_entry_end ON waitlist_entry (ends_at) WHERE status = 'WAITING'`);
    await db.query(`CREATE TRIGGER client_not_merged BEFORE INSERT OR UPDATE OF client_id ON waitlist_entry
                    FOR EACH ROW EXECUTE FUNCTION assert_client_not_merged()`);
    await db.query(`
      CREATE TABLE waitlist_offer (
        id uuid PRIMARY KEY,
        entry_id uuid NOT NULL REFERENCES waitlist_entry ON DELETE CASCADE,
        clinic_id uuid NOT NULL REFERENCES clinic,
        doctor_id uuid NOT NULL REFERENCES doctor,
        hold_id uuid NOT NULL,
        start_at timestamptz NOT NULL,
        end_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        to_all boolean NOT NULL DEFAULT false,
        state text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'WITHDRAWN')),
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await db.query(`CREATE UNIQUE INDEX waitlist_offer_entry ON waitlist_offer (entry_id) WHERE state = 'OPEN'`);
    await db.query(
      `CREATE UNIQUE INDEX waitlist_offer_time ON waitlist_offer (hold_id) WHERE state = 'OPEN' AND NOT to_all`,
    );
    await db.query(`CREATE UNIQUE INDEX waitlist_offer_winner ON waitlist_offer (hold_id) WHERE state = 'ACCEPTED'`);
    await db.query('CREATE INDEX waitlist_offer_hold ON waitlist_offer (hold_id)');
    await db.query('CREATE INDEX waitlist_offer_history ON waitlist_offer (entry_id, doctor_id, start_at)');
    await db.query(`CREATE INDEX waitlist_offer_expiry ON waitlist_offer (expires_at) WHERE state = 'OPEN'`);
    await db.query(`
      CREATE TABLE waitlist_time (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        clinic_id uuid NOT NULL REFERENCES clinic,
        doctor_id uuid NOT NULL REFERENCES doctor,
        start_at timestamptz NOT NULL,
        end_at timestamptz NOT NULL,
        freed_at timestamptz NOT NULL DEFAULT now(),
        is_pending boolean NOT NULL DEFAULT true,
        CONSTRAINT waitlist_time_check CHECK (start_at < end_at)
      )`);
    await db.query('CREATE UNIQUE INDEX waitlist_time_range ON waitlist_time (doctor_id, start_at, end_at)');
    await db.query('CREATE INDEX waitlist_time_pending ON waitlist_time (clinic_id, start_at) WHERE is_pending');
    await db.query('CREATE INDEX waitlist_time_end ON waitlist_time (end_at)');
    await db.query(
      `ALTER TABLE notification ADD COLUMN offer_id uuid
         CONSTRAINT notification_offer_id_fkey REFERENCES waitlist_offer ON DELETE SET NULL`,
    );
    await db.query(`CREATE UNIQUE INDEX notification_offer ON notification (offer_id, user_id, channel)
                    WHERE offer_id IS NOT NULL`);
  }

  /** Everybody who waits is lost; offered times are free when their holds expire. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE notification DROP COLUMN offer_id');
    await db.query('DROP TABLE waitlist_time');
    await db.query('DROP TABLE waitlist_offer');
    await db.query('DROP TABLE waitlist_entry');
    await db.query('ALTER TABLE clinic DROP COLUMN waitlist_offers_to_all, DROP COLUMN waitlist_offer_minutes');
  }
}
