import { short, table } from './report.js';

/** How long one use case held connections to the database, from CareSlot's histogram. */
export interface HoldTime {
  useCase: string;
  count: number;
  meanMilliseconds: number;
  /** The upper bound of its bucket. */
  p99Milliseconds: number;
}

interface Histogram {
  count: number;
  sum: number;
  /** Cumulative counts by upper bound in seconds. */
  buckets: Map<number, number>;
}

const METRIC = 'careslot_db_connection_hold_seconds';
const SAMPLE = new RegExp(`^${METRIC}_(bucket|sum|count)\\{(.*)\\} (\\S+)`);

/** @param before metrics in Prometheus' text format at the beginning; null if the server has none. @param after the same at the end */
export function holdTimesBetween(before: string | null, after: string | null): HoldTime[] {
  const earlier = parse(before ?? '');
  return [...parse(after ?? '')]
    .map(([useCase, histogram]) => toHoldTime(useCase, histogram, earlier.get(useCase)))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

function parse(text: string): Map<string, Histogram> {
  const histograms = new Map<string, Histogram>();
  for (const line of text.split('\n')) {
    const [, part, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (!part) continue;
    const useCase = label(labels, 'use_case');
    const histogram = histograms.get(useCase) ?? { count: 0, sum: 0, buckets: new Map<number, number>() };
    histograms.set(useCase, histogram);
    if (part === 'bucket')
      histogram.buckets.set(Number(label(labels, 'le').replace('+Inf', 'Infinity')), Number(value));
    else histogram[part as 'sum' | 'count'] = Number(value);
  }
  return histograms;
}

const label = (labels: string, name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';

function toHoldTime(useCase: string, after: Histogram, before: Histogram | undefined): HoldTime {
  const count = after.count - (before?.count ?? 0);
  const sum = after.sum - (before?.sum ?? 0);
  const bound = [...after.buckets].find(([le, n]) => n - (before?.buckets.get(le) ?? 0) >= count * 0.99)?.[0];
  return { useCase, count, meanMilliseconds: (sum / count) * 1000, p99Milliseconds: (bound ?? NaN) * 1000 };
}

export interface WorkloadHoldTimes {
  title: string;
  /** The counts of the warm-up are not included. */
  requests: number;
  holdTimes: HoldTime[];
}

const HEADER = ['workload', 'use case', 'holds for a request', 'mean ms', 'p99 ms ≤'];

export function holdTable(workloads: WorkloadHoldTimes[]): string {
  const rows = workloads.flatMap(({ title, requests, holdTimes }) =>
    holdTimes.length === 0
      ? [[title, '–', '–', '–', '–']]
      : holdTimes.map(({ useCase, count, meanMilliseconds, p99Milliseconds }, n) => [
          n === 0 ? title : '',
          useCase,
          short(count / requests),
          short(meanMilliseconds),
          short(p99Milliseconds),
        ]),
  );
  return table(HEADER, rows);
}
