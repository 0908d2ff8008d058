import type { BookingRules } from './booking-rules.js';
import type { BookableDoctor } from './booking-rules-row.js';
import type { BusyTimes, GroupSession } from './busy-times.js';
import { overlaps, type Range } from './ranges.js';

export interface FreeDoctorsQuery {
  /** Epoch milliseconds. */
  start: number;
  /** The busy times of the start's local day. */
  busy: BusyTimes;
  /** The requested rooms or equipment: only a group session with them can be joined. */
  resourceIds: string[];
}

/**
 * The ids of the doctors who are free at a start, in the order in which they are tried: those with the fewest reserved minutes on that
 * local day first, then by id. Of a group service, the doctors whose session has free seats come first, the fullest session
 * before the others, so that sessions fill up before another one is opened.
 */
export function listFreeDoctors(rules: BookingRules, { start, busy, resourceIds }: FreeDoctorsQuery): string[] {
  const day = rules.localDay(start);
  const candidates = rules.doctors.map((doctor) => {
    const session = findSession(doctor, start, busy);
    return { doctor, session, reserved: reservedTime(busy.get(doctor.id), day) };
  });
  return candidates
    .filter(({ doctor, session }) =>
      session
        ? session.taken < rules.row.capacity && resourceIds.every((id) => session.resourceIds.includes(id))
        : isFree(busy.get(doctor.id), rules.reserved(start)),
    )
    .sort(
      (a, b) =>
        (b.session?.taken ?? 0) - (a.session?.taken ?? 0) ||
        a.reserved - b.reserved ||
        (a.doctor.doctorId < b.doctor.doctorId ? -1 : 1),
    )
    .map(({ doctor }) => doctor.doctorId);
}

const findSession = ({ doctorId }: BookableDoctor, start: number, busy: BusyTimes): GroupSession | undefined =>
  busy.groupSessions.find((session) => session.doctorId === doctorId && session.start === start);

const isFree = (ranges: Range[], range: Range): boolean => !ranges.some((busy) => overlaps(busy, range));

/** The milliseconds of the day that are reserved. The seats of a group session count once. */
function reservedTime(ranges: Range[], day: Range): number {
  let total = 0;
  let countedUntil = day.start;
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const from = Math.max(start, countedUntil);
    const to = Math.min(end, day.end);
    if (from >= to) continue;
    total += to - from;
    countedUntil = to;
  }
  return total;
}
