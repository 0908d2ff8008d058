import { Zone } from '../../core/kernel/zone.js';
import type { BookingRules, Range } from '../scheduling/index.js';

/** A patient who waits, with what decides whether a freed time suits. Instants in epoch milliseconds. */
export interface Candidate {
  entryId: string;
  /** 1 is the most urgent. */
  urgency: number;
  clientId: string;
  serviceId: string;
  fromDay: string;
  toDay: string;
  weekdays: number[] | null;
  startMinute: number | null;
  endMinute: number | null;
  /** The start of the visit for which an earlier time is asked; null for a new visit. */
  laterVisitStart: number | null;
  /** The starts of the patient's other visits at the clinic around the freed time. */
  visits: readonly number[];
  /** The starts that the patient declined, or did not answer, with this doctor. */
  refused: readonly number[];
}

const MINUTE = 60_000;

/** Whether a time suits a patient: days, weekdays and times are the clinic's local ones. */
export function suits(candidate: Candidate, slot: Range, rules: BookingRules): boolean {
  const { fromDay, toDay, weekdays, startMinute, endMinute, laterVisitStart, visits, refused } = candidate;
  const zone = Zone.of(rules.row.timeZone);
  const day = zone.toDay(slot.start);
  if (day < fromDay || day > toDay) return false;
  if (weekdays && !weekdays.includes(zone.getWeekday(day))) return false;
  if (startMinute !== null && zone.minuteOfDay(slot.start) < startMinute) return false;
  if (endMinute !== null && slot.end > zone.boundary(day, endMinute)) return false;
  if (laterVisitStart !== null && slot.start >= laterVisitStart) return false;
  // Nor a few minutes beside a time that the patient did not want.
  const overlaps = (start: number): boolean => Math.abs(start - slot.start) < slot.end - slot.start;
  return !refused.some(overlaps) && !visits.some((start) => zone.toDay(start) === day);
}

/**
 * Until when a time can be offered: as long as the policy says, and not beyond its start. An earlier time of a visit must be accepted before
 * the cut-off of that visit.
 */
export function getOfferEnd(
  { laterVisitStart }: Candidate,
  { start, now, minutes, cutoffMinutes }: { start: number; now: number; minutes: number; cutoffMinutes: number },
): number {
  const lastChange = laterVisitStart === null ? Infinity : laterVisitStart - cutoffMinutes * MINUTE;
  return Math.min(now + minutes * MINUTE, start, lastChange);
}

/**
 * The slots that were not bookable before the range was freed, those that reserve nothing before it first.
 * @param getReserved returns what a slot reserves, buffers included
 */
export function inFreedRange<Slot extends Range>(
  slots: readonly Slot[],
  freed: Range,
  getReserved: (start: number) => Range,
): Slot[] {
  const reserving = slots.map((slot) => ({ slot, reserved: getReserved(slot.start) }));
  const overlapping = reserving.filter(({ reserved }) => reserved.start < freed.end && freed.start < reserved.end);
  const isInside = ({ reserved }: { reserved: Range }): boolean => reserved.start >= freed.start;
  return [...overlapping.filter(isInside), ...overlapping.filter((one) => !isInside(one))].map(({ slot }) => slot);
}
