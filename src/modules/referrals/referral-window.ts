import { invalid } from '../../core/kernel/domain-error.js';
import { dayName, dayNumber } from '../../core/kernel/zone.js';

/** Local days, YYYY-MM-DD, both included. */
export interface ReferralWindow {
  validFrom: string;
  validTo: string;
}

export interface RequestedWindow {
  validFrom?: string;
  validTo?: string;
  /** A review: the window begins this many months after the day of the visit. */
  afterMonths?: number;
}

/** Local days of the clinic. */
export interface WindowDays {
  today: string;
  /** The visit that is reviewed. Default: today. */
  visit?: string;
}

/** How many days after its first day the window of a review ends, if no end was given. */
const REVIEW_DAYS = 30;
const MAX_YEARS_AHEAD = 3;

/**
 * The days on which a visit may be.
 * @throws DomainError VALIDATION_ERROR
 */
export function toWindow(
  { validFrom, validTo, afterMonths }: RequestedWindow,
  { today, visit = today }: WindowDays,
): ReferralWindow {
  if (afterMonths !== undefined && validFrom !== undefined) {
    throw invalid({ field: 'afterMonths', error: 'must not be given together with validFrom' });
  }
  const from = afterMonths === undefined ? (validFrom ?? today) : addMonths(visit, afterMonths);
  const to = validTo ?? (afterMonths === undefined ? undefined : addDays(from, REVIEW_DAYS));
  if (to === undefined) throw invalid({ field: 'validTo', error: 'is required without afterMonths' });
  if (to < from) throw invalid({ field: 'validTo', error: `must not be before ${from}` });
  if (to < today) throw invalid({ field: 'validTo', error: 'must not be in the past' });
  const last = addMonths(today, 12 * MAX_YEARS_AHEAD);
  if (to > last) throw invalid({ field: 'validTo', error: `must not be after ${last}` });
  return { validFrom: from, validTo: to };
}

/**
 * The days of a review after a visit.
 * @returns null if they are over
 */
export function toReviewWindow(afterMonths: number, { today, visit }: Required<WindowDays>): ReferralWindow | null {
  const validFrom = addMonths(visit, afterMonths);
  const validTo = addDays(validFrom, REVIEW_DAYS);
  return validTo < today ? null : { validFrom, validTo };
}

/** How long before its end a referral is reminded of, if it could be used at once. */
const REMINDER_DAYS = 7;

/**
 * The day on which an unused referral is reminded of: its first day or, if it can be used at once, a week before its last day, but not
 * today. Null if no such day is left.
 */
export function toReminderDay({ validFrom, validTo }: ReferralWindow, today: string): string | null {
  const weekBefore = addDays(validTo, -REMINDER_DAYS);
  const day = validFrom > today ? validFrom : weekBefore > today ? weekBefore : addDays(today, 1);
  return day <= validTo ? day : null;
}

/** The same day of a later month, or its last day: a month after 31 January is 28 or 29 February. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const lastOfMonth = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, lastOfMonth))).toISOString().slice(0, 10);
}

const addDays = (day: string, days: number): string => dayName(dayNumber(day) + days);
