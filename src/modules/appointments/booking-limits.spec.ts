import { describe, expect, it } from '@jest/globals';
import { at, bookingRules } from '../../../test/support/booking-rules.js';
import type { BookingRulesRow } from '../scheduling/booking-rules-row.js';
import { limitsFor, toLimitColumns, type BookingLimits } from './booking-limits.js';
import { resolveSlot } from './requested-slot.js';

const limits = (
  fields: Partial<BookingRulesRow>,
  role: 'CLIENT' | 'STAFF' | 'DOCTOR' = 'CLIENT',
): BookingLimits | null => {
  const rules = bookingRules({ timeZone: 'America/New_York', ...fields });
  return limitsFor({ role }, resolveSlot({ role }, rules, { doctorId: 'a', startDateTime: '2026-11-01T15:00:00Z' }));
};

const ALL = { maxUpcomingPerClient: 3, maxPerDayPerClient: 1, noShowLimit: 2 };

describe('the limits on bookings', () => {
  it('are none without limits in the policy, and for the front desk and doctors', () => {
    expect(limits({})).toBeNull();
    expect(limits(ALL, 'STAFF')).toBeNull();
    expect(limits(ALL, 'DOCTOR')).toBeNull();
  });

  it.each([
    [{ maxUpcomingPerClient: 3 }, { upcoming: { max: 3, serviceId: null }, onDay: null, noShows: null }],
    [{ maxPerDayPerClient: 1 }, { upcoming: null, onDay: { max: 1, serviceId: null }, noShows: null }],
    [{ noShowLimit: 2 }, { upcoming: null, onDay: null, noShows: { max: 2, serviceId: null } }],
    [{ maxUpcomingPerClient: 0 }, { upcoming: { max: 0, serviceId: null }, onDay: null, noShows: null }],
  ])('of %j are %j', (fields, expected) => {
    expect(limits(fields)).toMatchObject(expected);
  });

  it('count only the visits of a service that has its own', () => {
    expect(limits({ ...ALL, overrides: { maxPerDayPerClient: 1 } })).toMatchObject({
      upcoming: { serviceId: null },
      onDay: { serviceId: 'service' },
      noShows: { serviceId: null },
    });
  });

  it('are those of a local day, which has 25 hours if the clocks are put back', () => {
    expect(limits(ALL)?.day).toEqual({ start: at('2026-11-01T04:00Z'), end: at('2026-11-02T05:00Z') });
  });

  it('are columns of the booking statement', () => {
    expect(toLimitColumns(null)).toEqual({ is_limited: false });
    expect(toLimitColumns(limits(ALL))).toEqual({
      is_limited: true,
      ...{ max_upcoming: 3, upcoming_service_id: null },
      ...{ max_on_day: 1, on_day_service_id: null },
      day_begins: new Date('2026-11-01T04:00Z'),
      day_ends: new Date('2026-11-02T05:00Z'),
      ...{ max_no_shows: 2, no_shows_service_id: null },
    });
    expect(toLimitColumns(limits({ noShowLimit: 2, overrides: { noShowLimit: 2 } }))).toEqual({
      is_limited: true,
      ...{ max_no_shows: 2, no_shows_service_id: 'service' },
    });
  });
});
