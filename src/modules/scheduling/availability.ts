import { dayNumber, weekdayOn, type Zone } from '../../core/kernel/zone.js';

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

export interface OfferTerms {
  durationMinutes: number;
  bufferBeforeMinutes: number;
  bufferAfterMinutes: number;
  slotStepMinutes: number;
  minimumNoticeMinutes: number;
  /** Whole local days after today on which a slot may still start. */
  horizonDays: number;
}

export interface OfferQuery {
  /** The clinic's zone: rules, exceptions and the horizon are in its local days. */
  zone: Zone;
  terms: OfferTerms;
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

export type NotOfferedReason = 'INSIDE_NOTICE' | 'PAST_HORIZON' | 'TIME_OFF' | 'OUTSIDE_WORKING_HOURS' | 'OFF_GRID';

const MINUTE = 60_000;
const MIDNIGHT = 1_440;

/** Every free slot that starts in the window, ascending. */
export const listSlots = (query: OfferQuery): Range[] => firstSlots(query, Infinity);

/** The first `limit` free slots that start in the window, ascending; days after the last of them are not looked at. */
export function firstSlots(query: OfferQuery, limit: number): Range[] {
  const { zone, terms, schedule, clinicExceptions, window, now } = query;
  assertTerms(terms);
  const first = Math.max(window.start, earliestStart(terms, now));
  const slots: Range[] = [];
  if (!(first < window.end) || !(limit > 0)) return slots;
  const calendar = new Calendar(schedule, clinicExceptions);
  const isFree = freeTest(query, calendar);
  const lastDay = lastDayOffered(zone, terms, now);
  const duration = terms.durationMinutes * MINUTE;
  for (let day = zone.dayNumberOf(first); day <= lastDay && zone.boundaryOn(day, 0) < window.end; day++) {
    for (const start of gridOn(zone, day, calendar.openings(day), terms.slotStepMinutes)) {
      if (start < first) continue;
      if (start >= window.end) return slots;
      if (!isFree(start, start + duration)) continue;
      slots.push({ start, end: start + duration });
      if (slots.length >= limit) return slots;
    }
  }
  return slots;
}

/** Why working hours, grid, notice or horizon rule a start out; null where only what is booked could. */
export function whyNotOffered(
  query: Omit<OfferQuery, 'window' | 'busy' | 'pools'>,
  start: number,
): NotOfferedReason | null {
  const { zone, terms, schedule, clinicExceptions, now } = query;
  assertTerms(terms);
  if (!(start >= earliestStart(terms, now))) return 'INSIDE_NOTICE';
  if (zone.dayNumberOf(start) > lastDayOffered(zone, terms, now)) return 'PAST_HORIZON';
  const calendar = new Calendar(schedule, clinicExceptions);
  const end = start + terms.durationMinutes * MINUTE;
  if (!new OpenTime(zone, calendar).covers(start, end)) {
    return new OpenTime(zone, calendar.withoutClosures()).covers(start, end) ? 'TIME_OFF' : 'OUTSIDE_WORKING_HOURS';
  }
  return isOnGrid(zone, calendar, start, terms.slotStepMinutes) ? null : 'OFF_GRID';
}

/**
 * A different free resource for each pool, in the order of the pools; null where that cannot be had.
 * @param range the time taken, with buffers: must be free
 * @param core the appointment itself: the resource must be open
 */
export function freeFrom(pools: Bookable[][], range: Range, core: Range, zone: Zone): string[] | null {
  const seats = new Seats(pools, zone);
  return seats.assign(core.start, core.end, range.start, range.end) ? seats.ids() : null;
}

/** The `count` slots that start nearest to `wanted` (epoch milliseconds), nearest first; of two as near, the earlier. */
export function nearestSlots<S extends Range>(slots: S[], wanted: number, count: number): S[] {
  const nearest: S[] = [];
  for (const slot of slots) {
    let place = nearest.length;
    while (place > 0 && isNearer(slot, nearest[place - 1] as S, wanted)) place--;
    if (place >= count) continue;
    nearest.splice(place, 0, slot);
    if (nearest.length > count) nearest.pop();
  }
  return nearest;
}

function isNearer(a: Range, b: Range, wanted: number): boolean {
  const difference = Math.abs(a.start - wanted) - Math.abs(b.start - wanted);
  return difference < 0 || (difference === 0 && a.start < b.start);
}

const earliestStart = (terms: OfferTerms, now: number): number => now + terms.minimumNoticeMinutes * MINUTE;

const lastDayOffered = (zone: Zone, terms: OfferTerms, now: number): number =>
  zone.dayNumberOf(now) + terms.horizonDays;

/** A step of 0 would never end; the rest would give nonsense. */
function assertTerms({ slotStepMinutes, durationMinutes }: OfferTerms): void {
  if (!(slotStepMinutes > 0)) throw new RangeError(`slotStepMinutes must be positive: ${slotStepMinutes}`);
  if (!(durationMinutes > 0)) throw new RangeError(`durationMinutes must be positive: ${durationMinutes}`);
}

/** Whether a slot can be had, asked in ascending order of start. */
function freeTest(
  { zone, terms, busy, pools }: OfferQuery,
  calendar: Calendar,
): (start: number, end: number) => boolean {
  const before = terms.bufferBeforeMinutes * MINUTE;
  const after = terms.bufferAfterMinutes * MINUTE;
  const taken = new BusyTime(busy);
  const open = new OpenTime(zone, calendar);
  const seats = new Seats(pools, zone);
  return (start, end) =>
    !taken.overlaps(start - before, end + after) &&
    open.covers(start, end) &&
    seats.assign(start, end, start - before, end + after);
}

/**
 * The instants of a day's grid, ascending: each opening's wall time and every `step` minutes on the wall clock after it.
 * A time that the clocks skip is absent, one that they repeat is there twice.
 */
function gridOn(zone: Zone, day: number, openings: WallSpan[], step: number): number[] {
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

function isOnGrid(zone: Zone, calendar: Calendar, start: number, step: number): boolean {
  const day = zone.dayNumberOf(start);
  const local = zone.millisecondOfDay(start);
  const opening = calendar.openings(day).find((span) => span.start * MINUTE <= local && local < span.end * MINUTE);
  if (!opening || (local - opening.start * MINUTE) % (step * MINUTE) !== 0) return false;
  const { start: opens, end: closes } = rangeOn(zone, day, opening);
  return start >= opens && start < closes;
}

/** Minutes [start, end) of a local day. */
interface WallSpan {
  start: number;
  end: number;
}

const rangeOn = (zone: Zone, day: number, span: WallSpan): Range => ({
  start: zone.boundaryOn(day, span.start),
  end: zone.boundaryOn(day, span.end),
});

/** Holds on the day numbers from `from` to `to`, both included. */
interface DatedSpan extends WallSpan {
  from: number;
  to: number;
}

/** What rules and exceptions say about a local day, on the wall clock. */
class Calendar {
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
function merged(spans: readonly WallSpan[]): WallSpan[] {
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

/** The union of busy ranges, walked once: questions come in ascending order of start. */
class BusyTime {
  readonly #ranges: Range[];
  #at = 0;

  constructor(ranges: Range[]) {
    this.#ranges = merged(ranges);
  }

  overlaps(start: number, end: number): boolean {
    const ranges = this.#ranges;
    while (this.#at < ranges.length && (ranges[this.#at] as Range).end <= start) this.#at++;
    return this.#at < ranges.length && (ranges[this.#at] as Range).start < end;
  }
}

/** A calendar as instants, made day by day as far as is asked: questions come in ascending order of start. */
class OpenTime {
  readonly #ranges: Range[] = [];
  #at = 0;
  #nextDay: number | null = null;
  #nextDayStart = -Infinity;

  constructor(
    readonly zone: Zone,
    readonly calendar: Calendar,
  ) {}

  /** Whether it is open from start to end without a break. */
  covers(start: number, end: number): boolean {
    this.#nextDay ??= this.zone.dayNumberOf(start);
    while (this.#nextDayStart < end) this.#append(this.#nextDay++);
    const ranges = this.#ranges;
    while (this.#at < ranges.length && (ranges[this.#at] as Range).end <= start) this.#at++;
    const range = ranges[this.#at];
    return range !== undefined && range.start <= start && end <= range.end;
  }

  #append(day: number): void {
    const closures = this.calendar.closures(day).map((span) => rangeOn(this.zone, day, span));
    for (const opening of this.calendar.openings(day)) {
      const range = rangeOn(this.zone, day, opening);
      for (const closure of closures) {
        this.#push(range.start, Math.min(range.end, closure.start));
        range.start = Math.max(range.start, closure.end);
      }
      this.#push(range.start, range.end);
    }
    this.#nextDayStart = this.zone.boundaryOn(day + 1, 0);
  }

  /** Hours that touch, at midnight or where the clocks skip what is between them, are one. */
  #push(start: number, end: number): void {
    if (start >= end) return;
    const last = this.#ranges[this.#ranges.length - 1];
    if (last?.end === start) last.end = end;
    else this.#ranges.push({ start, end });
  }
}

const UNSEATED = -1;

/** A resource that may be picked. Its times are worked out when it is first asked for. */
class Candidate {
  readonly id: string;
  /** The pool that it is picked for, and the round of the search that last looked at it. */
  pool = UNSEATED;
  round = 0;
  #busy: BusyTime | null = null;
  #open: OpenTime | null = null;

  constructor(
    readonly bookable: Bookable,
    readonly zone: Zone,
  ) {
    this.id = bookable.id;
  }

  isFree(start: number, end: number, takenFrom: number, takenTo: number): boolean {
    this.#busy ??= new BusyTime(this.bookable.busy);
    return !this.#busy.overlaps(takenFrom, takenTo) && this.#isOpen(start, end);
  }

  #isOpen(start: number, end: number): boolean {
    const { schedule } = this.bookable;
    if (!schedule || (schedule.rules.length === 0 && schedule.exceptions.length === 0)) return true;
    this.#open ??= new OpenTime(this.zone, new Calendar(withHours(schedule)));
    return this.#open.covers(start, end);
  }
}

const EVERY_DAY: WeeklyRule[] = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
  weekday,
  startMinute: 0,
  endMinute: MIDNIGHT,
}));

/** A room that is shut for a day's repair is not thereby shut on all others. */
const withHours = ({ rules, exceptions }: Schedule): Schedule => ({
  rules: rules.length > 0 ? rules : EVERY_DAY,
  exceptions,
});

/** Picks a different free candidate for each pool: a bipartite matching by augmenting paths. */
class Seats {
  readonly #pools: Candidate[][];
  readonly #candidates: Candidate[];
  #round = 0;

  constructor(pools: Bookable[][], zone: Zone) {
    const byId = new Map<string, Candidate>();
    this.#pools = pools.map((pool) => pool.map((bookable) => candidateOf(bookable, zone, byId)));
    this.#candidates = [...byId.values()];
  }

  /** Questions come in ascending order of start. */
  assign(start: number, end: number, takenFrom: number, takenTo: number): boolean {
    for (const candidate of this.#candidates) candidate.pool = UNSEATED;
    const isFree = (candidate: Candidate): boolean => candidate.isFree(start, end, takenFrom, takenTo);
    for (let pool = 0; pool < this.#pools.length; pool++) {
      this.#round++;
      if (!this.#seat(pool, isFree)) return false;
    }
    return true;
  }

  /** The picked ones of the last `assign`, by pool. */
  ids(): string[] {
    const ids: string[] = [];
    for (const { id, pool } of this.#candidates) if (pool !== UNSEATED) ids[pool] = id;
    return ids;
  }

  /** A candidate that another pool holds is taken over where that pool finds another. */
  #seat(pool: number, isFree: (candidate: Candidate) => boolean): boolean {
    for (const candidate of this.#pools[pool] as Candidate[]) {
      if (candidate.round === this.#round || !isFree(candidate)) continue;
      candidate.round = this.#round;
      if (candidate.pool !== UNSEATED && !this.#seat(candidate.pool, isFree)) continue;
      candidate.pool = pool;
      return true;
    }
    return false;
  }
}

function candidateOf(bookable: Bookable, zone: Zone, byId: Map<string, Candidate>): Candidate {
  const known = byId.get(bookable.id);
  if (known) return known;
  const candidate = new Candidate(bookable, zone);
  byId.set(bookable.id, candidate);
  return candidate;
}
