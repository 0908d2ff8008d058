import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lists a clinic's appointments by their last change (`GET /appointments?updatedSince=&sort=updatedAt`), so that other systems read
 * only what is new.
 *
 * Existing rows: unchanged; the index is built while writes wait (about 1 s for a million appointments). Additive.
 */
export class AppointmentsByChange1763885100000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE INDEX appointment_change ON appointment (clinic_id, updated_at, id)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX appointment_change');
  }
}
