import { isLocalDay } from '../../core/http/instants.js';
import type { Zone } from '../../core/kernel/zone.js';

/** `9:30`, `09:30`, `09:30 AM`, `9:30 pm` */
export const CLOCK_TIME = /^(\d{1,2}):(\d{2})(?:\s?([AaPp])[Mm])?$/;

/** A day, alone or with midnight behind it: of no zone, or of UTC, which is how the client writes a day. */
const DAY = /^(\d{4}-\d{2}-\d{2})(?:T00:00(?::00(?:\.0{1,9})?)?(?:Z|[+-]00:?00)?)?$/;

/**
 * The day that the client means by `2026-12-02` or `2026-12-02T00:00:00.000Z`. Null for any other instant: on which day
 * it falls depends on where one asks.
 */
export function dayOf(date: string): string | null {
  const day = DAY.exec(date)?.[1];
  return isLocalDay(day) ? day : null;
}

/** Minutes since midnight; null for what is no time of a day. */
export function minuteOf(time: string): number | null {
  const [, hours, minutes, half] = CLOCK_TIME.exec(time) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  const [hour, minute] = [Number(hours), Number(minutes)];
  if (minute > 59 || hour > 23 || (half && (hour < 1 || hour > 12))) return null;
  const afternoon = half?.toLowerCase() === 'p';
  return (half ? (hour % 12) + (afternoon ? 12 : 0) : hour) * 60 + minute;
}

/** The first instant at which the clocks of the zone show that time on that day; null where they skip it. */
export function startOf(zone: Zone, day: string, time: string): number | null {
  const minute = minuteOf(time);
  return minute === null ? null : (zone.instantsOf(day, minute)[0] ?? null);
}

/** The wall clock of an instant, as the client shows it: `2026-11-23`, `09:30 AM`. */
export function localTimeOf(zone: Zone, instant: number): { date: string; time: string } {
  const minutes = zone.minuteOfDay(instant);
  const hour = Math.floor(minutes / 60);
  const padded = (value: number): string => String(value).padStart(2, '0');
  const time = `${padded(hour % 12 || 12)}:${padded(minutes % 60)} ${hour < 12 ? 'AM' : 'PM'}`;
  return { date: zone.dayOf(instant), time };
}
