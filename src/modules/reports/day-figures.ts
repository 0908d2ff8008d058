import { mergeRanges, type Range } from '../scheduling/index.js';

const MINUTE = 60_000;

/** A visit that overlaps the day. Instants in epoch milliseconds, the price in minor units. */
export interface DayVisit {
  doctorId: string;
  start: number;
  end: number;
  status: string;
  checkedInAt: number | null;
  startedAt: number | null;
  priceMinor: number;
  currency: string;
  /** Of a cancelled visit: the role of who cancelled it; null if it is not known. */
  cancelledBy: string | null;
}

/** What the ledger booked on the day, in minor units. */
export interface LedgerTotal {
  currency: string;
  capturedMinor: number;
  refundedMinor: number;
}

/** Everything that the figures of a day are computed from. */
export interface DayFacts {
  /** From the beginning of the local day to that of the next. */
  range: Range;
  /** Working hours without closures and time off, of each doctor who works at the clinic. */
  hours: { doctorId: string; hours: Range[] }[];
  visits: DayVisit[];
  ledger: LedgerTotal[];
  /** Visits that were booked on the day, for any day. */
  created: number;
  /** Patients who came without an appointment. */
  walkIns: number;
}

export const VISIT_COUNTS = [
  'created',
  'planned',
  'completed',
  'noShows',
  'cancelled',
  'cancelledByPatient',
  'cancelledByClinic',
  'open',
  'walkIns',
] as const;
export type VisitCount = (typeof VISIT_COUNTS)[number];

export interface WorkTime {
  /** The time of visits that were not cancelled. Visits at the same time, such as seats of a group session, count once. */
  bookedMinutes: number;
  availableMinutes: number;
}

export interface DoctorTime extends WorkTime {
  doctorId: string;
}

export interface CurrencyTotal extends LedgerTotal {
  /** The prices of the completed visits. */
  completedMinor: number;
}

/** From check-in to start, of the visits that have both. */
export interface WaitingFigures {
  visits: number;
  medianMinutes: number | null;
  longestMinutes: number | null;
}

/** The figures of one local day of a clinic. */
export interface DayFigures {
  visits: Record<VisitCount, number>;
  doctors: DoctorTime[];
  revenue: CurrencyTotal[];
  waiting: WaitingFigures;
}

export function toFigures(facts: DayFacts): DayFigures {
  const { range, visits } = facts;
  const startingVisits = visits.filter(({ start }) => start >= range.start && start < range.end);
  return {
    visits: countVisits(startingVisits, facts),
    doctors: toDoctorTimes(facts),
    revenue: toRevenue(startingVisits, facts.ledger),
    waiting: toWaiting(startingVisits),
  };
}

/** Booked time in percent of the available time, with one decimal; null if there was none. More than 100 if work went beyond the hours. */
export const toUtilisationPercent = ({ bookedMinutes, availableMinutes }: WorkTime): number | null =>
  availableMinutes === 0 ? null : Math.round((bookedMinutes / availableMinutes) * 1_000) / 10;

/** The time of all doctors together. */
export const sumTimes = (times: readonly DoctorTime[]): WorkTime => ({
  bookedMinutes: times.reduce((sum, { bookedMinutes }) => sum + bookedMinutes, 0),
  availableMinutes: times.reduce((sum, { availableMinutes }) => sum + availableMinutes, 0),
});

function countVisits(visits: readonly DayVisit[], { created, walkIns }: DayFacts): DayFigures['visits'] {
  const count = (status: string): number => visits.filter((visit) => visit.status === status).length;
  const [completed, noShows, cancelled] = [count('COMPLETED'), count('NO_SHOW'), count('CANCELLED')];
  const known = visits.filter(({ status, cancelledBy }) => status === 'CANCELLED' && cancelledBy !== null);
  const cancelledByPatient = known.filter(({ cancelledBy }) => cancelledBy === 'CLIENT').length;
  return {
    created,
    planned: visits.length,
    completed,
    noShows,
    cancelled,
    cancelledByPatient,
    cancelledByClinic: known.length - cancelledByPatient,
    open: visits.length - completed - noShows - cancelled,
    walkIns,
  };
}

/** Of the doctors who had hours or visits. */
function toDoctorTimes({ range, hours, visits }: DayFacts): DoctorTime[] {
  const kept = visits.filter(({ status }) => status !== 'CANCELLED');
  const hoursByDoctor = new Map(hours.map((doctor) => [doctor.doctorId, doctor.hours]));
  const doctorIds = new Set([...hoursByDoctor.keys(), ...kept.map(({ doctorId }) => doctorId)]);
  return [...doctorIds]
    .map((doctorId) => ({
      doctorId,
      bookedMinutes: countMinutes(
        kept.filter((visit) => visit.doctorId === doctorId),
        range,
      ),
      availableMinutes: countMinutes(hoursByDoctor.get(doctorId) ?? [], range),
    }))
    .filter(({ bookedMinutes, availableMinutes }) => bookedMinutes > 0 || availableMinutes > 0);
}

/** The minutes of the ranges inside another range. Ranges that overlap count once. */
function countMinutes(ranges: readonly Range[], within: Range): number {
  const clipped = ranges
    .map(({ start, end }) => ({ start: Math.max(start, within.start), end: Math.min(end, within.end) }))
    .filter(({ start, end }) => start < end);
  const merged = mergeRanges(clipped);
  return Math.round(merged.reduce((sum, { start, end }) => sum + (end - start), 0) / MINUTE);
}

function toRevenue(visits: readonly DayVisit[], ledger: readonly LedgerTotal[]): CurrencyTotal[] {
  const totals = new Map<string, CurrencyTotal>(
    ledger.map((total) => [total.currency, { ...total, completedMinor: 0 }]),
  );
  for (const { status, currency, priceMinor } of visits) {
    if (status !== 'COMPLETED' || priceMinor === 0) continue;
    const total = totals.get(currency) ?? { currency, capturedMinor: 0, refundedMinor: 0, completedMinor: 0 };
    totals.set(currency, { ...total, completedMinor: total.completedMinor + priceMinor });
  }
  return [...totals.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

function toWaiting(visits: readonly DayVisit[]): WaitingFigures {
  const waits = visits
    .flatMap(({ checkedInAt, startedAt }) =>
      checkedInAt === null || startedAt === null ? [] : [Math.max(0, startedAt - checkedInAt) / MINUTE],
    )
    .sort((a, b) => a - b);
  // The value in the middle, or the two of an even number.
  const middle = waits.slice(Math.ceil(waits.length / 2) - 1, Math.floor(waits.length / 2) + 1);
  return {
    visits: waits.length,
    medianMinutes: waits.length > 0 ? Math.round(middle.reduce((sum, wait) => sum + wait, 0) / middle.length) : null,
    longestMinutes: waits.length > 0 ? Math.round(waits.at(-1) as number) : null,
  };
}
