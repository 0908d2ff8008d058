import { mergeRanges, subtractRanges, type ClinicDay, type DoctorOnDay, type Range } from '../../scheduling/index.js';
import { STATUSES } from '../appointment.entity.js';
import type { AppointmentView } from '../appointments.dto.js';
import type { BusyRow } from './day.repository.js';
import type { DayDoctorView, DayHoldView, DayView, DayQueueEntryView, RangeView, WaitingView } from './day.dto.js';

const MINUTE = 60_000;

export interface DayParts {
  clinicId: string;
  clinic: ClinicDay;
  /** The doctors to show, as far as the reader may see them. */
  doctors: DoctorOnDay[];
  /** By start. */
  appointments: AppointmentView[];
  busy: BusyRow[];
  /** Epoch milliseconds. */
  now: number;
}

/** The day as the front desk or, with their own visits, a doctor sees it. */
export function toDayView({ clinicId, clinic, doctors, appointments, busy, now }: DayParts): DayView {
  const busyByResource = groupBy(busy, ({ resourceId }) => resourceId);
  const visitsByDoctor = groupBy(appointments, ({ doctorId }) => doctorId);
  const waiting = clinic.isToday ? appointments.filter(isWaiting) : [];
  const shown = doctors.filter(
    ({ id, resourceId, isActive }) => isActive || busyByResource.has(resourceId) || visitsByDoctor.has(id),
  );
  return {
    clinicId,
    date: clinic.date,
    timeZone: clinic.zone.name,
    startDateTime: new Date(clinic.day.start),
    endDateTime: new Date(clinic.day.end),
    doctors: shown.map((doctor) =>
      toDoctor(doctor, {
        day: clinic.day,
        busy: busyByResource.get(doctor.resourceId) ?? [],
        waiting: toWaiting(
          visitsByDoctor.get(doctor.id) ?? [],
          waiting.filter(({ doctorId }) => doctorId === doctor.id),
          now,
        ),
      }),
    ),
    appointments,
    holds: busy.flatMap(({ hold }) => (hold ? [withInstants(hold)] : [])),
    queue: toQueue(waiting, now),
    counts: countByStatus(appointments),
    waiting: toWaiting(appointments, waiting, now),
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

const isWaiting = ({ status, checkedInAt }: AppointmentView): boolean => status === 'CONFIRMED' && checkedInAt !== null;

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

function toQueue(waiting: AppointmentView[], now: number): DayQueueEntryView[] {
  const positions = new Map<string, number>();
  return [...waiting].sort(byStartThenArrival).map(({ id, doctorId, clientId, client, startDateTime, checkedInAt }) => {
    const position = (positions.get(doctorId) ?? 0) + 1;
    positions.set(doctorId, position);
    const arrival = checkedInAt as Date;
    return {
      appointmentId: id,
      doctorId,
      clientId,
      ...(client && { client }),
      position,
      startDateTime,
      checkedInAt: arrival,
      waitingMinutes: minutesBetween(arrival, now),
    };
  });
}

const byStartThenArrival = (a: AppointmentView, b: AppointmentView): number =>
  a.startDateTime.getTime() - b.startDateTime.getTime() ||
  (a.checkedInAt?.getTime() ?? 0) - (b.checkedInAt?.getTime() ?? 0);

const minutesBetween = (from: Date, to: number): number => Math.max(0, Math.floor((to - from.getTime()) / MINUTE));

function countByStatus(appointments: AppointmentView[]): DayView['counts'] {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as unknown as DayView['counts'];
  for (const { status } of appointments) counts[status] += 1;
  return counts;
}

function toWaiting(visits: AppointmentView[], waiting: AppointmentView[], now: number): WaitingView {
  const waits = waiting.map(({ checkedInAt }) => minutesBetween(checkedInAt as Date, now));
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
