import type { Answer } from '../../support/app.js';
import type { SimulatedActor, World } from '../world.js';
import { toTime, type Action } from './action.js';

interface BulkResult {
  appointmentId: string;
  outcome: string;
}

const KINDS: Record<string, string> = { CANCELLED: 'APPOINTMENT_CANCELLED', MOVED: 'APPOINTMENT_MOVED' };

/** Sends a dry run first. Others may change the visits before the real request, so the results of the two are not compared. */
export async function runBulk(world: World, actor: SimulatedActor, body: object, name: string): Promise<void> {
  const dryRun = await world.call(actor, 'POST', 'appointments/bulk', { ...body, dryRun: true });
  world.record(`bulk ${name}, dry run`, dryRun, [200, 'NOT_FOUND']);
  const answer: Answer<BulkResult[]> = await world.call(actor, 'POST', 'appointments/bulk', body);
  // The session, all of whose seats were cancelled in the meantime, is not found.
  world.record(`bulk ${name}`, answer, [200, 'NOT_FOUND']);
  if (answer.status !== 200) return;
  for (const { outcome } of answer.data) world.count(`bulk ${name}:`, outcome);
  const changed = answer.data.filter(({ outcome }) => outcome in KINDS);
  const { rows } = await world.app.db.query<{ id: string; outcome: string; version: number }>(
    `SELECT DISTINCT ON (appointment_id) appointment_id AS id, outcome, version FROM bulk_change_visit
     WHERE appointment_id = ANY ($1::uuid[]) ORDER BY appointment_id, version DESC`,
    [changed.map(({ appointmentId }) => appointmentId)],
  );
  if (rows.length !== changed.length)
    world.problems.push(`bulk ${name}: ${changed.length} results, ${rows.length} rows`);
  for (const { id, outcome, version } of rows) world.confirmChange(id, KINDS[outcome] ?? outcome, version);
}

/** A doctor is ill for some hours: the front desk closes them, and then moves or cancels the visits in them. */
export const doctorIsIll: Action = {
  name: 'a doctor is ill',
  weight: 2,
  prepare(world, _snapshot, random) {
    const desk = random.pick(world.desk);
    const doctorId = random.pick(world.clinic.doctorIds);
    const hours = pickHours(world, random.below(10));
    const other = random.pick(world.clinic.doctorIds.filter((id) => id !== doctorId));
    const plan = random.pick(['CANCEL', 'MOVE', 'MOVE', 'NEXT', 'NOTHING']);
    if (!desk || !doctorId || !hours) return null;
    return async () => {
      const path = `doctors/${doctorId}/schedule/exceptions`;
      const closing = await close(world, desk, { path, doctorId, hours });
      const affected = (closing.data?.affected ?? []) as { id: string }[];
      const appointmentIds = affected.map(({ id }) => id);
      if (plan === 'NOTHING' || appointmentIds.length === 0) return;
      const to = plan === 'MOVE' ? { to: { doctorId: other } } : {};
      const action = plan === 'CANCEL' ? 'CANCEL' : 'MOVE';
      await runBulk(world, desk, { action, appointmentIds, ...to, reason: 'The doctor is ill' }, action);
    };
  },
};

/** What still has to take place of a doctor's day goes to another doctor. */
export const handOver: Action = {
  name: 'hand over a day',
  weight: 1,
  prepare(world, _snapshot, random) {
    const desk = random.pick(world.desk);
    const [doctorId, other] = [random.pick(world.clinic.doctorIds), random.pick(world.clinic.doctorIds)];
    if (!desk || doctorId === other) return null;
    const body = { action: 'MOVE', doctorId, date: world.date, to: { doctorId: other }, reason: 'An emergency' };
    return () => runBulk(world, desk, body, 'hand over');
  },
};

/** A patient moves away: the front desk cancels all their visits at once. */
export const cancelAllOfPatient: Action = {
  name: 'cancel all visits of a patient',
  weight: 1,
  prepare(world, { visits }, random) {
    const upcoming = visits.filter(({ status, start }) => status === 'CONFIRMED' && start > world.now);
    const ofPatient = (clientId: string): string[] =>
      upcoming.filter((visit) => visit.clientId === clientId).map(({ id }) => id);
    const client = random.pick(world.patients.filter(({ clientId }) => ofPatient(clientId as string).length > 1));
    const desk = random.pick(world.desk);
    if (!client || !desk) return null;
    const body = { action: 'CANCEL', appointmentIds: ofPatient(client.clientId as string), reason: 'They move away' };
    return () => runBulk(world, desk, body, 'of a patient');
  },
};

/** The manager closes the clinic for an hour. Visits stay. */
export const closeClinic: Action = {
  name: 'close the clinic',
  weight: 0.4,
  prepare(world, _snapshot, random) {
    const hours = pickHours(world, random.below(11), 1);
    if (!hours) return null;
    const path = `clinics/${world.clinic.id}/closures`;
    return async () => {
      await close(world, world.manager, { path, doctorId: null, hours });
    };
  },
};

export const openAgain: Action = {
  name: 'open closed hours',
  weight: 3,
  prepare(world, _snapshot, random) {
    const closure = random.pick(world.closures);
    if (!closure) return null;
    return async () => {
      const answer = await world.call(world.manager, 'DELETE', closure.path);
      // Two actions of the burst may open the same hours.
      world.record('open closed hours', answer, [200, 'NOT_FOUND']);
      if (answer.status === 200) world.closures.splice(world.closures.indexOf(closure), 1);
    };
  },
};

interface Hours {
  start: string;
  end: string;
}

/** Some hours of the day that are not over; null if they are. */
function pickHours({ zone, date, now }: World, hour: number, count = 2): Hours | null {
  return zone.boundary(date, hour * 60) > now ? { start: toTime(hour), end: toTime(hour + count) } : null;
}

async function close(
  world: World,
  actor: SimulatedActor,
  { path, doctorId, hours }: { path: string; doctorId: string | null; hours: Hours },
): Promise<Answer> {
  const days = { from: world.date, to: world.date, reason: 'Closed' };
  const body = { ...days, ...hours, ...(doctorId && { kind: 'CLOSED' }) };
  const answer = await world.call(actor, 'POST', path, body);
  world.record(doctorId ? 'close hours of a doctor' : 'close the clinic', answer, [201]);
  if (answer.status === 201) {
    const toInstant = (time: string): number => world.zone.boundary(world.date, Number(time.slice(0, 2)) * 60);
    const closed = { start: toInstant(hours.start), end: toInstant(hours.end) };
    world.closures.push({ path: `${path}/${answer.data.id}`, doctorId, ...closed });
  }
  return answer;
}
