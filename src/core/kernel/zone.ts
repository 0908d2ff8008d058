import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** Transitions are computed once for each window of this many milliseconds (398 days). */
const WINDOW = 2 ** 35;
/** The maximum distance of a local time, read as UTC, from its instants: offsets up to ±16 h, clock changes up to 24 h. */
const MARGIN = 2 * DAY;
/** Limits the memory that callers can use by requesting many zones and distant years. */
const MAX_WINDOWS = 128;
const MAX_ZONES = 700;
/** The maximum instant of Temporal and Date, in epoch milliseconds. */
const MAX_INSTANT = 8.64e15;

/** An offset from UTC (milliseconds, east is positive) and the instants [start, end) in which it applies. */
interface Period {
  start: number;
  end: number;
  offset: number;
}

/**
 * The local time of an IANA zone, as numbers: instants are epoch milliseconds, days are 'YYYY-MM-DD' or day numbers
 * (days since 1970-01-01), local times are minutes of the day (0..1440, where 1440 is the next day's 00:00). Methods whose names end in
 * `On` take a day number, which saves hot code from parsing texts.
 *
 * A local time may have no instant (the clocks skip it) or two (the clocks repeat it). `boundary` always returns one: the first
 * instant at which the wall clock shows that time or a later one.
 */
export class Zone {
  static readonly #zones = new LRUCache<string, Zone>({ max: MAX_ZONES });

  /** @throws RangeError if the name is not valid (see `isValid`) */
  static of(name: string): Zone {
    const known = Zone.#zones.get(name);
    if (known) return known;
    if (!isZoneName(name)) throw new RangeError(`Not an IANA time zone: ${name}`);
    const zone = new Zone(name);
    Zone.#zones.set(name, zone);
    return zone;
  }

  /** Whether a name is an IANA zone, in IANA's spelling. Offsets ('+02:00') and abbreviations ('PST') are not valid. */
  static isValid(name: string): boolean {
    return Zone.#zones.has(name) || isZoneName(name);
  }

  readonly #windows = new LRUCache<number, Period[]>({ max: MAX_WINDOWS });
  #lastKey = Number.NaN;
  #lastPeriods: Period[] = [];

  private constructor(readonly name: string) {}

  /** The offset from UTC at an instant, in milliseconds; east is positive. */
  offsetAt(ms: number): number {
    const periods = this.#periodsNear(ms);
    let found = periods[0] as Period;
    for (const period of periods) if (period.start <= ms) found = period;
    return found.offset;
  }

  toDay(ms: number): string {
    return dayName(this.toDayNumber(ms));
  }

  toDayNumber(ms: number): number {
    return Math.floor((ms + this.offsetAt(ms)) / DAY);
  }

  /** The wall-clock time in minutes since 00:00, 0..1439. */
  minuteOfDay(ms: number): number {
    return Math.floor(this.millisecondOfDay(ms) / MINUTE);
  }

  /** The wall-clock time in milliseconds since 00:00. On days of a clock change, it differs from the elapsed time. */
  millisecondOfDay(ms: number): number {
    const local = ms + this.offsetAt(ms);
    return local - Math.floor(local / DAY) * DAY;
  }

  /** All instants at which the wall clock shows this time, ascending: none in a gap, two in a repeated hour. */
  getInstants(day: string, minute: number): number[] {
    return this.instantsOn(dayNumber(day), minute);
  }

  instantsOn(day: number, minute: number): number[] {
    const local = day * DAY + minute * MINUTE;
    const instants: number[] = [];
    for (const { start, end, offset } of this.#periodsNear(local)) {
      const instant = local - offset;
      if (instant >= start && instant < end) instants.push(instant);
    }
    return instants;
  }

  /** The first instant at which the wall clock shows this time or a later one; for a time in a gap, the transition. */
  boundary(day: string, minute: number): number {
    return this.boundaryOn(dayNumber(day), minute);
  }

  boundaryOn(day: number, minute: number): number {
    const local = day * DAY + minute * MINUTE;
    const period = findPeriod(this.#periodsNear(local), local);
    return Math.max(period.start, local - period.offset);
  }

  startOfDay(day: string): number {
    return this.boundary(day, 0);
  }

  /**
   * The offset of a day without a clock change, in milliseconds; null on days of a clock change, on which some local times have no
   * instant or two.
   */
  steadyOffsetOn(day: number): number | null {
    const start = day * DAY;
    const end = start + DAY;
    const periods = this.#periodsNear(start);
    const period = findPeriod(periods, start);
    if (period.start + period.offset > start || period.end + period.offset < end) return null;
    const next = periods[periods.indexOf(period) + 1];
    return next && next.start + next.offset < end ? null : period.offset;
  }

  /** ISO weekday: 1 is Monday, 7 is Sunday. */
  getWeekday(day: string): number {
    return weekdayOn(dayNumber(day));
  }

  /** The day that is `count` calendar days later, or earlier if negative. Days that the zone skipped count. */
  addDays(day: string, count: number): string {
    return dayName(dayNumber(day) + count);
  }

  /** From the beginning of a day to that of the next: 23 or 25 hours if the clocks change. */
  rangeOfDay(day: string): { start: number; end: number } {
    return { start: this.startOfDay(day), end: this.startOfDay(this.addDays(day, 1)) };
  }

  /** The days of a range of instants, the end excluded. */
  daysBetween(start: number, end: number): string[] {
    const first = this.toDayNumber(start);
    const last = Math.max(first, this.toDayNumber(end - 1));
    return Array.from({ length: last - first + 1 }, (_, index) => dayName(first + index));
  }

  /** The periods, ascending, that contain all instants within MARGIN of `ms`. The first and the last extend to infinity. */
  #periodsNear(ms: number): Period[] {
    const key = Math.floor(ms / WINDOW);
    if (key !== this.#lastKey) {
      this.#lastPeriods = this.#getWindow(key);
      this.#lastKey = key;
    }
    return this.#lastPeriods;
  }

