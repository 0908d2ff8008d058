import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** Transitions are looked up once per stretch of this many milliseconds (398 days). */
const STRETCH = 2 ** 35;
/** A local time read as if it were UTC is less than this far from its instants: offsets go to ±16 h, jumps to 24 h. */
const MARGIN = 2 * DAY;
/** Bounds on what callers can make the process remember by asking for far years and many zones. */
const MOST_STRETCHES = 128;
const MOST_ZONES = 700;
/** The range of Temporal and of Date, in epoch milliseconds. */
const FURTHEST = 8.64e15;

/** An offset from UTC (milliseconds, east is positive) and the instants [start, end) in which it is in force. */
interface Period {
  start: number;
  end: number;
  offset: number;
}

/**
 * Local time of one IANA zone, in plain numbers: instants are epoch milliseconds, days are 'YYYY-MM-DD' or day numbers
 * (days since 1970-01-01), local times are minutes of the day (0..1440, where 1440 is the next day's 00:00).
 *
 * A local time may have no instant (clocks go forward over it) or two (clocks go back over it). `boundary` gives one
 * in every case: the first instant at which the wall clock shows that time or a later one.
 */
export class Zone {
  static readonly #zones = new LRUCache<string, Zone>({ max: MOST_ZONES });

  /** @throws RangeError where the name is not an IANA zone, as `isValid` says */
  static of(name: string): Zone {
    const known = Zone.#zones.get(name);
    if (known) return known;
    if (!isZoneName(name)) throw new RangeError(`Not an IANA time zone: ${name}`);
    const zone = new Zone(name);
    Zone.#zones.set(name, zone);
    return zone;
  }

  /** Whether it is an IANA name, spelled as IANA spells it. Offsets ('+02:00') and abbreviations ('PST') are none. */
  static isValid(name: string): boolean {
    return Zone.#zones.has(name) || isZoneName(name);
  }

  readonly #stretches = new LRUCache<number, Period[]>({ max: MOST_STRETCHES });
  #lastKey = Number.NaN;
  #lastPeriods: Period[] = [];

  private constructor(readonly name: string) {}

  /** Milliseconds that local time is ahead of UTC at an instant. */
  offsetAt(ms: number): number {
    const periods = this.#periodsNear(ms);
    let found = periods[0] as Period;
    for (const period of periods) if (period.start <= ms) found = period;
    return found.offset;
  }

  dayOf(ms: number): string {
    return dayName(this.dayNumberOf(ms));
  }

  dayNumberOf(ms: number): number {
    return Math.floor((ms + this.offsetAt(ms)) / DAY);
  }

  /** Whole minutes on the wall clock since its 00:00, 0..1439. */
  minuteOfDay(ms: number): number {
    return Math.floor(this.millisecondOfDay(ms) / MINUTE);
  }

  /** Milliseconds on the wall clock since its 00:00: not the time elapsed since then on a day of 23 or 25 hours. */
  millisecondOfDay(ms: number): number {
    const local = ms + this.offsetAt(ms);
    return local - Math.floor(local / DAY) * DAY;
  }

  /** Every instant at which the wall clock shows this time, ascending: none in a gap, two in a repeated hour. */
  instantsOf(day: string, minute: number): number[] {
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

  /** The first instant at which the wall clock shows this time or a later one: for a time in a gap, its transition. */
  boundary(day: string, minute: number): number {
    return this.boundaryOn(dayNumber(day), minute);
  }

  boundaryOn(day: number, minute: number): number {
    const local = day * DAY + minute * MINUTE;
    const period = reaching(this.#periodsNear(local), local);
    return Math.max(period.start, local - period.offset);
  }

  startOfDay(day: string): number {
    return this.boundary(day, 0);
  }

  /**
   * The offset of a day on which the clocks are not changed, so that every local time of it is one instant; null where
   * some have none or two. Milliseconds.
   */
  steadyOffsetOn(day: number): number | null {
    const start = day * DAY;
    const end = start + DAY;
    const periods = this.#periodsNear(start);
    const period = reaching(periods, start);
    if (period.start + period.offset > start || period.end + period.offset < end) return null;
    const next = periods[periods.indexOf(period) + 1];
    return next && next.start + next.offset < end ? null : period.offset;
  }

  /** ISO weekday: 1 is Monday, 7 is Sunday. */
  weekdayOf(day: string): number {
    return weekdayOn(dayNumber(day));
  }

  /** The day that is `count` calendar days later (earlier where negative); zones that skipped one count it too. */
  addDays(day: string, count: number): string {
    return dayName(dayNumber(day) + count);
  }

  /** The periods, ascending, that hold every instant within MARGIN of `ms`; the outer ones are drawn out to infinity. */
  #periodsNear(ms: number): Period[] {
    const key = Math.floor(ms / STRETCH);
    if (key !== this.#lastKey) {
      this.#lastPeriods = this.#stretch(key);
      this.#lastKey = key;
    }
    return this.#lastPeriods;
  }

  #stretch(key: number): Period[] {
    const known = this.#stretches.get(key);
    if (known) return known;
    if (!Number.isFinite(key)) throw new RangeError('Not an instant');
    const periods = periodsBetween(this.name, key * STRETCH - MARGIN, (key + 1) * STRETCH + MARGIN);
    this.#stretches.set(key, periods);
    return periods;
  }
}

