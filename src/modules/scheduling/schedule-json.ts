import type { ExceptionKind } from './schedule-exception.entity.js';
import type { HoursException, Schedule } from './slot-query.js';

/** Rows of weekly rules and exceptions, as JSON arrays: shorter than objects. */
export type WeeklyRuleJson = [weekday: number, start: number, end: number, from: string | null, to: string | null];
export type ExceptionJson = [ExceptionKind, from: string, to: string, start: number | null, end: number | null];

/** A closure of the clinic; for its doctors, rooms and equipment it is an exception. */
export type ClosureJson = [from: string, to: string, start: number | null, end: number | null];

export const toClosedTimes = (closures: ClosureJson[] | null): HoursException[] =>
  (closures ?? []).map(([from, to, startMinute, endMinute]) => ({ kind: 'CLOSED', from, to, startMinute, endMinute }));

/** @param closed the closures of the clinic */
export const toSchedule = (
  rules: WeeklyRuleJson[] | null,
  exceptions: ExceptionJson[] | null,
  closed: readonly HoursException[],
): Schedule => ({
  rules: (rules ?? []).map(([weekday, startMinute, endMinute, validFrom, validTo]) => ({
    weekday,
    startMinute,
    endMinute,
    validFrom,
    validTo,
  })),
  exceptions: [
    ...(exceptions ?? []).map(([kind, from, to, startMinute, endMinute]) => ({
      kind,
      from,
      to,
      startMinute,
      endMinute,
    })),
    ...closed,
  ],
});
