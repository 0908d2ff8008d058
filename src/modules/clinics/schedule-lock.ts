import type { Database } from '../../core/database/database.js';

/** The tables whose rows decide what can be booked, each with the clinic of a row `$1`. */
const CLINIC_OF = {
  clinic: '$1::uuid',
  doctor: '(SELECT clinic_id FROM doctor WHERE id = $1::uuid)',
  service: '(SELECT clinic_id FROM service WHERE id = $1::uuid)',
  resource: '(SELECT clinic_id FROM resource WHERE id = $1::uuid)',
};

/**
 * Takes the schedule of a clinic for the rest of the transaction, as every change of it does in the end. Before any other lock, so
 * that bookings under way are waited for and later ones wait: what is then read of appointments stays true.
 * @param table of the row `id` whose clinic is meant
 */
export async function lockSchedule(db: Database, table: keyof typeof CLINIC_OF, id: string): Promise<void> {
  await db.rows(`SELECT FROM schedule_revision WHERE clinic_id = ${CLINIC_OF[table]} FOR UPDATE`, [id]);
}