  #getWindow(key: number): Period[] {
    const known = this.#windows.get(key);
    if (known) return known;
    if (!Number.isFinite(key)) throw new RangeError('Not an instant');
    const periods = periodsBetween(this.name, key * WINDOW - MARGIN, (key + 1) * WINDOW + MARGIN);
    this.#windows.set(key, periods);
    return periods;
  }
}

/** The first period in which the wall clock passes `local` (local milliseconds since 1970-01-01T00:00). */
function findPeriod(periods: Period[], local: number): Period {
  for (const period of periods) if (period.end + period.offset > local) return period;
  return periods[periods.length - 1] as Period;
}

function periodsBetween(name: string, from: number, to: number): Period[] {
  const first = Temporal.Instant.fromEpochMilliseconds(clamp(from)).toZonedDateTimeISO(name);
  let period: Period = { start: -Infinity, end: Infinity, offset: getOffset(first) };
  const periods = [period];
  let transition = first.getTimeZoneTransition('next');
  while (transition && transition.epochMilliseconds <= to) {
    period.end = transition.epochMilliseconds;
    period = { start: period.end, end: Infinity, offset: getOffset(transition) };
    periods.push(period);
    transition = transition.getTimeZoneTransition('next');
  }
  return periods;
}

const getOffset = (time: Temporal.ZonedDateTime): number => time.offsetNanoseconds / 1e6;

const clamp = (ms: number): number => Math.min(Math.max(ms, -MAX_INSTANT), MAX_INSTANT);

/** Offsets such as +02:00, and names that only ICU knows. */
const NOT_IANA = /^(?:[^A-Za-z]|SystemV\/)/i;

function isZoneName(name: string): boolean {
  if (NOT_IANA.test(name)) return false;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId === name;
  } catch {
    return false;
  }
}

const ISO_DAY = /^([+-]\d{6}|\d{4})-(\d{2})-(\d{2})$/;
/** The number of days from 0000-03-01, the epoch of the arithmetic below, to 1970-01-01. */
const EPOCH_SHIFT = 719_468;
const DAYS_PER_ERA = 146_097;

/**
 * The number of days from 1970-01-01 to an ISO day (proleptic Gregorian).
 * @throws RangeError if it is not a calendar day
 */
export function dayNumber(day: string): number {
  const number = parseDay(day);
  if (number === null) throw new RangeError(`Not a calendar day: ${day}`);
  return number;
}

/** Whether the text is a day of the calendar: 2026-02-28, not 2026-02-30. */
export const isDay = (text: string): boolean => parseDay(text) !== null;

function parseDay(text: string): number | null {
  const parts = ISO_DAY.exec(text);
  if (!parts) return null;
  const number = civilDays(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  return dayName(number) === text ? number : null;
}

/** ISO weekday of a day number: 1 is Monday, 7 is Sunday. 1970-01-01 was a Thursday. */
export const weekdayOn = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** The ISO day of a day number. Years outside 0000..9999 have a sign and six digits. */
export function dayName(number: number): string {
  const shifted = number + EPOCH_SHIFT;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - quotient(dayOfEra, 1_460) + quotient(dayOfEra, 36_524) - quotient(dayOfEra, 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + quotient(yearOfEra, 4) - quotient(yearOfEra, 100));
  const monthFromMarch = quotient(5 * dayOfYear + 2, 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${yearName(year)}-${padded(month, 2)}-${padded(dayOfYear - quotient(153 * monthFromMarch + 2, 5) + 1, 2)}`;
}

/** Years start in March, so that the leap day is the last day (H. Hinnant, "chrono-compatible date algorithms"). */
function civilDays(year: number, month: number, day: number): number {
  const fromMarch = month > 2 ? year : year - 1;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const dayOfYear = quotient(153 * (month > 2 ? month - 3 : month + 9) + 2, 5) + day - 1;
  return (
    era * DAYS_PER_ERA + yearOfEra * 365 + quotient(yearOfEra, 4) - quotient(yearOfEra, 100) + dayOfYear - EPOCH_SHIFT
  );
}

const quotient = (dividend: number, divisor: number): number => Math.floor(dividend / divisor);

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');

const yearName = (year: number): string =>
  year >= 0 && year <= 9_999 ? padded(year, 4) : `${year < 0 ? '-' : '+'}${padded(Math.abs(year), 6)}`;
