import { dayNumber, weekdayOn, type Zone } from '../../core/kernel/zone.js';
import type { Range, Schedule, ScheduleException, WeeklyRule } from './slot-query.js';

export const MINUTE = 60_000;
export const MIDNIGHT = 1_440;

/** Minutes [start, end) of a local day. */
export interface WallSpan {
  start: number;
  end: number;
}

export const rangeOn = (zone: Zone, day: number, span: WallSpan): Range => ({
  start: zone.boundaryOn(day, span.start),
  end: zone.boundaryOn(day, span.end),
});

/** Holds on the day numbers from `from` to `to`, both included. */
interface DatedSpan extends WallSpan {
  from: number;
  to: number;
}

/** What rules and exceptions say about a local day, on the wall clock. */
export class Calendar {
  readonly #rules: DatedSpan[][] = [[], [], [], [], [], [], [], []];
  readonly #opened: DatedSpan[];
  readonly #closed: DatedSpan[];

  constructor({ rules, exceptions }: Schedule, clinicExceptions: ScheduleException[] = []) {
    for (const rule of rules) this.#rules[rule.weekday]?.push(datedRule(rule));
    const all = clinicExceptions.length > 0 ? [...exceptions, ...clinicExceptions] : exceptions;
    this.#opened = all.filter(({ kind }) => kind === 'OPEN').map(datedException);
    this.#closed = all.filter(({ kind }) => kind === 'CLOSED').map(datedException);
  }

  /** Rules and extra hours: ascending, apart from each other, those that touch made one. */
  openings(day: number): WallSpan[] {
    const spans = (this.#rules[weekdayOn(day)] as DatedSpan[]).filter(holdsOn(day));
    if (this.#opened.length > 0) spans.push(...this.#opened.filter(holdsOn(day)));
    return merged(spans);
  }

  closures(day: number): WallSpan[] {
    return this.#closed.length === 0 ? [] : merged(this.#closed.filter(holdsOn(day)));
  }

  withoutClosures(): Calendar {
    const calendar = new Calendar({ rules: [], exceptions: [] });
    this.#rules.forEach((rules, weekday) => calendar.#rules[weekday]?.push(...rules));
    calendar.#opened.push(...this.#opened);
    return calendar;
  }
}

const holdsOn =
  (day: number) =>
  ({ from, to }: DatedSpan): boolean =>
    from <= day && day <= to;

const datedRule = ({ startMinute, endMinute, validFrom, validTo }: WeeklyRule): DatedSpan => ({
  start: startMinute,
  end: endMinute,
  from: validFrom ? dayNumber(validFrom) : -Infinity,
  to: validTo ? dayNumber(validTo) : Infinity,
});

const datedException = ({ from, to, startMinute, endMinute }: ScheduleException): DatedSpan => ({
  start: startMinute ?? 0,
  end: endMinute ?? MIDNIGHT,
  from: dayNumber(from),
  to: dayNumber(to),
});

/** The union, ascending, without empty spans and with those that touch made one. */
export function merged(spans: readonly WallSpan[]): WallSpan[] {
  const union: WallSpan[] = [];
  for (const { start, end } of ascending(spans)) {
    if (start >= end) continue;
    const last = union[union.length - 1];
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else union.push({ start, end });
  }
  return union;
}

/** By start. Lists mostly come in order, and are then neither copied nor sorted. */
function ascending<S extends { start: number }>(spans: readonly S[]): readonly S[] {
  for (let i = 1; i < spans.length; i++) {
    if ((spans[i - 1] as S).start > (spans[i] as S).start) return [...spans].sort((a, b) => a.start - b.start);
  }
  return spans;
}

/**
 * The instants of a day's grid, ascending: each opening's wall time and every `step` minutes on the wall clock after it.
 * A time that the clocks skip is absent, one that they repeat is there twice.
 */
export function gridOn(zone: Zone, day: number, openings: WallSpan[], step: number): number[] {
  const offset = zone.steadyOffsetOn(day);
  if (offset === null) return openings.flatMap((opening) => gridOnChange(zone, day, opening, step));
  const midnight = day * MIDNIGHT * MINUTE - offset;
  const starts: number[] = [];
  for (const { start, end } of openings) {
    for (let minute = start; minute < end; minute += step) starts.push(midnight + minute * MINUTE);
  }
  return starts;
}

/** An opening that ends within a repeated hour ends the first time, so that the repeated times after it are not in it. */
function gridOnChange(zone: Zone, day: number, opening: WallSpan, step: number): number[] {
  const { start: opens, end: closes } = rangeOn(zone, day, opening);
  const starts: number[] = [];
  for (let minute = opening.start; minute < opening.end; minute += step) {
    for (const start of zone.instantsOn(day, minute)) if (start >= opens && start < closes) starts.push(start);
  }
  return starts.sort((a, b) => a - b);
}

export function isOnGrid(zone: Zone, calendar: Calendar, start: number, step: number): boolean {
  const day = zone.dayNumberOf(start);
  const local = zone.millisecondOfDay(start);
  const opening = calendar.openings(day).find((span) => span.start * MINUTE <= local && local < span.end * MINUTE);
  if (!opening || (local - opening.start * MINUTE) % (step * MINUTE) !== 0) return false;
  const { start: opens, end: closes } = rangeOn(zone, day, opening);
  return start >= opens && start < closes;
}
