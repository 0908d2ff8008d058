import type { Zone } from '../../core/kernel/zone.js';
import { Calendar, gridOn, isOnGrid, MINUTE } from './calendar.js';
import type { Range } from './ranges.js';
import type { Bookable, NotBookableReason, SlotQuery, BookingTerms } from './slot-query.js';
import { ResourceAssignment } from './resource-assignment.js';
import { BusyCursor, OpenHoursCursor } from './interval-cursor.js';

/**
 * Lists the free slots that start in the window, in ascending order: all, or the first `limit`.
 */
export function listSlots(query: SlotQuery, limit = Infinity): Range[] {
  const { zone, terms, schedule, window, now, accepts = () => true } = query;
  assertTerms(terms);
  const first = Math.max(window.start, earliestStart(terms, now));
  const slots: Range[] = [];
  if (!(first < window.end) || !(limit > 0)) return slots;
  const calendar = new Calendar(schedule);
  const isFree = createFreeCheck(query, calendar);
  const lastDay = lastBookableDay(zone, terms, now);
  const duration = terms.durationMinutes * MINUTE;
  for (let day = zone.toDayNumber(first); day <= lastDay && zone.boundaryOn(day, 0) < window.end; day++) {
    for (const start of gridOn(zone, day, calendar.openings(day), terms.slotStepMinutes)) {
      if (start < first) continue;
      if (start >= window.end) return slots;
      if (!accepts(start) || !isFree(start, start + duration)) continue;
      slots.push({ start, end: start + duration });
      if (slots.length >= limit) return slots;
    }
  }
  return slots;
}

/** Why working hours, grid, notice or horizon exclude a start; null if they allow it. Does not check busy times. */
export function whyNotBookable(
  query: Omit<SlotQuery, 'window' | 'busy' | 'pools'>,
  start: number,
): NotBookableReason | null {
  const { zone, terms, schedule, now } = query;
  assertTerms(terms);
  if (!(start >= earliestStart(terms, now))) return 'INSIDE_NOTICE';
  if (zone.toDayNumber(start) > lastBookableDay(zone, terms, now)) return 'PAST_HORIZON';
  const calendar = new Calendar(schedule);
  const end = start + terms.durationMinutes * MINUTE;
  if (!new OpenHoursCursor(zone, calendar).covers(start, end)) {
    return new OpenHoursCursor(zone, calendar.withoutClosures()).covers(start, end)
      ? 'TIME_OFF'
      : 'OUTSIDE_WORKING_HOURS';
  }
  return isOnGrid(zone, calendar, start, terms.slotStepMinutes) ? null : 'OFF_GRID';
}

/**
 * Assigns a different free resource to each pool.
 * @param visit the range in which the resources must be open
 * @param reserved the visit with buffers, in which they must be free
 * @returns the ids in the order of the pools; null if there is no such assignment
 */
export function assignResources(pools: Bookable[][], visit: Range, reserved: Range, zone: Zone): string[] | null {
  const assignment = new ResourceAssignment(pools, zone);
  return assignment.assign(visit, reserved) ? assignment.ids() : null;
}

/** The `count` slots that start nearest to `target` (epoch milliseconds), nearest first; the earlier of two equally near. */
export function nearestSlots<S extends Range>(slots: S[], target: number, count: number): S[] {
  const nearest: S[] = [];
  for (const slot of slots) {
    let index = nearest.length;
    while (index > 0 && isNearer(slot, nearest[index - 1] as S, target)) index--;
    if (index >= count) continue;
    nearest.splice(index, 0, slot);
    if (nearest.length > count) nearest.pop();
  }
  return nearest;
}

function isNearer(a: Range, b: Range, target: number): boolean {
  const difference = Math.abs(a.start - target) - Math.abs(b.start - target);
  return difference < 0 || (difference === 0 && a.start < b.start);
}

const earliestStart = (terms: BookingTerms, now: number): number => now + terms.minimumNoticeMinutes * MINUTE;

const lastBookableDay = (zone: Zone, terms: BookingTerms, now: number): number =>
  zone.toDayNumber(now) + terms.horizonDays;

/** Prevents an endless loop with a step of 0, and slots without a duration. */
function assertTerms({ slotStepMinutes, durationMinutes }: BookingTerms): void {
  if (!(slotStepMinutes > 0)) throw new RangeError(`slotStepMinutes must be positive: ${slotStepMinutes}`);
  if (!(durationMinutes > 0)) throw new RangeError(`durationMinutes must be positive: ${durationMinutes}`);
}

/** Returns a function that checks whether a slot is free. Call it in ascending order of start. */
function createFreeCheck(
  { zone, terms, busy, pools }: SlotQuery,
  calendar: Calendar,
): (start: number, end: number) => boolean {
  const before = terms.bufferBeforeMinutes * MINUTE;
  const after = terms.bufferAfterMinutes * MINUTE;
  const busyTime = new BusyCursor(busy);
  const open = new OpenHoursCursor(zone, calendar);
  const assignment = new ResourceAssignment(pools, zone);
  return (start, end) => {
    const reserved = { start: start - before, end: end + after };
    return (
      !busyTime.overlaps(reserved.start, reserved.end) &&
      open.covers(start, end) &&
      assignment.assign({ start, end }, reserved)
    );
  };
}
