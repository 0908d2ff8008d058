import type { IncomingMessage } from 'node:http';
import { getTracer, type TraceSpan } from '../tracing/tracing.js';

/**
 * Starts the span of a request. A `traceparent` of the caller becomes a link, not the parent: callers are outside of the clinic, and could
 * otherwise decide which requests are recorded, and write into traces of others. @returns null if tracing is off
 */
export function startRequestSpan({ method = 'GET', headers }: IncomingMessage, requestId: string): TraceSpan | null {
  const tracer = getTracer();
  if (!tracer) return null;
  const { traceparent } = headers;
  const links = typeof traceparent === 'string' ? [traceparent] : [];
  const attributes = { 'http.request.method': method, 'careslot.request_id': requestId };
  return tracer.start(method, { kind: 'SERVER', attributes, links });
}

/** @param route the pattern, such as `/api/v1/things/:id`; the path itself has ids */
export function endRequestSpan(span: TraceSpan, method: string, route: string, status: number): void {
  span.rename(`${method} ${route}`);
  span.set({ 'http.route': route, 'http.response.status_code': status });
  span.end(status >= 500 ? String(status) : undefined);
}
