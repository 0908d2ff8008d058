import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Requests that cancel or move many appointments, and which appointments each of them has changed. With the Idempotency-Key of the
 * request, a repetition continues where the first attempt ended, and a patient with several of the appointments gets one message.
 * `appointment_note_change` can keep the reason of a move.
 *
 * Existing rows: none changes. Additive: processes of the previous release do not use the tables and write no reasons of moves.
 */
export class BulkChanges1763886200001 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE bulk_change (
        id uuid PRIMARY KEY,
        request_hash bytea,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await db.query('CREATE INDEX bulk_change_created ON bulk_change (created_at)');
    await db.query(`
      CREATE TABLE bulk_change_visit (
        bulk_id uuid NOT NULL REFERENCES bulk_change ON DELETE CASCADE,
        appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
        outcome text NOT NULL CHECK (outcome IN ('CANCELLED', 'MOVED')),
        version int NOT NULL,
        start_at timestamptz NOT NULL,
        end_at timestamptz NOT NULL,
        doctor_id uuid NOT NULL REFERENCES doctor,
        PRIMARY KEY (bulk_id, appointment_id)
      )`);
    await db.query('CREATE INDEX bulk_change_visit_appointment ON bulk_change_visit (appointment_id, version)');
    await setFields(db, ['notes', 'staffNotes', 'overrideReason', 'moveReason']);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DELETE FROM appointment_note_change WHERE field = 'moveReason'`);
    await setFields(db, ['notes', 'staffNotes', 'overrideReason']);
    await db.query('DROP TABLE bulk_change_visit');
    await db.query('DROP TABLE bulk_change');
  }
}

const setFields = (db: QueryRunner, fields: string[]): Promise<unknown> =>
  db.query(`
    ALTER TABLE appointment_note_change
      DROP CONSTRAINT appointment_note_change_field_check,
      ADD CONSTRAINT appointment_note_change_field_check CHECK (field IN ('${fields.join(`', '`)}'))`);
