import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Prices of a service by doctor and by first or follow-up visit, the rates of tax, deposit and refunds, and a note about the insurance on an
 * appointment. Prices include the tax.
 * The triggers increment the clinic's schedule revision and invalidate cached answers, as for the price of the service itself.
 *
 * Existing rows: services have one price for everybody, no clinic has a tax, a deposit is the whole price, and appointments were booked
 * without a tax. Additive: processes of the previous release book at the price of the service.
 */
export class Prices1763887200000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE service ADD COLUMN first_visit_per text NOT NULL DEFAULT 'DOCTOR'
                    CONSTRAINT service_first_visit_per_check CHECK (first_visit_per IN ('DOCTOR', 'CLINIC'))`);
    await db.query(`
      CREATE TABLE service_price (
        id uuid PRIMARY KEY,
        service_id uuid NOT NULL REFERENCES service,
        clinic_id uuid NOT NULL REFERENCES clinic,
        doctor_id uuid REFERENCES doctor,
        visit text NOT NULL CHECK (visit IN ('ANY', 'FIRST', 'FOLLOW_UP')),
        price_minor bigint NOT NULL CHECK (price_minor >= 0)
      )`);
    await db.query(`CREATE UNIQUE INDEX service_price_key
                    ON service_price (service_id, visit, coalesce(doctor_id, '00000000-0000-0000-0000-000000000000'))`);
    await db.query(`CREATE TRIGGER schedule_changed AFTER INSERT OR UPDATE OR DELETE ON service_price
                    FOR EACH ROW EXECUTE FUNCTION schedule_changed()`);
    await db.query(`CREATE TRIGGER schedule_truncated AFTER TRUNCATE ON service_price
                    FOR EACH STATEMENT EXECUTE FUNCTION schedule_changed()`);
    for (const [column, max, initial] of POLICIES) {
      await db.query(`ALTER TABLE clinic ADD COLUMN ${column} int NOT NULL DEFAULT ${initial}
                      CONSTRAINT clinic_${column}_check CHECK (${column} BETWEEN ${MINIMA[column] ?? 0} AND ${max})`);
    }
    await db.query(`ALTER TABLE appointment ADD COLUMN tax_basis_points int NOT NULL DEFAULT 0
                    CONSTRAINT appointment_tax_basis_points_check CHECK (tax_basis_points BETWEEN 0 AND 10000)`);
    await db.query('ALTER TABLE appointment ADD COLUMN insurance_note bytea');
    await setNoteFields(db, ['notes', 'staffNotes', 'insuranceNote', 'overrideReason', 'moveReason']);
  }

  /** The insurance notes and their history are deleted. */
  async down(db: QueryRunner): Promise<void> {
    await db.query(`DELETE FROM appointment_note_change WHERE field = 'insuranceNote'`);
    await setNoteFields(db, ['notes', 'staffNotes', 'overrideReason', 'moveReason']);
    await db.query('ALTER TABLE appointment DROP COLUMN insurance_note');
    await db.query('ALTER TABLE appointment DROP COLUMN tax_basis_points');
    for (const [column] of POLICIES) await db.query(`ALTER TABLE clinic DROP COLUMN ${column}`);
    await db.query('DROP TABLE service_price');
    await db.query('ALTER TABLE service DROP COLUMN first_visit_per');
  }
}

const POLICIES = [
  ['tax_basis_points', 10_000, 0],
  ['deposit_percent', 100, 100],
  ['refund_percent_before_cutoff', 100, 100],
  ['refund_percent_after_cutoff', 100, 0],
] as const;

/** A deposit of nothing is no deposit. */
const MINIMA: Record<string, number> = { deposit_percent: 1 };

async function setNoteFields(db: QueryRunner, fields: string[]): Promise<void> {
  await db.query(`
    ALTER TABLE appointment_note_change
      DROP CONSTRAINT appointment_note_change_field_check,
      ADD CONSTRAINT appointment_note_change_field_check CHECK (field IN ('${fields.join(`', '`)}'))`);
}