/** The first period in which the wall clock gets past `local` (local milliseconds since 1970-01-01T00:00). */
function reaching(periods: Period[], local: number): Period {
  for (const period of periods) if (period.end + period.offset > local) return period;
  return periods[periods.length - 1] as Period;
}

function periodsBetween(name: string, from: number, to: number): Period[] {
  const first = Temporal.Instant.fromEpochMilliseconds(clamped(from)).toZonedDateTimeISO(name);
  let period: Period = { start: -Infinity, end: Infinity, offset: offsetOf(first) };
  const periods = [period];
  let transition = first.getTimeZoneTransition('next');
  while (transition && transition.epochMilliseconds <= to) {
    period.end = transition.epochMilliseconds;
    period = { start: period.end, end: Infinity, offset: offsetOf(transition) };
    periods.push(period);
    transition = transition.getTimeZoneTransition('next');
  }
  return periods;
}

const offsetOf = (time: Temporal.ZonedDateTime): number => time.offsetNanoseconds / 1e6;

const clamped = (ms: number): number => Math.min(Math.max(ms, -FURTHEST), FURTHEST);

/** Names that ICU knows and IANA does not. */
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
/** 1970-01-01 counted from 0000-03-01, the epoch of the arithmetic below. */
const EPOCH_SHIFT = 719_468;
const DAYS_OF_ERA = 146_097;

/**
 * Days since 1970-01-01 of an ISO day (proleptic Gregorian).
 * @throws RangeError where it is no day of the calendar
 */
export function dayNumber(day: string): number {
  const number = parseDay(day);
  if (number === null) throw new RangeError(`Not a day of the calendar: ${day}`);
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

/** The ISO day of a day number; years beyond 0000..9999 are written with sign and six digits. */
export function dayName(number: number): string {
  const shifted = number + EPOCH_SHIFT;
  const era = Math.floor(shifted / DAYS_OF_ERA);
  const ofEra = shifted - era * DAYS_OF_ERA;
  const yearOfEra = Math.floor(
    (ofEra - quotient(ofEra, 1_460) + quotient(ofEra, 36_524) - quotient(ofEra, 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + quotient(yearOfEra, 4) - quotient(yearOfEra, 100));
  const monthFromMarch = quotient(5 * ofYear + 2, 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${yearName(year)}-${padded(month, 2)}-${padded(ofYear - quotient(153 * monthFromMarch + 2, 5) + 1, 2)}`;
}

/** Years are counted from March, so that the leap day is their last (H. Hinnant, "chrono-compatible date algorithms"). */
function civilDays(year: number, month: number, day: number): number {
  const fromMarch = month > 2 ? year : year - 1;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const ofYear = quotient(153 * (month > 2 ? month - 3 : month + 9) + 2, 5) + day - 1;
  return era * DAYS_OF_ERA + yearOfEra * 365 + quotient(yearOfEra, 4) - quotient(yearOfEra, 100) + ofYear - EPOCH_SHIFT;
}

const quotient = (dividend: number, divisor: number): number => Math.floor(dividend / divisor);

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');

const yearName = (year: number): string =>
  year >= 0 && year <= 9_999 ? padded(year, 4) : `${year < 0 ? '-' : '+'}${padded(Math.abs(year), 6)}`;
