import { mergeRanges, subtractRanges, type ClinicDay, type DoctorOnDay, type Range } from '../scheduling/index.js';
import { APPOINTMENT_STATUSES, type AppointmentView, type BusyRow, type DayHoldView } from '../appointments/index.js';
import type { QueueEntryView } from '../queue/index.js';
import type { DayDoctorView, DayView, RangeView, WaitingView } from './day.dto.js';

const MINUTE = 60_000;

export interface DayParts {
  clinicId: string;
  clinic: ClinicDay;
  /** The doctors to show, as far as the reader may see them. */
  doctors: DoctorOnDay[];
  /** By start. */
  appointments: AppointmentView[];
  busy: BusyRow[];
  /** As the reader may see it. */
  queue: QueueEntryView[];
  /** Epoch milliseconds. */
  now: number;
}

/** The day as the front desk or, with their own visits, a doctor sees it. */
export function toDayView({ clinicId, clinic, doctors, appointments, busy, queue, now }: DayParts): DayView {
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
    startDateTime: new Date(clinic.day.start),
    endDateTime: new Date(clinic.day.end),
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
    queue: queue.map((entry) => ({ ...entry, waitingMinutes: toWaitingMinutes(entry, now) })),
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
): DayDoctorView {
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

const toView = ({ start, end }: Range): RangeView => ({ startDateTime: new Date(start), endDateTime: new Date(end) });

/** PostgreSQL writes instants in JSON as text. */
const withInstants = (hold: DayHoldView): DayHoldView => ({
  ...hold,
  startDateTime: new Date(hold.startDateTime),
  endDateTime: new Date(hold.endDateTime),
  expiresAt: new Date(hold.expiresAt),
});

const toWaitingMinutes = ({ arrivedAt, startedAt }: QueueEntryView, now: number): number | null =>
  arrivedAt && minutesBetween(arrivedAt, startedAt?.getTime() ?? now);

const minutesBetween = (from: Date, to: number): number => Math.max(0, Math.floor((to - from.getTime()) / MINUTE));

function countByStatus(appointments: AppointmentView[]): DayView['counts'] {
  const counts = Object.fromEntries(APPOINTMENT_STATUSES.map((status) => [status, 0])) as unknown as DayView['counts'];
  for (const { status } of appointments) counts[status] += 1;
  return counts;
}

function toWaiting(visits: AppointmentView[], queue: QueueEntryView[], now: number): WaitingView {
  const waiting = queue.filter(({ status }) => status === 'WAITING' || status === 'CALLED');
  const waits = waiting.flatMap(({ arrivedAt }) => (arrivedAt ? [minutesBetween(arrivedAt, now)] : []));
  const waited = visits.flatMap(({ checkedInAt, startedAt }) =>
    checkedInAt && startedAt ? [Math.max(0, startedAt.getTime() - checkedInAt.getTime()) / MINUTE] : [],
  );
  return {
    waiting: waiting.length,
    longestMinutes: waits.length > 0 ? Math.max(...waits) : null,
    averageMinutes:
      waited.length > 0 ? Math.round(waited.reduce((sum, minutes) => sum + minutes, 0) / waited.length) : null,
  };
}
