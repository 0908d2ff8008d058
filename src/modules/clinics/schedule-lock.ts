import type { Database } from '../../core/database/database.js';

/** The tables that booking rules are read from, each with the SQL for the clinic of the row `$1`. */
const CLINIC_ID_SQL = {
  clinic: '$1::uuid',
  doctor: '(SELECT clinic_id FROM doctor WHERE id = $1::uuid)',
  service: '(SELECT clinic_id FROM service WHERE id = $1::uuid)',
  resource: '(SELECT clinic_id FROM resource WHERE id = $1::uuid)',
};

/**
 * Locks the schedule of a clinic until the transaction ends. Call it before any other lock: it waits for running bookings and
 * makes later ones wait, so what the transaction reads of appointments stays true. SQL: one statement finds the clinic and locks.
 * @param table the table of the row `id` that belongs to the clinic
 */
export async function lockSchedule(db: Database, table: keyof typeof CLINIC_ID_SQL, id: string): Promise<void> {
  await db.rows(`SELECT FROM schedule_revision WHERE clinic_id = ${CLINIC_ID_SQL[table]} FOR UPDATE`, [id]);
}
