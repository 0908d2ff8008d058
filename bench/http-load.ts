import autocannon, { type Options, type Result } from 'autocannon';
import { percentile } from './report.js';

/** The result of one run. */
export interface LoadResult {
  perSecond: number;
  count: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  statuses: Record<string, number>;
  /** Connection errors and time-outs. */
  errors: number;
  /** The distinct error messages. */
  errorMessages: string[];
}

/** The result of one run in which only one status is correct. */
export interface CheckedResult extends Omit<LoadResult, 'statuses' | 'errors' | 'errorMessages'> {
  /** Responses with another status, connection errors and timeouts. */
  bad: number;
}

/**
 * Sends requests with autocannon, as many as the server can answer. It records each response time, because autocannon's own
 * histogram counts whole milliseconds.
 * @param leadInSeconds time at the beginning of the duration that is not counted
 */
export async function sendRequests(options: Options, leadInSeconds = 0): Promise<LoadResult> {
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const errorMessages = new Set<string>();
  const countFrom = performance.now() + leadInSeconds * 1000;
  const onResponse = (status: number, milliseconds: number): void => {
    if (performance.now() < countFrom) return;
    times.push(milliseconds);
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const { errors, duration } = await runAutocannon(
    options,
    onResponse,
    (error) => void errorMessages.add(error.message),
  );
  return summarize(times, duration - leadInSeconds, { statuses, errors, errorMessages: [...errorMessages] });
}

/** @param times response times in milliseconds */
export function summarize(
  times: number[],
  seconds: number,
  outcome: Pick<LoadResult, 'statuses' | 'errors' | 'errorMessages'>,
): LoadResult {
  const sorted = Float64Array.from(times).sort();
  return {
    perSecond: times.length / seconds,
    count: times.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    ...outcome,
  };
}

export const toCheckedResult = (
  { statuses, errors, errorMessages: _, ...rest }: LoadResult,
  expectedStatus: number,
): CheckedResult => ({
  ...rest,
  bad: rest.count - (statuses[expectedStatus] ?? 0) + errors,
});

const runAutocannon = (
  options: Options,
  onResponse: (status: number, milliseconds: number) => void,
  onError: (error: Error) => void,
): Promise<Result> =>
  new Promise((resolve, reject) => {
    const instance = autocannon(options, (error: unknown, result) => {
      if (error) reject(error instanceof Error ? error : new Error('autocannon failed'));
      else resolve(result);
    });
    instance.on('reqError', onError);
    instance.on('response', (_client, status, _bytes, milliseconds) => onResponse(status, milliseconds));
  });
