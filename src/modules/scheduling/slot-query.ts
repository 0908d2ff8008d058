import type { Zone } from '../../core/kernel/zone.js';

/** Open every such weekday (ISO, 1 is Monday) between two minutes of the local day; an end of 1440 is midnight. */
export interface WeeklyRule {
  weekday: number;
  startMinute: number;
  endMinute: number;
  /** First and last local day on which it holds, both included; open-ended where left out. */
  validFrom?: string | null;
  validTo?: string | null;
}

/**
 * Time off or extra hours on every local day from `from` to `to`, both included. The minutes are of each of these days;
 * a missing start is 0, a missing end 1440. CLOSED wins over OPEN and over rules, and does not move the grid.
 */
export interface ScheduleException {
  kind: 'CLOSED' | 'OPEN';
  from: string;
  to: string;
  startMinute?: number | null;
  endMinute?: number | null;
}

export interface Schedule {
  rules: WeeklyRule[];
  exceptions: ScheduleException[];
}

/** Instants [start, end) in epoch milliseconds. */
export interface Range {
  start: number;
  end: number;
}

/** A room, a machine, a nurse: something that a service needs one of. */
export interface Bookable {
  id: string;
  /** Without rules (or null) it is always open but for its CLOSED exceptions: a room needs no opening hours. */
  schedule: Schedule | null;
  /** What is taken already, buffers included, in any order. */
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
  /** The clinic's zone: rules, exceptions and the horizon are in its local days. */
  zone: Zone;
  terms: BookingTerms;
  /** The doctor's; without rules there are only the OPEN exceptions. */
  schedule: Schedule;
  /** The doctor's, buffers included, in any order. */
  busy: Range[];
  /** The candidates for each resource needed; a kind needed twice appears twice, and takes two different ones. */
  pools: Bookable[][];
  /** Count as exceptions of the doctor. */
  clinicExceptions?: ScheduleException[];
  /** Slots are wanted that start in it. */
  window: Range;
  /** Epoch milliseconds. */
  now: number;
}

export type NotBookableReason = 'INSIDE_NOTICE' | 'PAST_HORIZON' | 'TIME_OFF' | 'OUTSIDE_WORKING_HOURS' | 'OFF_GRID';
