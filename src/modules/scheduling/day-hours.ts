import { dayNumber, type Zone } from '../../core/kernel/zone.js';
import { Calendar, MINUTES_PER_DAY, rangeOn, type MinuteSpan } from './calendar.js';
import { mergeRanges, subtractRanges, type Range } from './ranges.js';
import type { HoursException, Schedule } from './slot-query.js';

/** When somebody works on one local day, as instants. */
export interface DayHours {
  /** Working hours without closures, ascending. */
  hours: Range[];
  /** Ascending and merged. They may lie outside the working hours. */
  closures: Range[];
}

/** The working hours and closures of a day number. On a day of a clock change, hours may be longer or shorter than on other days. */
export function hoursOn(zone: Zone, schedule: Schedule, day: number): DayHours {
  const calendar = new Calendar(schedule);
  const toRanges = (spans: MinuteSpan[]): Range[] => mergeRanges(spans.map((span) => rangeOn(zone, day, span)));
  const closures = toRanges(calendar.closures(day));
  return { hours: subtractRanges(toRanges(calendar.openings(day)), closures), closures };
}

/** The instants of an exception or closure, ascending: one range for whole days, otherwise one for each day. */
export function toExceptionRanges(
  zone: Zone,
  { from, to, startMinute, endMinute }: Omit<HoursException, 'kind'>,
): Range[] {
  const [first, last] = [dayNumber(from), dayNumber(to)];
  const span = { start: startMinute ?? 0, end: endMinute ?? MINUTES_PER_DAY };
  if (span.start === 0 && span.end === MINUTES_PER_DAY) {
    return [{ start: zone.boundaryOn(first, 0), end: zone.boundaryOn(last, MINUTES_PER_DAY) }];
  }
  return Array.from({ length: last - first + 1 }, (_, index) => rangeOn(zone, first + index, span));
}
