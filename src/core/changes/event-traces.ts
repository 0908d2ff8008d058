import { currentTraceparent, getTracer, type TraceSpan } from '../tracing/tracing.js';

/**
 * The key of a payload by which the relay continues the trace of the request. `PAYLOAD_COLUMNS` removes it, so that consumers never get it.
 * No column of its own: rows have it only while tracing is on, and are deleted after two days.
 */
const KEY = '_traceparent';

/** SQL for the payload and the `traceparent` of the row `o`. */
export const PAYLOAD_COLUMNS = `o.payload - '${KEY}' AS payload, o.payload ->> '${KEY}' AS traceparent`;

/** Adds the `traceparent` of the current context to a payload, if there is one. */
export function withTraceparent(payload: object): object {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? payload : { ...payload, [KEY]: traceparent };
}

/** Starts the span of a batch. It continues the trace of its rows if they have one trace in common, and otherwise links to all. */
export function startBatchSpan(rows: readonly { traceparent: string | null }[]): TraceSpan | null {
  const tracer = getTracer();
  const causes = [...new Set(rows.flatMap(({ traceparent }) => traceparent ?? []))];
  if (!tracer || causes.length === 0) return null;
  const [parent = null] = causes;
  const attributes = { 'messaging.system': 'outbox', 'messaging.batch.message_count': rows.length };
  return tracer.start('outbox relay', {
    kind: 'CONSUMER',
    attributes,
    ...(causes.length === 1 ? { parent } : { links: causes }),
  });
}
