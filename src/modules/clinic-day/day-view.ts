import { toIso } from '../../core/kernel/clock.js';
import { mergeRanges, subtractRanges, type ClinicDay, type DoctorOnDay, type Range } from '../scheduling/index.js';
import { APPOINTMENT_STATUSES, type BusyRow, type SentAppointment } from '../appointments/index.js';
import type { SentQueueEntry } from '../queue/index.js';
import type { SentDay, SentDayDoctor, SentRange, WaitingView } from './day.dto.js';

type SentHold = NonNullable<BusyRow['hold']>;

const MINUTE = 60_000;

export interface DayParts {
  clinicId: string;
  clinic: ClinicDay;
  /** The doctors to show, as far as the reader may see them. */
  doctors: DoctorOnDay[];
  /** By start. */
  appointments: SentAppointment[];
  busy: BusyRow[];
  /** As the reader may see it. */
  queue: SentQueueEntry[];
  /** Epoch milliseconds. */
  now: number;
}

/** The day as the front desk or, with their own visits, a doctor sees it. */
export function toDayView({ clinicId, clinic, doctors, appointments, busy, queue, now }: DayParts): SentDay {
  const busyByResource = groupBy(busy, ({ resourceId }) => resourceId);
  const visitsByDoctor = groupBy(appointments, ({ doctorId }) => doctorId);
  const queueByDoctor = groupBy(queue, ({ doctorId }) => doctorId);
  const shown = doctors.filter(
    ({ id, resourceId, isActive }) =>
      isActive || busyByResource.has(resourceId) || visitsByDoctor.has(id) || queueByDoctor.has(id),
  );
  return {
    clinicId,
    date: clinic.date,
    timeZone: clinic.zone.name,
    startDateTime: toIso(clinic.day.start),
    endDateTime: toIso(clinic.day.end),
    closures: clinic.closures,
    doctors: shown.map((doctor) =>
      toDoctor(doctor, {
        day: clinic.day,
        busy: busyByResource.get(doctor.resourceId) ?? [],
        waiting: toWaiting(visitsByDoctor.get(doctor.id) ?? [], queueByDoctor.get(doctor.id) ?? [], now),
      }),
    ),
    appointments,
    holds: busy.flatMap(({ hold }) => (hold ? [withInstants(hold)] : [])),
    queue: queue.map((entry) => Object.assign(entry, { waitingMinutes: toWaitingMinutes(entry, now) })),
    counts: countByStatus(appointments),
    waiting: toWaiting(appointments, queue, now),
  };
}

function groupBy<Item>(items: readonly Item[], toKey: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(toKey(item));
    if (group) group.push(item);
    else groups.set(toKey(item), [item]);
  }
  return groups;
}

function toDoctor(
  { hours, closures, resourceId: _, ...doctor }: DoctorOnDay,
  { day, busy, waiting }: { day: Range; busy: BusyRow[]; waiting: WaitingView },
): SentDayDoctor {
  const reserved = mergeRanges(busy);
  return {
    ...doctor,
    hours: hours.map(toView),
    closures: closures.map(toView),
    // A visit over midnight belongs to both days.
    busy: reserved.map((range) =>
      toView({ start: Math.max(range.start, day.start), end: Math.min(range.end, day.end) }),
    ),
    free: subtractRanges(hours, reserved).map(toView),
    waiting,
  };
}

const toView = ({ start, end }: Range): SentRange => ({ startDateTime: toIso(start), endDateTime: toIso(end) });

/** PostgreSQL writes instants in JSON in another form. */
const withInstants = (hold: SentHold): SentHold => ({
  ...hold,
  startDateTime: toIso(Date.parse(hold.startDateTime)),
  endDateTime: toIso(Date.parse(hold.endDateTime)),
  expiresAt: toIso(Date.parse(hold.expiresAt)),
});

const toWaitingMinutes = ({ arrivedAt, startedAt }: SentQueueEntry, now: number): number | null =>
  arrivedAt === null ? null : minutesBetween(arrivedAt, startedAt === null ? now : Date.parse(startedAt));

const minutesBetween = (from: string, to: number): number => Math.max(0, Math.floor((to - Date.parse(from)) / MINUTE));

function countByStatus(appointments: SentAppointment[]): SentDay['counts'] {
  const counts = Object.fromEntries(APPOINTMENT_STATUSES.map((status) => [status, 0])) as unknown as SentDay['counts'];
  for (const { status } of appointments) counts[status] += 1;
  return counts;
}

function toWaiting(visits: SentAppointment[], queue: SentQueueEntry[], now: number): WaitingView {
  const waiting = queue.filter(({ status }) => status === 'WAITING' || status === 'CALLED');
  const waits = waiting.flatMap(({ arrivedAt }) => (arrivedAt ? [minutesBetween(arrivedAt, now)] : []));
  const waited = visits.flatMap(({ checkedInAt, startedAt }) =>
    checkedInAt && startedAt ? [Math.max(0, Date.parse(startedAt) - Date.parse(checkedInAt)) / MINUTE] : [],
  );
  return {
    waiting: waiting.length,
    longestMinutes: waits.length > 0 ? Math.max(...waits) : null,
    averageMinutes:
      waited.length > 0 ? Math.round(waited.reduce((sum, minutes) => sum + minutes, 0) / waited.length) : null,
  };
}
