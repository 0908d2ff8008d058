import type { BookingRules } from './booking-rules.js';
import type { Range } from './ranges.js';

export interface PatientVisit {
  id: string;
  serviceId: string;
  /** Epoch milliseconds. */
  start: number;
  status: string;
}

/** Whether a patient may book a visit that starts then. */
export type StartCheck = (start: number) => boolean;

const LIMITS = ['maxUpcomingPerClient', 'maxPerDayPerClient', 'noShowLimit'] as const;
type Limit = (typeof LIMITS)[number];

/** Whether the policy limits how many appointments a patient books. */
export const limitsPatients = ({ row }: BookingRules): boolean => LIMITS.some((limit) => row[limit] !== null);

/**
 * Creates the check for a patient with these visits who books a new one. The booking statement has the same limits.
 * @param visits of the patient at the clinic; no-shows only of the last year
 */
export function createBookingCheck(rules: BookingRules, visits: readonly PatientVisit[], now: number): StartCheck {
  const noShows = visits.filter(({ status }) => status === 'NO_SHOW');
  const upcoming = visits.filter(({ status, start }) => ['PENDING', 'CONFIRMED'].includes(status) && start > now);
  if (isReached(rules, 'noShowLimit', noShows) || isReached(rules, 'maxUpcomingPerClient', upcoming))
    return () => false;
  return createDayCheck(rules, visits);
}

/** Creates the check for a move: the moved visit does not count, and may stay on its day. Only the limit of a day applies. */
export function createMoveCheck(rules: BookingRules, visits: readonly PatientVisit[], movedId: string): StartCheck {
  const moved = visits.find(({ id }) => id === movedId);
  const isOnFreeDay = createDayCheck(
    rules,
    visits.filter(({ id }) => id !== movedId),
  );
  return (start) => isOnFreeDay(start) || (moved !== undefined && isOn(rules.localDay(moved.start), start));
}

/** Accepts the starts on local days on which the patient has fewer visits than the limit of a day. */
function createDayCheck(rules: BookingRules, visits: readonly PatientVisit[]): StartCheck {
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
  const countedId = rules.getCountedServiceId(name);
  return limit !== null && counted.filter(({ serviceId }) => !countedId || serviceId === countedId).length >= limit;
}
