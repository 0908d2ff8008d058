import type { Outcome } from './operations.js';
import type { Scene } from './scene.js';

/** The refusals that a lost race may have; everything else, 500 above all, is a violation. */
const REFUSALS = new Set([
  '409 APPOINTMENT_CONFLICT',
  '409 INVALID_TRANSITION',
  '409 IDEMPOTENCY_IN_PROGRESS',
  '409 VERSION_MISMATCH',
  '412 VERSION_MISMATCH',
  '422 SLOT_NOT_OFFERED',
]);

interface Row {
  id: string;
  version: number;
  status: string;
  doctorId: string;
  start: Date;
  audits: number;
  events: number;
  reserved: number;
  wrong: number;
}

/** The appointments of the run's time, with what has to agree with them. */
const APPOINTMENTS = `
  SELECT a.id, a.version, a.status, a.doctor_id AS "doctorId", a.start_at AS start,
         (SELECT count(*)::int FROM audit_log l WHERE l.object_id = a.id AND l.object_type = 'appointment') AS audits,
         (SELECT count(*)::int FROM outbox o WHERE o.aggregate_id = a.id AND o.event LIKE 'appointment:%') AS events,
         (SELECT count(*)::int FROM reservation r WHERE r.appointment_id = a.id AND r.active) AS reserved,
         (SELECT count(*)::int FROM reservation r WHERE r.appointment_id = a.id AND r.active
            AND (r.during <> tstzrange(a.start_at, a.end_at) OR r.expires_at IS NOT NULL
              OR r.resource_id NOT IN (SELECT d.resource_id FROM doctor d WHERE d.id = a.doctor_id UNION SELECT a.client_id))) AS wrong
  FROM appointment a WHERE a.clinic_id = $1 AND a.start_at >= $2 AND a.start_at < $3`;

const OVERLAPS = `
  SELECT count(*)::int AS n FROM reservation a JOIN reservation b
    ON a.resource_id = b.resource_id AND a.during && b.during AND a.group_id < b.group_id
  WHERE a.active AND b.active AND a.during && tstzrange($1, $2) AND b.during && tstzrange($1, $2)
    AND a.resource_id IN (SELECT d.resource_id FROM doctor d WHERE d.clinic_id = $3 UNION SELECT unnest($4::uuid[]))`;

const HOLDS = `
  SELECT h.id, (SELECT count(*)::int FROM reservation r WHERE r.appointment_id = h.id AND r.active
                  AND r.during = tstzrange(h.start_at, h.end_at) AND r.expires_at = h.expires_at) AS reserved,
         (SELECT count(*)::int FROM audit_log l WHERE l.object_id = h.id) AS audits
  FROM hold h WHERE h.clinic_id = $1 AND h.start_at >= $2 AND h.start_at < $3`;

/** Whether the database is what the answers of a run say. @returns what is wrong */
export async function findViolations(
  scene: Scene,
  bookedBefore: number,
  outcomes: readonly Outcome[],
): Promise<string[]> {
  const range = [scene.start(0), scene.end];
  const { db } = scene.app;
  const { rows } = await db.query<Row>(APPOINTMENTS, [scene.clinic.id, ...range]);
  const overlaps = await db.query<{ n: number }>(OVERLAPS, [
    ...range,
    scene.clinic.id,
    scene.patients.map(({ clientId }) => clientId),
  ]);
  const holds = await db.query<{ id: string; reserved: number; audits: number }>(HOLDS, [scene.clinic.id, ...range]);
  return [
    ...(overlaps.rows[0]?.n === 0 ? [] : ['reservations overlap']),
    ...outcomes.flatMap(checkStatus),
    ...checkChanges(rows, bookedBefore, outcomes),
    ...rows.flatMap(checkRow),
    ...checkHolds(holds.rows, outcomes),
    ...outcomes.flatMap((outcome) => [...checkAnswer(outcome, rows), ...checkClosed(outcome, rows)]),
  ];
}

function checkStatus({ name, answer: { status, code } }: Outcome): string[] {
  return status < 300 || REFUSALS.has(`${status} ${code}`) ? [] : [`${name} was answered ${status} ${code}`];
}

/** Each acknowledged change is one version, one audit row and one event; what was refused has left nothing. */
function checkChanges(rows: readonly Row[], bookedBefore: number, outcomes: readonly Outcome[]): string[] {
  const changes = outcomes.flatMap(({ changedIds }) => changedIds);
  const booked = outcomes.flatMap(({ name, changedIds }) => (name === 'book' ? changedIds : []));
  const problems: string[] = [];
  if (rows.length !== bookedBefore + booked.length)
    problems.push(`${rows.length} appointments, not ${bookedBefore} and ${booked.length} booked ones`);
  for (const { id, version, audits, events } of rows) {
    const expected = changes.filter((changed) => changed === id).length + (booked.includes(id) ? 0 : 1);
    if (version !== expected) problems.push(`version ${version} after ${expected} acknowledged changes`);
    if (audits !== expected) problems.push(`${audits} audit rows of ${expected} acknowledged changes`);
    if (events !== expected) problems.push(`${events} events of ${expected} acknowledged changes`);
  }
  const unknown = changes.filter((id) => !rows.some((row) => row.id === id));
  return [...problems, ...unknown.map((id) => `${id} was acknowledged and is not there`)];
}

/** An appointment reserves its doctor and its patient for just its time; a cancelled one reserves nothing. */
function checkRow({ status, reserved, wrong }: Row): string[] {
  const expected = status === 'CANCELLED' ? 0 : 2;
  if (reserved !== expected) return [`${reserved} reservations of an appointment that is ${status}`];
  return wrong === 0 ? [] : ['an appointment reserves another time or resource'];
}

function checkHolds(
  rows: readonly { id: string; reserved: number; audits: number }[],
  outcomes: readonly Outcome[],
): string[] {
  const held = outcomes.flatMap(({ heldId }) => heldId ?? []);
  return [
    ...(rows.length === held.length && rows.every(({ id }) => held.includes(id))
      ? []
      : ['the holds are not those answered']),
    ...rows.flatMap(({ reserved, audits }) =>
      reserved === 2 && audits === 1 ? [] : [`a hold has ${reserved} reservations and ${audits} audit rows`],
    ),
  ];
}

/** The last answer about an appointment is what is stored. */
function checkAnswer({ name, answer, changedIds }: Outcome, rows: readonly Row[]): string[] {
  if (name === 'bulk move' || changedIds.length === 0) return [];
  const shown = answer.data as { id: string; version: number; status: string; doctorId: string; startDateTime: string };
  const row = rows.find(({ id }) => id === shown.id);
  if (!row || row.version < shown.version) return [`${name}: the answer is not stored`];
  if (row.version > shown.version) return [];
  const isSame =
    row.status === shown.status && row.doctorId === shown.doctorId && row.start.toISOString() === shown.startDateTime;
  return isSame ? [] : [`${name}: the answer differs from the stored appointment`];
}

/** A visit that stays in closed time is one that the answer of the closing names: nobody books it afterwards. */
function checkClosed({ closed }: Outcome, rows: readonly Row[]): string[] {
  if (!closed) return [];
  const { doctorId, from, to, affectedIds } = closed;
  return rows
    .filter(({ status, start }) => status !== 'CANCELLED' && start >= new Date(from) && start < new Date(to))
    .filter((row) => (doctorId === null || row.doctorId === doctorId) && !affectedIds.includes(row.id))
    .map(({ id }) => `${id} is in closed time, and the answer of the closing does not name it`);
}
