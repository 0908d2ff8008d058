import type { TestApp } from './app.js';

const MINUTE = 60_000;

/** Moves an appointment and its reservations in the database, so that it starts this number of minutes from now. */
export async function startsIn(app: TestApp, appointmentId: string, minutes: number): Promise<void> {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE + minutes * MINUTE;
  await app.db.query(
    `WITH shift AS (SELECT id, $2::timestamptz - start_at AS by FROM appointment WHERE id = $1),
          held AS (UPDATE reservation r SET during = tstzrange(lower(r.during) + shift.by, upper(r.during) + shift.by)
                   FROM shift WHERE r.appointment_id = shift.id)
     UPDATE appointment a SET start_at = a.start_at + shift.by, end_at = a.end_at + shift.by FROM shift WHERE a.id = shift.id`,
    [appointmentId, new Date(start).toISOString()],
  );
}
