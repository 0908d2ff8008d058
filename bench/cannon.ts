import autocannon, { type Options, type Result } from 'autocannon';
import { percentile } from './report.js';

/** What the answers of one run were. */
export interface Answers {
  perSecond: number;
  count: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  statuses: Record<string, number>;
  /** Connection errors and time-outs. */
  errors: number;
}

/** Answers of one run where only one status is right. */
export interface Outcome extends Omit<Answers, 'statuses' | 'errors'> {
  bad: number;
}

/**
 * autocannon's own histogram counts whole milliseconds, so every time is taken down here.
 * @param leadInSeconds at the beginning of the duration, are not counted
 */
export async function cannonade(options: Options, leadInSeconds = 0): Promise<Answers> {
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const countFrom = performance.now() + leadInSeconds * 1000;
  const { errors, duration: whole } = await shoot(options, (status, milliseconds) => {
    if (performance.now() < countFrom) return;
    times.push(milliseconds);
    statuses[status] = (statuses[status] ?? 0) + 1;
  });
  const duration = whole - leadInSeconds;
  const sorted = Float64Array.from(times).sort();
  return {
    perSecond: times.length / duration,
    count: times.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    statuses,
    errors,
  };
}

export const judged = ({ statuses, errors, ...rest }: Answers, right: number): Outcome => ({
  ...rest,
  bad: rest.count - (statuses[right] ?? 0) + errors,
});

const shoot = (options: Options, onAnswer: (status: number, milliseconds: number) => void): Promise<Result> =>
  new Promise((resolve, reject) => {
    const instance = autocannon(options, (error: unknown, result) => {
      if (error) reject(error instanceof Error ? error : new Error('autocannon failed'));
      else resolve(result);
    });
    instance.on('response', (_client, status, _bytes, milliseconds) => onAnswer(status, milliseconds));
  });
