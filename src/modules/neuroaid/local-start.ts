import type { Zone } from '../../core/kernel/zone.js';

/** `9:30`, `09:30`, `09:30 AM`, `9:30 pm` */
export const CLOCK_TIME = /^(\d{1,2}):(\d{2})(?:\s?([AaPp])[Mm])?$/;

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

/** The wall clock of an instant: `2026-11-23`, `09:30`. */
export function localTimeOf(zone: Zone, instant: number): { date: string; time: string } {
  const minutes = zone.minuteOfDay(instant);
  const padded = (value: number): string => String(value).padStart(2, '0');
  return { date: zone.dayOf(instant), time: `${padded(Math.floor(minutes / 60))}:${padded(minutes % 60)}` };
}
