import { Counter, Histogram } from 'prom-client';
import { registry } from '../metrics/registry.js';

const httpDuration = new Histogram({
  name: 'careslot_http_request_duration_seconds',
  help: 'Time from the headers being parsed to the response being closed, also by a disconnect, by route',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
});

/** One child of the histogram for each combination of labels: looking up labels costs more than observing. */
const children = new Map<string, ReturnType<typeof httpDuration.labels>>();

export function observeHttp(method: string, route: string, status: number, seconds: number): void {
  const key = `${method} ${route} ${status}`;
  let child = children.get(key);
  if (!child) {
    child = httpDuration.labels({ method, route, status });
    children.set(key, child);
  }
  child.observe(seconds);
}

const httpErrors = new Counter({
  name: 'careslot_http_errors_total',
  help: 'Requests that were answered with an error, by route and error code',
  labelNames: ['method', 'route', 'code'] as const,
  registers: [registry],
});

export const countHttpError = (method: string, route: string, code: string): void =>
  httpErrors.inc({ method, route, code });
