import type { Zone } from '../../core/kernel/zone.js';
import { rangeOn, type Calendar } from './calendar.js';
import { mergeRanges, type Range } from './ranges.js';

/** Checks ranges against busy time in one pass. Call `overlaps` in ascending order of start. */
export class BusyCursor {
  readonly #ranges: Range[];
  #at = 0;

  constructor(ranges: Range[]) {
    this.#ranges = mergeRanges(ranges);
  }

  overlaps(start: number, end: number): boolean {
    const ranges = this.#ranges;
    while (this.#at < ranges.length && (ranges[this.#at] as Range).end <= start) this.#at++;
    return this.#at < ranges.length && (ranges[this.#at] as Range).start < end;
  }
}

/** Checks ranges against opening hours in one pass; reads the calendar day by day. Call `covers` in ascending order of start. */
export class OpenHoursCursor {
  readonly #ranges: Range[] = [];
  #at = 0;
  #nextDay: number | null = null;
  #nextDayStart = -Infinity;

  constructor(
    readonly zone: Zone,
    readonly calendar: Calendar,
  ) {}

  /** Whether the calendar is open from start to end without a break. */
  covers(start: number, end: number): boolean {
    this.#nextDay ??= this.zone.toDayNumber(start);
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

  /** Joins adjacent hours: at midnight, or around the hour that a clock change skips. */
  #push(start: number, end: number): void {
    if (start >= end) return;
    const last = this.#ranges[this.#ranges.length - 1];
    if (last?.end === start) last.end = end;
    else this.#ranges.push({ start, end });
  }
}
