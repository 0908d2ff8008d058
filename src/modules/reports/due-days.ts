import type { Zone } from '../../core/kernel/zone.js';

/** The local time at which the report of the day before is made. */
const MINUTE_OF_REPORT = 6 * 60;
/** Reports that were missed, for example in an outage, are made for this many days. */
export const MAX_MISSED_DAYS = 31;

export interface DueDaysQuery {
  zone: Zone;
  /** Epoch milliseconds. There are no reports of the days before. */
  createdAt: number;
  /** The days that have a report. */
  reported: ReadonlySet<string>;
}

/**
 * The newest day whose report is due: yesterday, from 06:00 on by the clinic's clock; before, the day before yesterday. On days of a clock
 * change, 06:00 comes 23 or 25 hours after the last.
 */
export function newestDueDay(zone: Zone, now: number): string {
  const today = zone.toDay(now);
  return zone.addDays(today, now >= zone.boundary(today, MINUTE_OF_REPORT) ? -1 : -2);
}

/** The days whose reports are due and missing, the newest first. */
export function findDueDays({ zone, createdAt, reported }: DueDaysQuery, now: number): string[] {
  const newest = newestDueDay(zone, now);
  const first = zone.toDay(createdAt);
  return Array.from({ length: MAX_MISSED_DAYS }, (_, index) => zone.addDays(newest, -index)).filter(
    (day) => day >= first && !reported.has(day),
  );
}
