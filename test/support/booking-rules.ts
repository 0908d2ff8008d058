import { BookingRules } from '../../src/modules/scheduling/booking-rules.js';
import type { BookableResource, BookingRulesRow } from '../../src/modules/scheduling/booking-rules-row.js';
import { toMinutes } from '../../src/modules/scheduling/local-time.js';
import type { Range } from '../../src/modules/scheduling/ranges.js';
import type { HoursException, Schedule } from '../../src/modules/scheduling/slot-query.js';

const MINUTE = 60_000;

/** An instant in epoch milliseconds. */
export const at = (iso: string): number => Date.parse(iso);

export const busyFrom = (start: string, minutes: number): Range => ({
  start: at(start),
  end: at(start) + minutes * MINUTE,
});

/** The same hours on every day of the week, such as '09:00-12:00'. */
export const daily = (span: string, ...exceptions: HoursException[]): Schedule => {
  const [start = '', end = ''] = span.split('-');
  return {
    rules: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
      weekday,
      startMinute: toMinutes(start),
      endMinute: toMinutes(end),
    })),
    exceptions,
  };
};

/** A doctor with working hours; the resource of doctor `a` is `a-time`. */
export const doctor = (id: string, schedule: Schedule = daily('09:00-12:00')): BookableResource => ({
  id: `${id}-time`,
  doctorId: id,
  kind: 'DOCTOR',
  schedule,
});

/** A room, or another resource, without opening hours. */
export const room = (
  id: string,
  kind = 'ROOM',
  schedule: Schedule = { rules: [], exceptions: [] },
): BookableResource => ({
  id,
  doctorId: null,
  kind,
  schedule,
});

/** The booking rules of a service of half an hour without any limits. */
export const bookingRules = (fields: Partial<BookingRulesRow> = {}): BookingRules =>
  new BookingRules({
    revision: 1,
    serviceId: 'service',
    clinicId: 'clinic',
    timeZone: 'UTC',
    durationMinutes: 30,
    bufferBeforeMinutes: 0,
    bufferAfterMinutes: 0,
    slotStepMinutes: 30,
    minimumNoticeMinutes: 0,
    horizonDays: 400,
    capacity: 1,
    requiredResourceKinds: [],
    priceMinor: 50_000,
    currency: 'INR',
    prices: [],
    firstVisitPer: 'CLINIC',
    taxBasisPoints: 1_800,
    requiresDeposit: false,
    depositPercent: 20,
    refundPercentBeforeCutoff: 100,
    refundPercentAfterCutoff: 0,
    cancellationCutoffMinutes: 0,
    requiresConfirmation: false,
    requiresReferral: false,
    maxUpcomingPerClient: null,
    maxPerDayPerClient: null,
    noShowLimit: null,
    deskMinimumNoticeMinutes: null,
    deskHorizonDays: null,
    holdMinutes: 10,
    overrides: {},
    resources: [doctor('a')],
    ...fields,
  });
