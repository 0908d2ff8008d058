import type { Zone } from '../../core/kernel/zone.js';
import { Calendar, gridOn, isOnGrid, MINUTE } from './calendar.js';
import type { Bookable, NotBookableReason, SlotQuery, BookingTerms, Range } from './slot-query.js';
import { Seats } from './seats.js';
import { BusyTime, OpenTime } from './walked-times.js';

export type * from './slot-query.js';

/**
 * The free slots that start in the window, ascending: all, or the first `limit`; days after the last of them are not
 * looked at.
 */
export function listSlots(query: SlotQuery, limit = Infinity): Range[] {
  const { zone, terms, schedule, clinicExceptions, window, now } = query;
  assertTerms(terms);
  const first = Math.max(window.start, earliestStart(terms, now));
  const slots: Range[] = [];
  if (!(first < window.end) || !(limit > 0)) return slots;
  const calendar = new Calendar(schedule, clinicExceptions);
  const isFree = freeTest(query, calendar);
  const lastDay = lastBookableDay(zone, terms, now);
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
export function whyNotBookable(
  query: Omit<SlotQuery, 'window' | 'busy' | 'pools'>,
  start: number,
): NotBookableReason | null {
  const { zone, terms, schedule, clinicExceptions, now } = query;
  assertTerms(terms);
  if (!(start >= earliestStart(terms, now))) return 'INSIDE_NOTICE';
  if (zone.dayNumberOf(start) > lastBookableDay(zone, terms, now)) return 'PAST_HORIZON';
  const calendar = new Calendar(schedule, clinicExceptions);
  const end = start + terms.durationMinutes * MINUTE;
  if (!new OpenTime(zone, calendar).covers(start, end)) {
    return new OpenTime(zone, calendar.withoutClosures()).covers(start, end) ? 'TIME_OFF' : 'OUTSIDE_WORKING_HOURS';
  }
  return isOnGrid(zone, calendar, start, terms.slotStepMinutes) ? null : 'OFF_GRID';
}

/**
 * A different free resource for each pool, in the order of the pools; null where there is none.
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

const earliestStart = (terms: BookingTerms, now: number): number => now + terms.minimumNoticeMinutes * MINUTE;

const lastBookableDay = (zone: Zone, terms: BookingTerms, now: number): number =>
  zone.dayNumberOf(now) + terms.horizonDays;

/** A step of 0 would never end; the rest would give nonsense. */
function assertTerms({ slotStepMinutes, durationMinutes }: BookingTerms): void {
  if (!(slotStepMinutes > 0)) throw new RangeError(`slotStepMinutes must be positive: ${slotStepMinutes}`);
  if (!(durationMinutes > 0)) throw new RangeError(`durationMinutes must be positive: ${durationMinutes}`);
}

/** Whether a slot is free. Call it in ascending order of start. */
function freeTest(
  { zone, terms, busy, pools }: SlotQuery,
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
