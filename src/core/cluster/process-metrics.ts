import type { ChildProcess } from 'node:child_process';
import { AggregatorRegistry, type RegistryContentType } from 'prom-client';
import type { HealthReport } from '../health/health-report.js';

interface MetricsRequest {
  metricsRequest: number;
}
interface MetricsAnswer {
  metricsAnswer: number;
  /** See `toText`. */
  metrics: string;
}

const ANSWER_WITHIN_MILLISECONDS = 5_000;
let requests = 0;

/** In a process of a cluster: sends its metrics to the primary when it asks. */
export function answerMetricsRequests(report: HealthReport): void {
  process.on('message', (message: Partial<MetricsRequest> | string) => {
    if (typeof message !== 'object' || message.metricsRequest === undefined) return;
    const { metricsRequest } = message;
    void report.metricsAsJson().then(
      (metrics) => process.send?.({ metricsAnswer: metricsRequest, metrics: toText(metrics) } satisfies MetricsAnswer),
      // The primary leaves out a process that does not answer.
      () => undefined,
    );
  });
}

/** In the primary: the metrics of all processes as one. */
export async function aggregateMetrics(children: ChildProcess[]): Promise<{ body: string; contentType: string }> {
  const all = await Promise.all(children.map(requestMetrics));
  return mergeMetrics(all.filter((metrics) => metrics !== null));
}

/** Counters are added up; the metric decides for gauges (`aggregator`). */
export async function mergeMetrics(texts: string[]): Promise<{ body: string; contentType: string }> {
  const registry = AggregatorRegistry.aggregate<RegistryContentType>(texts.map(fromText));
  return { body: await registry.metrics(), contentType: registry.contentType };
}

/** JSON has only null for these numbers, which would count as 0. */
const NOT_IN_JSON = new Map([Infinity, -Infinity, NaN].map((value) => [String(value), value]));

/** Metrics as JSON, with values such as Infinity as text. */
export const toText = (metrics: object[]): string =>
  JSON.stringify(metrics, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );

const fromText = (text: string): object[] =>
  JSON.parse(text, (key, value: unknown) =>
    key === 'value' && typeof value === 'string' ? (NOT_IN_JSON.get(value) ?? value) : value,
  ) as object[];

/** @returns null if the process does not answer in time */
function requestMetrics(child: ChildProcess): Promise<string | null> {
  requests += 1;
  const request: MetricsRequest = { metricsRequest: requests };
  return new Promise((resolve) => {
    const finish = (metrics: string | null): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      resolve(metrics);
    };
    const onMessage = (message: Partial<MetricsAnswer> | string): void => {
      if (typeof message === 'object' && message.metricsAnswer === request.metricsRequest)
        finish(message.metrics ?? null);
    };
    const timer = setTimeout(() => finish(null), ANSWER_WITHIN_MILLISECONDS);
    child.on('message', onMessage);
    child.send(request, (error) => error && finish(null));
  });
}
