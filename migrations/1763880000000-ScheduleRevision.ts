import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A schedule revision for each clinic: a number that is incremented in the transaction of every change that decides what can be
 * booked. Triggers do it, so that no code path can forget it. Processes cache booking rules with their revision, and a booking
 * is written only while the revision is the one it was checked by.
 *
 * `client_clinic.bookings` counts a patient's own bookings at a clinic: the guard of `maxUpcomingPerClient`.
 *
 * Existing rows: every clinic starts at revision 1, every counter at 0. Nothing else changes.
 */
export class ScheduleRevision1763880000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of DOWN) await db.query(statement);
  }
}

/** Everything that booking rules are made of. */
const TABLES = ['clinic', 'service', 'service_doctor', 'doctor', 'resource', 'weekly_rule', 'schedule_exception'];

const UP = [
  // Half of each page stays free, so that an update needs no new index entry.
  `CREATE TABLE schedule_revision (
     clinic_id uuid PRIMARY KEY REFERENCES clinic,
     revision bigint NOT NULL DEFAULT 1
   ) WITH (fillfactor = 50)`,
  'INSERT INTO schedule_revision (clinic_id) SELECT id FROM clinic',

  `CREATE FUNCTION schedule_changed() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE
       changed record;
       clinic uuid;
     BEGIN
       IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
       CASE TG_TABLE_NAME
         WHEN 'clinic' THEN clinic := changed.id;
         WHEN 'service_doctor' THEN clinic := (SELECT s.clinic_id FROM service s WHERE s.id = changed.service_id);
         WHEN 'weekly_rule', 'schedule_exception' THEN
           clinic := (SELECT r.clinic_id FROM resource r WHERE r.id = changed.resource_id);
         ELSE clinic := changed.clinic_id;
       END CASE;
       IF TG_TABLE_NAME = 'clinic' AND TG_OP = 'INSERT' THEN
         INSERT INTO schedule_revision (clinic_id) VALUES (clinic);
       ELSE
         UPDATE schedule_revision SET revision = revision + 1 WHERE clinic_id = clinic;
       END IF;
       RETURN NULL;
     END
   $$`,
  ...TABLES.map(
    (table) => `CREATE TRIGGER schedule_changed AFTER INSERT OR UPDATE OR DELETE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION schedule_changed()`,
  ),

  'ALTER TABLE client_clinic ADD COLUMN bookings int NOT NULL DEFAULT 0',
];

const DOWN = [
  'ALTER TABLE client_clinic DROP COLUMN IF EXISTS bookings',
  ...TABLES.map((table) => `DROP TRIGGER IF EXISTS schedule_changed ON ${table}`),
  'DROP FUNCTION IF EXISTS schedule_changed()',
  'DROP TABLE IF EXISTS schedule_revision',
];
