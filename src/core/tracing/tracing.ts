import { currentContext } from '../context/request-context.js';
import type { SpanAttributes, TraceSpan } from '../kernel/trace-span.js';

export type { SpanAttributes, TraceSpan } from '../kernel/trace-span.js';

export type SpanKind = 'SERVER' | 'CLIENT' | 'CONSUMER' | 'INTERNAL';

export interface SpanOptions {
  kind: SpanKind;
  attributes?: SpanAttributes;
  /** The span that caused this one: a span of this process, or a W3C `traceparent` of another. Default: a new trace. */
  parent?: TraceSpan | string | null;
  /** The `traceparent`s of related spans of other traces. Invalid ones are ignored. */
  links?: readonly string[];
  /** When it started, in epoch milliseconds. Default: now. */
  startedAt?: number;
}

export interface Tracer {
  start(name: string, options: SpanOptions): TraceSpan;
  /** Sends what is left, for a limited time. */
  stop(): Promise<void>;
}

/** Null unless OTEL_EXPORTER_OTLP_ENDPOINT is set. One per process, so that code on hot paths needs no injected service. */
let active: Tracer | null = null;

export const setTracer = (tracer: Tracer | null): void => void (active = tracer);

export const getTracer = (): Tracer | null => active;

/** Starts a span under the span of the current context. @returns null without one: steps alone would be traces without a cause */
export function startChildSpan(name: string, kind: SpanKind, attributes: SpanAttributes): TraceSpan | null {
  if (!active) return null;
  const parent = currentContext().span;
  return parent && active.start(name, { kind, attributes, parent });
}

/** The `traceparent` of the current context, for work that continues its trace later; undefined without a trace. */
export const currentTraceparent = (): string | undefined => (active ? currentContext().span?.traceparent : undefined);

/** The class or code of an error, for a span. Its message may contain data. */
export function toFailure(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[\w.]{1,64}$/.test(code) ? code : error.name;
}
