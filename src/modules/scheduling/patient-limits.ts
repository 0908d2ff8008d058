import type { BookingRules } from './booking-rules.js';
import type { Range } from './ranges.js';

export interface PatientVisit {
  id: string;
  serviceId: string;
  /** Epoch milliseconds. */
  start: number;
  status: string;
}

const LIMITS = ['maxUpcomingPerClient', 'maxPerDayPerClient', 'noShowLimit'] as const;
type Limit = (typeof LIMITS)[number];

/** Whether the policy limits how many appointments a patient books. */
export const limitsPatients = ({ row }: BookingRules): boolean => LIMITS.some((limit) => row[limit] !== null);

/**
 * Returns whether a patient with these visits may book a start. The booking statement has the same limits.
 * @param visits of the patient at the clinic; no-shows only of the last year
 */
export function acceptedStarts(
  rules: BookingRules,
  visits: readonly PatientVisit[],
  now: number,
): (start: number) => boolean {
  const noShows = visits.filter(({ status }) => status === 'NO_SHOW');
  const upcoming = visits.filter(({ status, start }) => ['PENDING', 'CONFIRMED'].includes(status) && start > now);
  if (isReached(rules, 'noShowLimit', noShows) || isReached(rules, 'maxUpcomingPerClient', upcoming))
    return () => false;
  return startsOnFreeDays(rules, visits);
}

/** As acceptedStarts, to move a visit: it does not count itself, and may stay on its day. Only the limit of a day applies. */
export function acceptedMoves(
  rules: BookingRules,
  visits: readonly PatientVisit[],
  movedId: string,
): (start: number) => boolean {
  const moved = visits.find(({ id }) => id === movedId);
  const isOnFreeDay = startsOnFreeDays(
    rules,
    visits.filter(({ id }) => id !== movedId),
  );
  return (start) => isOnFreeDay(start) || (moved !== undefined && isOn(rules.localDay(moved.start), start));
}

function startsOnFreeDays(rules: BookingRules, visits: readonly PatientVisit[]): (start: number) => boolean {
  const onDays = visits.filter(({ status }) => status !== 'NO_SHOW');
  const fullDays = onDays
    .map(({ start }) => rules.localDay(start))
    .filter((day) =>
      isReached(
        rules,
        'maxPerDayPerClient',
        onDays.filter(({ start }) => isOn(day, start)),
      ),
    );
  return (start) => !fullDays.some((day) => isOn(day, start));
}

const isOn = (day: Range, start: number): boolean => day.start <= start && start < day.end;

function isReached(rules: BookingRules, name: Limit, counted: readonly PatientVisit[]): boolean {
  const limit = rules.row[name];
  const service = rules.countedBy(name);
  return limit !== null && counted.filter(({ serviceId }) => !service || serviceId === service).length >= limit;
}
