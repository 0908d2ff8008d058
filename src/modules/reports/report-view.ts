import type { ComparedFigures } from './report-maker.js';
import { sumTimes, toUtilisationPercent, VISIT_COUNTS, type DoctorTime, type WorkTime } from './day-figures.js';
import type {
  ComparedOrNoneView,
  ComparedView,
  DailyReportView,
  ReportDoctorView,
  ReportRevenueView,
} from './reports.dto.js';

/** A report with the names that it does not store. */
export interface ReportWithNames extends ComparedFigures, Omit<DailyReportView, keyof Compared> {
  doctorNames: ReadonlyMap<string, string>;
}

type Compared = Pick<DailyReportView, 'visits' | 'utilisation' | 'revenue' | 'waiting'>;

export function toReportView({ figures, previous, doctorNames, ...report }: ReportWithNames): DailyReportView {
  const { waiting } = figures;
  return {
    ...report,
    visits: Object.fromEntries(
      VISIT_COUNTS.map((name) => [name, compare(figures.visits[name], previous.visits[name])]),
    ) as unknown as DailyReportView['visits'],
    utilisation: {
      ...compareTimes(sumTimes(figures.doctors), sumTimes(previous.doctors)),
      doctors: compareDoctors({ figures, previous, doctorNames }),
    },
    revenue: compareRevenue({ figures, previous }),
    waiting: {
      visits: compare(waiting.visits, previous.waiting.visits),
      medianMinutes: compareOrNone(waiting.medianMinutes, previous.waiting.medianMinutes),
      longestMinutes: compareOrNone(waiting.longestMinutes, previous.waiting.longestMinutes),
    },
  };
}

/** The doctors of a report. */
export const listDoctorIds = ({ figures, previous }: ComparedFigures): string[] => [
  ...new Set([...figures.doctors, ...previous.doctors].map(({ doctorId }) => doctorId)),
];

const compare = (value: number, previous: number): ComparedView => ({ value, previous, change: value - previous });

const compareOrNone = (value: number | null, previous: number | null): ComparedOrNoneView => ({
  value,
  previous,
  // Percentages have one decimal, and so does their difference.
  change: value === null || previous === null ? null : Math.round((value - previous) * 10) / 10,
});

const NO_TIME: WorkTime = { bookedMinutes: 0, availableMinutes: 0 };

const compareTimes = (now: WorkTime, before: WorkTime) => ({
  bookedMinutes: compare(now.bookedMinutes, before.bookedMinutes),
  availableMinutes: compare(now.availableMinutes, before.availableMinutes),
  utilisationPercent: compareOrNone(toUtilisationPercent(now), toUtilisationPercent(before)),
});

function compareDoctors({ figures, previous, doctorNames }: Omit<ReportWithNames, keyof DailyReportView>) {
  const find = (times: readonly DoctorTime[], id: string): WorkTime =>
    times.find(({ doctorId }) => doctorId === id) ?? NO_TIME;
  return listDoctorIds({ figures, previous })
    .map((doctorId): ReportDoctorView => ({
      doctorId,
      name: doctorNames.get(doctorId) ?? '',
      ...compareTimes(find(figures.doctors, doctorId), find(previous.doctors, doctorId)),
    }))
    .sort((a, b) => a.name.localeCompare(b.name) || (a.doctorId < b.doctorId ? -1 : 1));
}

function compareRevenue({ figures, previous }: ComparedFigures): ReportRevenueView[] {
  const currencies = new Set([...figures.revenue, ...previous.revenue].map(({ currency }) => currency));
  return [...currencies].sort().map((currency) => {
    const find = (totals: typeof figures.revenue) => totals.find((total) => total.currency === currency) ?? NO_MONEY;
    const [now, before] = [find(figures.revenue), find(previous.revenue)];
    return {
      currency,
      captured: compare(now.capturedMinor, before.capturedMinor),
      refunded: compare(now.refundedMinor, before.refundedMinor),
      net: compare(now.capturedMinor - now.refundedMinor, before.capturedMinor - before.refundedMinor),
      completedVisits: compare(now.completedMinor, before.completedMinor),
    };
  });
}

const NO_MONEY = { capturedMinor: 0, refundedMinor: 0, completedMinor: 0 };
