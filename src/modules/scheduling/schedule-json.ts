import type { ExceptionKind } from './schedule-exception.entity.js';
import type { Schedule } from './slot-query.js';

/** Rows of weekly rules and exceptions, as JSON arrays: shorter than objects. */
export type WeeklyRuleJson = [weekday: number, start: number, end: number, from: string | null, to: string | null];
export type ExceptionJson = [ExceptionKind, from: string, to: string, start: number | null, end: number | null];

export const toSchedule = (rules: WeeklyRuleJson[] | null, exceptions: ExceptionJson[] | null): Schedule => ({
  rules: (rules ?? []).map(([weekday, startMinute, endMinute, validFrom, validTo]) => ({
    weekday,
    startMinute,
    endMinute,
    validFrom,
    validTo,
  })),
  exceptions: (exceptions ?? []).map(([kind, from, to, startMinute, endMinute]) => ({
    kind,
    from,
    to,
    startMinute,
    endMinute,
  })),
});
