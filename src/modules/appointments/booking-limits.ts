import type { Actor } from '../../core/kernel/actor.js';
import type { BookingRules, Range } from '../scheduling/index.js';
import type { Limit } from './appointment.errors.js';
import type { RequestedSlot } from './requested-slot.js';

/** The limits for patients who book for themselves; null for no limit. */
export interface BookingLimits {
  upcoming: Limit | null;
  /** Of the visits on the local day of the appointment, including this one. */
  onDay: Limit | null;
  /** A patient with this many no-shows or more within a year cannot book. */
  noShows: Limit | null;
  day: Range;
}

/** Null if nothing is limited: the front desk may always book. */
export function limitsFor({ role }: Pick<Actor, 'role'>, { rules, start }: RequestedSlot): BookingLimits | null {
  if (role !== 'CLIENT') return null;
  const toLimit = (name: Parameters<BookingRules['getCountedServiceId']>[0]): Limit | null => {
    const max = rules.row[name];
    return max === null ? null : { max, serviceId: rules.getCountedServiceId(name) };
  };
  const [upcoming, onDay] = [toLimit('maxUpcomingPerClient'), toLimit('maxPerDayPerClient')];
  const noShows = toLimit('noShowLimit');
  return upcoming || onDay || noShows ? { upcoming, onDay, noShows, day: rules.localDay(start) } : null;
}

/** The limits as columns of the booking statement's parameter `$1`. */
export const toLimitColumns = (limits: BookingLimits | null): object => ({
  is_limited: limits !== null,
  ...(limits?.upcoming && { max_upcoming: limits.upcoming.max, upcoming_service_id: limits.upcoming.serviceId }),
  ...(limits?.onDay && {
    max_on_day: limits.onDay.max,
    on_day_service_id: limits.onDay.serviceId,
    day_begins: new Date(limits.day.start),
    day_ends: new Date(limits.day.end),
  }),
  ...(limits?.noShows && { max_no_shows: limits.noShows.max, no_shows_service_id: limits.noShows.serviceId }),
});
