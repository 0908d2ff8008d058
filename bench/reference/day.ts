import type { Request } from 'express';
import { Pool } from 'pg';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import { newId } from '../../src/core/kernel/id.js';
import { dayNumber, Zone } from '../../src/core/kernel/zone.js';
import { APPOINTMENT_NOTES, CANCEL_REASON, STAFF_NOTES } from '../../src/modules/appointments/appointment-texts.js';
import { hoursOn } from '../../src/modules/scheduling/day-hours.js';
import { mergeRanges, subtractRanges } from '../../src/modules/scheduling/ranges.js';
import { toSchedule } from '../../src/modules/scheduling/schedule-json.js';
import { estimateWaits } from '../../src/modules/queue/waiting-times.js';
import type { AccessClaims } from '../../src/core/security/tokens.js';
import { SECRETS } from '../seed-clients.js';
import { createServer, env, listen, readClaims } from './bare-server.js';
import { AUDIT, BUSY, QUEUE, SCHEDULES, VISITS } from './day-sql.js';
import type { Busy, ClinicRow, Queued, Visit } from './day-sql.js';

/**
 * The reference of the day view: a bare Express application with one statement for each of schedules, visits, reservations and queue,
 * which answers the same. Hours, and the estimate of waiting times, are computed by CareSlot's functions. As the contract demands of
 * every server, each answer has a request id, and each list of patients that is read has an audit row, which is committed before the
 * answer.
 */

const MINUTE = 60_000;

const pool = new Pool({ connectionString: env('DATABASE_URL'), max: Number(env('DATABASE_POOL_SIZE')) });
const texts = new FieldEncryption(SECRETS);

const rows = async <Row extends object>(statement: { name: string; text: string }, values: unknown[]): Promise<Row[]> =>
  (await pool.query<Row>({ ...statement, values })).rows;

const iso = (instant: number): string => new Date(instant).toISOString();
const toView = ({ start, end }: { start: number; end: number }): object => ({
  startDateTime: iso(start),
  endDateTime: iso(end),
});

async function getDay(clinicId: string, now: number): Promise<Day | null> {
  const utc = Zone.of('UTC').toDay(now);
  const [clinic] = await rows<ClinicRow>(SCHEDULES, [clinicId, utc]);
  if (!clinic) return null;
  const zone = Zone.of(clinic.timeZone);
  const date = zone.toDay(now);
  const [start, end] = [zone.startOfDay(date), zone.startOfDay(zone.addDays(date, 1))];
  const day = [clinicId, iso(start), iso(end)];
  const [visits, busy, queued] = await Promise.all([
    rows<Visit>(VISITS, day),
    rows<Busy>(BUSY, [...day, iso(now)]),
    rows<Queued>(QUEUE, [...day, date]),
  ]);
  const appointments = visits.map((visit) => ({
    ...visit,
    notes: texts.readText(APPOINTMENT_NOTES, visit.notes, visit.id),
    staffNotes: texts.readText(STAFF_NOTES, visit.staffNotes, visit.id),
    cancelReason: texts.readText(CANCEL_REASON, visit.cancelReason, visit.id),
  }));
  const queue = toQueue(queued, busy, clinicId, now);
  const counts = { PENDING: 0, CONFIRMED: 0, IN_PROGRESS: 0, COMPLETED: 0, CANCELLED: 0, NO_SHOW: 0 };
  for (const { status } of visits) counts[status] += 1;
  const doctors = clinic.doctors.map(({ resourceId, rules, exceptions, ...doctor }) => {
    const { hours, closures } = hoursOn(zone, toSchedule(rules, exceptions, []), dayNumber(date));
    const reserved = mergeRanges(busy.filter((row) => row.resourceId === resourceId));
    return {
      ...doctor,
      hours: hours.map(toView),
      closures: closures.map(toView),
      busy: reserved.map((range) => toView({ start: Math.max(range.start, start), end: Math.min(range.end, end) })),
      free: subtractRanges(hours, reserved).map(toView),
      waiting: toWaiting(
        visits.filter(({ doctorId }) => doctorId === doctor.id),
        queue.filter(({ doctorId }) => doctorId === doctor.id),
        now,
      ),
    };
  });
  const holds = busy.flatMap(({ hold }) => hold ?? []);
  return {
    ...{ clinicId, date, timeZone: clinic.timeZone, startDateTime: iso(start), endDateTime: iso(end) },
    ...{ closures: [], doctors, appointments, holds },
    ...{ queue: queue.map(({ wait: _, ...entry }) => entry), counts, waiting: toWaiting(visits, queue, now) },
  };
}

