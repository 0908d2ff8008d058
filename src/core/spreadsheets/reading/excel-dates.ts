import { dayName } from '../../kernel/zone.js';
import { LocalDay, LocalTime } from '../cell.js';

const DAY = 86_400_000;
const DAY_SECONDS = 86_400;
/** 1970-01-01 in the date system that starts in 1900, and in that of 1904. */
const EPOCH_1900 = 25_569;
const EPOCH_1904 = 24_107;
/** Lotus 1-2-3 took 1900 for a leap year, and Excel agrees: 60 is 29 February 1900. Days before it are one less. */
const NOT_A_DAY = 60;
const LAST_SERIAL = 2_958_465;

/**
 * Converts the number of days that a spreadsheet stores for a date. Numbers below 1 are times: `09:30`. Numbers that are no date stay
 * numbers.
 */
export function fromSerial(serial: number, is1904: boolean): LocalDay | LocalTime | string | number {
  if (!Number.isFinite(serial) || serial < 0 || serial > LAST_SERIAL) return serial;
  // Seconds: the fraction of a double is not exact.
  const seconds = Math.round((serial % 1) * DAY_SECONDS);
  if (serial < 1) return toTimeText(seconds % DAY_SECONDS);
  const whole = Math.floor(serial);
  if (!is1904 && whole === NOT_A_DAY) return serial;
  const day = is1904 ? whole - EPOCH_1904 : whole - EPOCH_1900 + (whole < NOT_A_DAY ? 1 : 0);
  return seconds === 0 ? new LocalDay(dayName(day)) : new LocalTime(day * DAY + seconds * 1_000);
}

function toTimeText(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = seconds % 60;
  return `${two(seconds / 3_600)}:${two((seconds / 60) % 60)}${rest === 0 ? '' : `:${two(rest)}`}`;
}
