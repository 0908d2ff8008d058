import { isLocalDay } from '../../../../core/http/instants.js';
import { plainText } from '../../../../core/kernel/plain-text.js';
import type { DateFormat } from '../mapping/column-mapping.js';

/** The order of day and month in a column: known, or why it is not. */
export type DayOrder = 'DMY' | 'MDY' | 'UNKNOWN' | 'MIXED';

export type ParsedDay = { day: string } | { error: string };

const LOCALES = ['en', 'ar', 'ar-IQ', 'hi', 'de', 'es', 'fr'];
const MONTHS = LOCALES.flatMap((locale) => (['long', 'short'] as const).map((month) => monthNames(locale, month)));

const YEAR_FIRST = /^(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const YEAR_LAST = /^(\d{1,2})([-/. ]|\. )(\d{1,2})(?:[-/. ]|\. )(\d{4})$/;
const SHORT_YEAR = /^\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2}$/;
/** Of a date with a time, such as `1988-04-02 00:00:00`. */
const MIDNIGHT = /[T ]0?0:00(?::00(?:\.0+)?)?Z?$/i;

/** Of a date with any time. */
const TIME_BEHIND = /(?<=\d{4}),? .*$/;

const NOT_A_DATE = 'must be a date, such as 2026-11-23';
const AMBIGUOUS =
  'can be read as day/month and as month/day. Set mapping.dateFormat to DMY or MDY, or write dates like 2026-11-23';
const MIXED =
  'is in a column with both day/month and month/day. Set mapping.dateFormat, or write dates like 2026-11-23';

/** Countries whose dates begin with the month. */
const MONTH_FIRST = new Set(['US', 'PH', 'FM', 'MH', 'PW', 'GU', 'PR', 'AS', 'VI', 'MP']);
/** Countries that use both orders. */
const BOTH_ORDERS = new Set(['CA']);

/** Reads a date in any script. Years have four digits: `05` can be 1905 or 2005. */
export function parseDay(typed: string, order: DayOrder | DateFormat): ParsedDay {
  const text = clean(typed);
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst) return toDay(yearFirst[1], yearFirst[3], yearFirst[4]);
  const compact = COMPACT.exec(text);
  if (compact) return toDay(compact[1], compact[2], compact[3]);
  const yearLast = YEAR_LAST.exec(text);
  if (yearLast) return fromOrder(Number(yearLast[1]), Number(yearLast[3]), yearLast[4], order);
  if (SHORT_YEAR.test(text)) return { error: 'must have a year of four digits' };
  return parseMonthName(text);
}

function fromOrder(first: number, second: number, year: string | undefined, order: DayOrder | DateFormat): ParsedDay {
  if (order === 'MIXED') return { error: MIXED };
  if (order === 'MDY') return toDay(year, first, second);
  if (order === 'DMY') return toDay(year, second, first);
  if (first === second || first > 12) return toDay(year, second, first);
  return second > 12 ? toDay(year, first, second) : { error: AMBIGUOUS };
}

function toDay(year?: string, month?: string | number, day?: string | number): ParsedDay {
  const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  return isLocalDay(text) ? { day: text } : { error: NOT_A_DATE };
}

/** `2 April 1988`, `April 2, 1988`, `2-Apr-1988`, `٢ أبريل ١٩٨٨`. */
function parseMonthName(text: string): ParsedDay {
  const parts = text
    .toLowerCase()
    .split(/[\s,،/-]+|\.(?=\s|$)/)
    .filter(Boolean);
  const year = parts.find((part) => /^\d{4}$/.test(part));
  const day = parts.find((part) => /^\d{1,2}(?:st|nd|rd|th|er)?$/.test(part));
  const name = parts.filter((part) => part !== year && part !== day && part !== 'de').join(' ');
  const month = MONTHS.map((names) => names.indexOf(name)).find((index) => index >= 0);
  if (month === undefined || !year || !day) return { error: NOT_A_DATE };
  return toDay(year, month + 1, Number.parseInt(day, 10));
}

const clean = (typed: string): string => plainText(typed).replace(MIDNIGHT, '');

function monthNames(locale: string, month: 'long' | 'short'): string[] {
  const format = new Intl.DateTimeFormat(`${locale}-u-ca-gregory`, { month, timeZone: 'UTC' });
  return Array.from({ length: 12 }, (_, index) =>
    plainText(format.format(new Date(Date.UTC(2000, index, 15))))
      .toLowerCase()
      .replace(/\.$/, ''),
  );
}

/** Finds the order of day and month from all dates of a column. */
export class DayOrderFinder {
  private hasDayFirst = false;
  private hasMonthFirst = false;

  add(typed: string): void {
    const match = YEAR_LAST.exec(clean(typed).replace(TIME_BEHIND, ''));
    if (!match) return;
    const [first, second] = [Number(match[1]), Number(match[3])];
    if (first > 12 && second <= 12) this.hasDayFirst = true;
    if (second > 12 && first <= 12) this.hasMonthFirst = true;
  }

  /** @param country of the clinic, which decides if no date of the column does; ISO 3166-1 */
  decide(country: string | null): DayOrder {
    if (this.hasDayFirst && this.hasMonthFirst) return 'MIXED';
    if (this.hasDayFirst) return 'DMY';
    if (this.hasMonthFirst) return 'MDY';
    if (country === null || BOTH_ORDERS.has(country)) return 'UNKNOWN';
    return MONTH_FIRST.has(country) ? 'MDY' : 'DMY';
  }
}
