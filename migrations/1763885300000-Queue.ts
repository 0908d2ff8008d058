import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The day's queue of a clinic: a number for each patient who has arrived, and what the visit does not know: when the patient was called,
 * and who was moved. Patients without a visit (walk-ins who wait for a gap) have their record, doctor and service here.
 *
 * Existing rows: none. Patients who are checked in when this runs, or are checked in by processes of the previous release, get their
 * numbers when the queue is next read. Additive.
 */
export class Queue1763885300000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE queue_entry (
        id uuid PRIMARY KEY,
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        clinic_id uuid NOT NULL REFERENCES clinic,
        day date NOT NULL,
        number int NOT NULL CHECK (number >= 1),
        appointment_id uuid REFERENCES appointment,
        client_id uuid REFERENCES client,
        doctor_id uuid REFERENCES doctor,
        service_id uuid REFERENCES service,
        arrived_at timestamptz,
        is_walk_in boolean NOT NULL DEFAULT false,
        called_at timestamptz,
        left_at timestamptz,
        sort_at timestamptz,
        sort_tie double precision,
        move_reasons bytea,
        CONSTRAINT queue_entry_check CHECK (CASE WHEN appointment_id IS NULL
          THEN num_nulls(client_id, doctor_id, service_id, arrived_at) = 0
          ELSE num_nonnulls(client_id, doctor_id, service_id) = 0 END)
      )`);
    await db.query('CREATE UNIQUE INDEX queue_entry_number ON queue_entry (clinic_id, day, number)');
    await db.query('CREATE UNIQUE INDEX queue_entry_appointment ON queue_entry (appointment_id)');
    await db.query('CREATE INDEX queue_entry_client ON queue_entry (client_id) WHERE client_id IS NOT NULL');
    await db.query(`CREATE TRIGGER client_not_merged BEFORE INSERT OR UPDATE OF client_id ON queue_entry
                    FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION assert_client_not_merged()`);
  }

  /** Numbers, calls and moves of all days are lost, and the walk-ins without a visit. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE queue_entry');
  }
}
