import type { Actor } from '../../core/kernel/actor.js';
import type { Range } from '../scheduling/index.js';
import type { RequestedSlot } from './requested-slot.js';

/** The limits for patients who book for themselves; null for no limit. */
export interface BookingLimits {
  maxUpcoming: number | null;
  /** Of the visits on the local day of the appointment, including this one. */
  maxPerDay: number | null;
  /** A patient with so many no-shows within a year cannot book. */
  maxNoShows: number | null;
  day: Range;
}

/** Null if nothing is limited: the front desk may always book. */
export function limitsFor({ role }: Actor, { rules, start }: RequestedSlot): BookingLimits | null {
  const { maxUpcomingPerClient, maxPerDayPerClient, noShowLimit } = rules.row;
  const isLimited = [maxUpcomingPerClient, maxPerDayPerClient, noShowLimit].some((limit) => limit !== null);
  if (role !== 'CLIENT' || !isLimited) return null;
  return {
    maxUpcoming: maxUpcomingPerClient,
    maxPerDay: maxPerDayPerClient,
    maxNoShows: noShowLimit,
    day: rules.localDay(start),
  };
}

/** The limits as columns of the booking statement's parameter `$1`. */
export const toLimitColumns = (limits: BookingLimits | null): object => ({
  is_limited: limits !== null,
  ...(limits && {
    max_upcoming: limits.maxUpcoming,
    max_per_day: limits.maxPerDay,
    max_no_shows: limits.maxNoShows,
    day_begins: new Date(limits.day.start),
    day_ends: new Date(limits.day.end),
  }),
});
