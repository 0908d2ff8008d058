import { isLocalDay } from '../../core/http/instants.js';
import type { Zone } from '../../core/kernel/zone.js';

/** Matches `9:30`, `09:30`, `09:30 AM` and `9:30 pm`. */
export const CLOCK_TIME = /^(\d{1,2}):(\d{2})(?:\s?([AaPp])[Mm])?$/;

/** A day, alone or followed by midnight without a zone or in UTC, which is the app's format. */
const DAY = /^(\d{4}-\d{2}-\d{2})(?:T00:00(?::00(?:\.0{1,9})?)?(?:Z|[+-]00:?00)?)?$/;

/**
 * Parses a day in the app's format: `2026-12-02` or `2026-12-02T00:00:00.000Z`. Null for other instants, whose day depends on
 * the time zone.
 */
export function parseDay(date: string): string | null {
  const day = DAY.exec(date)?.[1];
  return isLocalDay(day) ? day : null;
}

/** The minutes since midnight; null if the text is not a time. */
export function parseMinutes(time: string): number | null {
  // The period is `a` or `p` on a clock of twelve hours.
  const [, hours, minutes, period] = CLOCK_TIME.exec(time) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  const [hour, minute] = [Number(hours), Number(minutes)];
  if (minute > 59 || hour > 23 || (period && (hour < 1 || hour > 12))) return null;
  const isAfternoon = period?.toLowerCase() === 'p';
  return (period ? (hour % 12) + (isAfternoon ? 12 : 0) : hour) * 60 + minute;
}

/** The first instant of a local time; null if the time does not exist on that day. */
export function toInstant(zone: Zone, day: string, time: string): number | null {
  const minute = parseMinutes(time);
  return minute === null ? null : (zone.getInstants(day, minute)[0] ?? null);
}

/** The local day and time of an instant in the app's format: `2026-11-23`, `09:30 AM`. */
export function toClockTime(zone: Zone, instant: number): { date: string; time: string } {
  const minutes = zone.minuteOfDay(instant);
  const hour = Math.floor(minutes / 60);
  const padded = (value: number): string => String(value).padStart(2, '0');
  const time = `${padded(hour % 12 || 12)}:${padded(minutes % 60)} ${hour < 12 ? 'AM' : 'PM'}`;
  return { date: zone.toDay(instant), time };
}
