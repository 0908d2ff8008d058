import type { ChildProcess } from 'node:child_process';
import { AggregatorRegistry, type RegistryContentType } from 'prom-client';
import type { HealthReport } from '../health/health-report.js';

interface MetricsRequest {
  metricsRequest: number;
}
interface MetricsAnswer {
  metricsAnswer: number;
  metrics: object[];
}

const ANSWER_WITHIN_MILLISECONDS = 5_000;
let requests = 0;

/** In a process of a cluster: sends its metrics to the primary when it asks. */
export function answerMetricsRequests(report: HealthReport): void {
  process.on('message', (message: Partial<MetricsRequest> | string) => {
    if (typeof message !== 'object' || message.metricsRequest === undefined) return;
    const { metricsRequest } = message;
    void report.metricsAsJson().then(
      (metrics) => process.send?.({ metricsAnswer: metricsRequest, metrics } satisfies MetricsAnswer),
      // The primary leaves out a process that does not answer.
      () => undefined,
    );
  });
}

/** In the primary: the metrics of all processes as one. Counters are added up; the metric decides for gauges (`aggregator`). */
export async function aggregateMetrics(children: ChildProcess[]): Promise<{ body: string; contentType: string }> {
  const all = await Promise.all(children.map(requestMetrics));
  const registry = AggregatorRegistry.aggregate<RegistryContentType>(all.filter((metrics) => metrics !== null));
  return { body: await registry.metrics(), contentType: registry.contentType };
}

/** @returns null if the process does not answer in time */
function requestMetrics(child: ChildProcess): Promise<object[] | null> {
  requests += 1;
  const request: MetricsRequest = { metricsRequest: requests };
  return new Promise((resolve) => {
    const finish = (metrics: object[] | null): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      resolve(metrics);
    };
    const onMessage = (message: Partial<MetricsAnswer> | string): void => {
      if (typeof message === 'object' && message.metricsAnswer === request.metricsRequest)
        finish(message.metrics ?? []);
    };
    const timer = setTimeout(() => finish(null), ANSWER_WITHIN_MILLISECONDS);
    child.on('message', onMessage);
    child.send(request, (error) => error && finish(null));
  });
}
