import { toMinutes } from '../../../scheduling/index.js';
import type { Zone } from '../../../../core/kernel/zone.js';
import type { CellProblem, DateTimeValue, FieldValue } from './row-reader.js';

export interface VisitTimes {
  start: Date;
  /** Null: the service's length. */
  end: Date | null;
}

const MINUTE = 60_000;
const MAX_MINUTES = 24 * 60;

/** Reads when a visit is: `start`, or `date` and `time`; until `end`, or for a `duration`. Local times are those of the clinic. */
export function readVisitTimes(
  values: Readonly<Record<string, FieldValue>>,
  zone: Zone,
  errors: CellProblem[],
): VisitTimes {
  const [start, end] = [values.start as DateTimeValue | undefined, values.end as DateTimeValue | undefined];
  const day = start?.day ?? (values.date as string | undefined);
  const time = start?.time ?? (values.time as string | undefined);
  const startAt = toInstant({ ...start, ...(day && { day }), ...(time && { time }) }, zone);
  const field = start ? 'start' : 'date' in values && !('time' in values) ? 'time' : 'date';
  if (startAt === null) errors.push({ field, error: 'must give the day and the time of the visit' });
  else if (Number.isNaN(startAt)) errors.push({ field, error: 'is a time that the clocks skip on this day' });
  const duration = values.duration as number | undefined;
  const endAt = end ? toEnd(end, start, day, zone) : duration && startAt ? startAt + duration * MINUTE : null;
  if (end && endAt === null) errors.push({ field: 'end', error: 'must give the time of the end' });
  const minutes = endAt !== null && startAt !== null ? (endAt - startAt) / MINUTE : null;
  if (minutes !== null && !(minutes > 0 && minutes <= MAX_MINUTES))
    errors.push({ field: end ? 'end' : 'duration', error: 'must be after the start, within a day' });
  return { start: new Date(startAt ?? 0), end: endAt === null ? null : new Date(endAt) };
}

/** An end without a day is on the day of the start, with its offset. */
function toEnd(
  end: DateTimeValue,
  start: DateTimeValue | undefined,
  day: string | undefined,
  zone: Zone,
): number | null {
  const [, startDay, offset] = /^(.{10}).*?(Z|[+-][\d:]+)$/i.exec(start?.instant ?? '') ?? [];
  if (startDay && offset && end.day === undefined && end.time !== undefined)
    return Date.parse(`${startDay}T${end.time}${offset}`);
  return toInstant({ ...(day && { day }), ...end }, zone);
}

/** Null if something is missing; NaN for a time that the clocks skip. Of two instants with the same local time, the first. */
function toInstant({ day, time, instant }: DateTimeValue, zone: Zone): number | null {
  if (instant !== undefined) return Date.parse(instant);
  if (day === undefined || time === undefined) return null;
  const [first = Number.NaN] = zone.getInstants(day, toMinutes(time));
  return first;
}
