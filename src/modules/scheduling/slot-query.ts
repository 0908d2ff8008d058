import type { Zone } from '../../core/kernel/zone.js';
import type { Range } from './ranges.js';
import type { ExceptionKind } from './schedule-exception.entity.js';

/** Opening hours on a weekday (ISO, 1 is Monday), in minutes of the local day; 1440 is midnight at the end. */
export interface WeeklyHours {
  weekday: number;
  startMinute: number;
  endMinute: number;
  /** First and last local day of validity, both included; unlimited if absent. */
  validFrom?: string | null;
  validTo?: string | null;
}

/**
 * Time off or extra hours on every local day from `from` to `to`, both included. The minutes apply to each day; a missing start
 * is 0, a missing end 1440. CLOSED overrides OPEN and weekly hours, and does not move the grid.
 */
export interface HoursException {
  kind: ExceptionKind;
  from: string;
  to: string;
  startMinute?: number | null;
  endMinute?: number | null;
}

export interface Schedule {
  rules: WeeklyHours[];
  exceptions: HoursException[];
}

/** A resource that can be reserved: a room, a machine, a nurse. */
export interface Bookable {
  id: string;
  /** Null or without weekly hours: always open, except for CLOSED exceptions. */
  schedule: Schedule | null;
  /** Busy ranges, buffers included, in any order. */
  busy: Range[];
}

export interface BookingTerms {
  durationMinutes: number;
  bufferBeforeMinutes: number;
  bufferAfterMinutes: number;
  slotStepMinutes: number;
  minimumNoticeMinutes: number;
  /** Whole local days after today on which a slot may still start. */
  horizonDays: number;
}

export interface SlotQuery {
  /** The clinic's zone, in which weekly hours, exceptions and the horizon are local days. */
  zone: Zone;
  terms: BookingTerms;
  /** The doctor's schedule; without weekly hours, only the OPEN exceptions apply. */
  schedule: Schedule;
  /** The doctor's busy ranges, buffers included, in any order. */
  busy: Range[];
  /** The candidates for each required resource. A kind that is required twice appears twice and gets two different ones. */
  pools: Bookable[][];
  /** The range in which slots start. */
  window: Range;
  /** Epoch milliseconds. */
  now: number;
  /** Whether the patient may book a start; by default every start. */
  accepts?: (start: number) => boolean;
}

/**
 * Why a list of free slots is empty. CLOSED: nobody works then. NOTICE, HORIZON: too soon, or too far ahead. FULL: everything is taken, or
 * the patient has reached a limit on their visits.
 */
export type EmptyReason = 'CLOSED' | 'FULL' | 'NOTICE' | 'HORIZON';

export type NotBookableReason = 'INSIDE_NOTICE' | 'PAST_HORIZON' | 'TIME_OFF' | 'OUTSIDE_WORKING_HOURS' | 'OFF_GRID';
