import { isISO4217CurrencyCode } from 'class-validator';
import { isInstant, isLocalDay } from '../../../core/http/instants.js';
import { invalid } from '../../../core/kernel/domain-error.js';
import { minorDigits } from '../../../core/kernel/money.js';
import type { Zone } from '../../../core/kernel/zone.js';
import type { AppointmentStatus } from '../../appointments/index.js';
import { parseDay, toInstant } from '../../neuroaid/index.js';
import type { Fields } from '../fields.js';

/** For doctors whose system has no specialities. */
export const NO_SPECIALITY = 'General';
/** The duration of a service if the other system states none, in minutes. */
export const DEFAULT_MINUTES = 30;

/** The key and, if it is an integer that the NeuroAid client can use, the number of a record. */
export function readId(fields: Fields, ...candidates: string[]): { key: string; number: number | null } {
  const key = fields.required(...candidates);
  const number = Number(key);
  return { key, number: /^[1-9]\d{0,15}$/.test(key) && Number.isSafeInteger(number) ? number : null };
}

/** `2026-12-02 09:30:00`, `2026-12-02T09:30` and the same with a fraction of the second. */
const LOCAL_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?$/;
/** PostgreSQL writes `2026-12-02 07:30:00+00`. */
const POSTGRES_INSTANT = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?)([+-]\d{2})(?::?(\d{2}))?$/;
/** `09:30:00`, as databases write times. */
const SECONDS = /^(\d{1,2}:\d{2}):\d{2}(?:\.\d+)?$/;

const toIsoInstant = (text: string): string =>
  text.replace(
    POSTGRES_INSTANT,
    (_, day: string, time: string, hours: string, minutes = '00') => `${day}T${time}${hours}:${minutes}`,
  );

/**
 * An instant, or a local time of the zone.
 * @throws DomainError VALIDATION_ERROR for a time that the clocks skip, and for other texts
 */
export function parseDateTime(text: string, field: string, zone: Zone): Date {
  const iso = toIsoInstant(text);
  if (isInstant(iso)) return new Date(iso);
  const [, day, time] = LOCAL_TIME.exec(text) ?? [];
  if (!day || !time || !isLocalDay(day)) throw invalid({ field, error: 'must be a day and a time' });
  return atLocalTime(day, time, field, zone);
}

/**
 * The instant of separate fields for day and time, such as `2026-12-02` or `2026-12-02T00:00:00.000Z` and `09:30 AM`.
 * @throws DomainError VALIDATION_ERROR
 */
export function parseDayAndTime(date: string, time: string, zone: Zone): Date {
  const day = toCalendarDay(date, zone);
  if (!day) throw invalid({ field: 'date', error: 'must be a day, such as 2026-12-02; 03/12/2024 is ambiguous' });
  return atLocalTime(day, time.replace(SECONDS, '$1'), 'time', zone);
}

function atLocalTime(day: string, time: string, field: string, zone: Zone): Date {
  const instant = toInstant(zone, day, time);
  if (instant === null) throw invalid({ field, error: 'must be a time that exists on that day in the time zone' });
  return new Date(instant);
}

/** `25/12/2024`, with the day or the month first. */
const SLASHED = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/;

/** Null for `03/12/2024`, which is a day in March or in December. */
function readSlashed(text: string): string | null {
  const [, first = '', second = '', year = ''] = SLASHED.exec(text) ?? [];
  const isClear = Number(first) > 12 || Number(second) > 12 || Number(first) === Number(second);
  if (!isClear) return null;
  const [day, month] = Number(second) > 12 ? [second, first] : [first, second];
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/**
 * A day of the calendar, also at the beginning of a local time; of an instant, the day in the zone. Null for other texts, and for a day
 * such as 03/12/2024, which could be two.
 */
export function toCalendarDay(text: string, zone: Zone): string | null {
  const day = parseDay(text) ?? LOCAL_TIME.exec(text)?.[1] ?? readSlashed(text);
  if (isLocalDay(day)) return day;
  const instant = toIsoInstant(text);
  return isInstant(instant) ? zone.toDay(Date.parse(instant)) : null;
}

const STATUS: Readonly<Record<string, AppointmentStatus | null>> = {
  pending: 'PENDING',
  unconfirmed: 'PENDING',
  // Systems without a status for visits that took place leave them so.
  upcoming: null,
  confirmed: null,
  accepted: null,
  booked: null,
  scheduled: null,
  completed: 'COMPLETED',
  complete: 'COMPLETED',
  done: 'COMPLETED',
  canceled: 'CANCELLED',
  cancelled: 'CANCELLED',
  rejected: 'CANCELLED',
  declined: 'CANCELLED',
  noshow: 'NO_SHOW',
  missed: 'NO_SHOW',
};

/** @throws DomainError VALIDATION_ERROR for an unknown status */
export function toStatus(text: string | null): AppointmentStatus | null {
  if (text === null) return null;
  const status = STATUS[text.toLowerCase().replace(/[\s_-]/g, '')];
  if (status === undefined) throw invalid({ field: 'status', error: 'is not a known status' });
  return status;
}

/** The digits after the point of a currency: 2 for an unknown one. */
export const getMinorDigits = (currency: string): number =>
  isISO4217CurrencyCode(currency.toUpperCase()) ? minorDigits(currency) : 2;

const MINUTE = 60_000;

/**
 * The end by its field, or by the duration in minutes.
 * @throws DomainError VALIDATION_ERROR for an end that is not after the start, or not representable
 */
export function toEnd(start: Date, end: Date | null, minutes: number | null): Date | null {
  const hasDuration = end === null && minutes !== null && minutes > 0;
  const at = hasDuration ? new Date(start.getTime() + minutes * MINUTE) : end;
  if (at === null || at.getTime() > start.getTime()) return at;
  throw invalid(
    hasDuration
      ? { field: 'duration', error: 'is too long' }
      : { field: 'end', error: 'must be after the start of the visit' },
  );
}