interface Day {
  date: string;
  appointments: { clientId: string }[];
  holds: { clientId: string | null }[];
  queue: { clientId: string }[];
}

async function audit(
  { sub, role }: AccessClaims,
  clinicId: string,
  { date, appointments, holds, queue }: Day,
  requestId: string,
  { ip, headers }: Request,
): Promise<void> {
  const clientIds = [...appointments, ...holds, ...queue].flatMap(({ clientId }) => clientId ?? []);
  const changes = JSON.stringify({ clientIds: [...new Set(clientIds)], date });
  await rows(AUDIT, [newId(), sub, role, clinicId, changes, requestId, ip, headers['user-agent'] ?? null]);
}

type Entry = ReturnType<typeof toQueue>[number];

function toQueue(queued: Queued[], busy: Busy[], clinicId: string, now: number) {
  const positions = new Map<string, number>();
  const waits = new Map<string, number>();
  for (const doctorId of new Set(queued.map((entry) => entry.doctorId))) {
    const own = queued.filter((entry) => entry.doctorId === doctorId);
    const reserved = busy.filter((row) => row.doctorId === doctorId && row.end > now);
    for (const [id, minutes] of estimateWaits(own.map(toQueuedVisit), reserved, now)) waits.set(id, minutes);
    const waiting = own.filter(({ status }) => status === 'WAITING');
    for (const [index, { id }] of waiting.entries()) positions.set(id, index + 1);
  }
  return queued.map(({ groupId: _, endDateTime: __, durationMinutes: ___, wasMoved: ____, ...entry }) => ({
    ...entry,
    clinicId,
    position: positions.get(entry.id) ?? null,
    estimatedWaitMinutes: waits.get(entry.id) ?? null,
    moveReasons: [],
    waitingMinutes: minutesBetween(entry.arrivedAt, entry.startedAt?.getTime() ?? now),
    wait: minutesBetween(entry.arrivedAt, now),
  }));
}

const toQueuedVisit = ({
  startDateTime,
  endDateTime,
  ...entry
}: Queued): Parameters<typeof estimateWaits>[0][number] => ({
  ...entry,
  startAt: startDateTime?.getTime() ?? null,
  startedAt: entry.startedAt?.getTime() ?? null,
  completedAt: entry.completedAt?.getTime() ?? null,
  plannedMinutes:
    startDateTime && endDateTime ? (endDateTime.getTime() - startDateTime.getTime()) / MINUTE : entry.durationMinutes,
});

const minutesBetween = (from: Date, to: number): number => Math.max(0, Math.floor((to - from.getTime()) / MINUTE));

function toWaiting(visits: Visit[], queue: Entry[], now: number): object {
  const waits = queue
    .filter(({ status }) => status === 'WAITING' || status === 'CALLED')
    .map(({ arrivedAt }) => minutesBetween(arrivedAt, now));
  const waited = visits.flatMap(({ checkedInAt, startedAt }) =>
    checkedInAt && startedAt ? [Math.max(0, startedAt.getTime() - checkedInAt.getTime()) / MINUTE] : [],
  );
  return {
    waiting: waits.length,
    longestMinutes: waits.length > 0 ? Math.max(...waits) : null,
    averageMinutes: waited.length > 0 ? Math.round(waited.reduce((sum, one) => sum + one, 0) / waited.length) : null,
  };
}

const app = createServer();

app.get('/api/v1/clinics/:id/day', async (request, response) => {
  const claims = readClaims(request);
  const { id } = request.params;
  const data = claims.cls?.includes(id) ? await getDay(id, Date.now()) : null;
  const requestId = newId();
  response.set('X-Request-Id', requestId);
  if (!data) return void response.status(404).json({ success: false });
  await audit(claims, id, data, requestId, request);
  response.json({ success: true, data, message: 'OK', timestamp: new Date().toISOString() });
});

listen(app, () => pool.end());
