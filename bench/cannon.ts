import autocannon, { type Options, type Result } from 'autocannon';
import { percentile } from './report.js';

/** The responses of one run. */
export interface Answers {
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

/** The responses of one run in which only one status is correct. */
export interface Outcome extends Omit<Answers, 'statuses' | 'errors' | 'errorMessages'> {
  bad: number;
}

/**
 * autocannon's histogram counts whole milliseconds, so this function records every time.
 * @param leadInSeconds time at the beginning of the duration that is not counted
 */
export async function cannonade(options: Options, leadInSeconds = 0): Promise<Answers> {
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const errorMessages = new Set<string>();
  const countFrom = performance.now() + leadInSeconds * 1000;
  const onAnswer = (status: number, milliseconds: number): void => {
    if (performance.now() < countFrom) return;
    times.push(milliseconds);
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const { errors, duration: whole } = await shoot(options, onAnswer, (error) => void errorMessages.add(error.message));
  const duration = whole - leadInSeconds;
  return summary(times, duration, { statuses, errors, errorMessages: [...errorMessages] });
}

/** @param times response times in milliseconds */
export function summary(
  times: number[],
  seconds: number,
  outcome: Pick<Answers, 'statuses' | 'errors' | 'errorMessages'>,
): Answers {
  const sorted = Float64Array.from(times).sort();
  return {
    perSecond: times.length / seconds,
    count: times.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    ...outcome,
  };
}

export const judged = ({ statuses, errors, errorMessages: _, ...rest }: Answers, right: number): Outcome => ({
  ...rest,
  bad: rest.count - (statuses[right] ?? 0) + errors,
});

const shoot = (
  options: Options,
  onAnswer: (status: number, milliseconds: number) => void,
  onError: (error: Error) => void,
): Promise<Result> =>
  new Promise((resolve, reject) => {
    const instance = autocannon(options, (error: unknown, result) => {
      if (error) reject(error instanceof Error ? error : new Error('autocannon failed'));
      else resolve(result);
    });
    instance.on('reqError', onError);
    instance.on('response', (_client, status, _bytes, milliseconds) => onAnswer(status, milliseconds));
  });
