import { dayNumber, weekdayOn, type Zone } from '../../core/kernel/zone.js';
import { mergeRanges, type Range } from './ranges.js';
import type { Schedule, HoursException, WeeklyHours } from './slot-query.js';

export const MINUTES_PER_DAY = 1_440;
/** In milliseconds. */
export const MINUTE = 60_000;
export const DAY = MINUTES_PER_DAY * MINUTE;

/** Minutes [start, end) of a local day. */
export interface MinuteSpan {
  start: number;
  end: number;
}

/** The instants of a span of minutes on a day number. */
export const rangeOn = (zone: Zone, day: number, span: MinuteSpan): Range => ({
  start: zone.boundaryOn(day, span.start),
  end: zone.boundaryOn(day, span.end),
});

/** A span that applies on the day numbers from `from` to `to`, both included. */
interface DatedSpan extends MinuteSpan {
  from: number;
  to: number;
}

/** The opening hours of a schedule, by local day and wall-clock minutes. */
export class Calendar {
  /** By ISO weekday, from 1. */
  readonly #rules: DatedSpan[][] = Array.from({ length: 8 }, () => []);
  readonly #opened: DatedSpan[];
  readonly #closed: DatedSpan[];

  constructor({ rules, exceptions }: Schedule) {
    for (const rule of rules) this.#rules[rule.weekday]?.push(datedRule(rule));
    this.#opened = exceptions.filter(({ kind }) => kind === 'OPEN').map(datedException);
    this.#closed = exceptions.filter(({ kind }) => kind === 'CLOSED').map(datedException);
  }

  /** Weekly hours and extra hours of a day, ascending and merged. */
  openings(day: number): MinuteSpan[] {
    const spans = (this.#rules[weekdayOn(day)] as DatedSpan[]).filter(appliesOn(day));
    if (this.#opened.length > 0) spans.push(...this.#opened.filter(appliesOn(day)));
    return mergeRanges(spans);
  }

  /** Closures of a day, ascending and merged. */
  closures(day: number): MinuteSpan[] {
    return this.#closed.length === 0 ? [] : mergeRanges(this.#closed.filter(appliesOn(day)));
  }

  withoutClosures(): Calendar {
    const calendar = new Calendar({ rules: [], exceptions: [] });
    this.#rules.forEach((rules, weekday) => calendar.#rules[weekday]?.push(...rules));
    calendar.#opened.push(...this.#opened);
    return calendar;
  }
}

const appliesOn =
  (day: number) =>
  ({ from, to }: DatedSpan): boolean =>
    from <= day && day <= to;

const datedRule = ({ startMinute, endMinute, validFrom, validTo }: WeeklyHours): DatedSpan => ({
  start: startMinute,
  end: endMinute,
  from: validFrom ? dayNumber(validFrom) : -Infinity,
  to: validTo ? dayNumber(validTo) : Infinity,
});

const datedException = ({ from, to, startMinute, endMinute }: HoursException): DatedSpan => ({
  start: startMinute ?? 0,
  end: endMinute ?? MINUTES_PER_DAY,
  from: dayNumber(from),
  to: dayNumber(to),
});

/**
 * The instants of a day's grid, ascending: the start of each opening and every `step` wall-clock minutes after it. A wall-clock
 * time that a clock change skips is absent; a repeated one is included twice.
 */
export function gridOn(zone: Zone, day: number, openings: MinuteSpan[], step: number): number[] {
  const offset = zone.steadyOffsetOn(day);
  if (offset === null) return openings.flatMap((opening) => gridOnClockChange(zone, day, opening, step));
  const startOfDay = day * DAY - offset;
  const starts: number[] = [];
  for (const { start, end } of openings) {
    for (let minute = start; minute < end; minute += step) starts.push(startOfDay + minute * MINUTE);
  }
  return starts;
}

/** On a day of a clock change. An opening that ends within a repeated hour ends at the first occurrence. */
function gridOnClockChange(zone: Zone, day: number, opening: MinuteSpan, step: number): number[] {
  const { start: opens, end: closes } = rangeOn(zone, day, opening);
  const starts: number[] = [];
  for (let minute = opening.start; minute < opening.end; minute += step) {
    for (const start of zone.instantsOn(day, minute)) if (start >= opens && start < closes) starts.push(start);
  }
  return starts.sort((a, b) => a - b);
}

export function isOnGrid(zone: Zone, calendar: Calendar, start: number, step: number): boolean {
  const day = zone.toDayNumber(start);
  const local = zone.millisecondOfDay(start);
  const opening = calendar.openings(day).find((span) => span.start * MINUTE <= local && local < span.end * MINUTE);
  if (!opening || (local - opening.start * MINUTE) % (step * MINUTE) !== 0) return false;
  const { start: opens, end: closes } = rangeOn(zone, day, opening);
  return start >= opens && start < closes;
}
