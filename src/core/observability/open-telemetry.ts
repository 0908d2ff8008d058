import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Link,
  type Span,
  type SpanContext,
  type Tracer as ApiTracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { SamplerName } from '../config/observability-settings.js';
import type { SpanAttributes, SpanOptions, Tracer, TraceSpan } from '../tracing/tracing.js';

export interface OpenTelemetryOptions {
  /** The base URL of a collector; `/v1/traces` is appended. */
  endpoint: string;
  headers: Record<string, string>;
  /** Attributes of the process, such as `service.name`. */
  resource: Record<string, string>;
  sampler: SamplerName;
  /** For the samplers by ratio: the share of traces that are recorded, from 0 to 1. */
  samplerRatio: number;
}

const EXPORT_MILLISECONDS = 1_000;
const STOP_MILLISECONDS = 2_000;
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Sends spans by OTLP/HTTP as JSON. Spans are started by our own code at few places, not by automatic instrumentation: that needs
 * loader hooks for ES modules, and records URLs and statements.
 */
export class OpenTelemetryTracer implements Tracer {
  private readonly provider: TracerProvider;
  private readonly tracer: ApiTracer;

  constructor({ endpoint, headers, resource, sampler, samplerRatio }: OpenTelemetryOptions) {
    const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
    const exporter = new OTLPTraceExporter({ url, headers });
    this.provider = new TracerProvider({
      resource: resourceFromAttributes(resource),
      sampler: toSampler(sampler, samplerRatio),
      spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: EXPORT_MILLISECONDS })],
    });
    this.tracer = this.provider.getTracer('careslot');
  }

  start(name: string, { kind, attributes = {}, parent, links = [], startedAt }: SpanOptions): TraceSpan {
    const parentContext = toSpanContext(parent);
    const context = parentContext ? trace.setSpanContext(ROOT_CONTEXT, parentContext) : ROOT_CONTEXT;
    const options = {
      kind: Kind[kind],
      attributes,
      links: links.flatMap((traceparent): Link[] => {
        const linked = parseTraceparent(traceparent);
        return linked ? [{ context: linked }] : [];
      }),
      ...(startedAt !== undefined && { startTime: startedAt }),
    };
    return new OpenTelemetrySpan(this.tracer.startSpan(name, options, context));
  }

  async stop(): Promise<void> {
    const stopped = this.provider.shutdown().catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_MILLISECONDS)));
    await Promise.race([stopped, tooLate]);
    clearTimeout(timer);
  }
}

class OpenTelemetrySpan implements TraceSpan {
  readonly context: SpanContext;

  constructor(private readonly span: Span) {
    this.context = span.spanContext();
  }

  get traceId(): string {
    return this.context.traceId;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.context;
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  end(failure?: string): void {
    if (failure !== undefined) {
      this.span.setAttribute('error.type', failure);
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.span.end();
  }
}

const toSpanContext = (parent: SpanOptions['parent']): SpanContext | null =>
  parent instanceof OpenTelemetrySpan ? parent.context : typeof parent === 'string' ? parseTraceparent(parent) : null;

/** @returns null if the text is no valid `traceparent` */
function parseTraceparent(text: string): SpanContext | null {
  const [, traceId = '', spanId = '', flags = '00'] = TRACEPARENT.exec(text) ?? [];
  const traceFlags = parseInt(flags, 16) & TraceFlags.SAMPLED;
  const context = { traceId, spanId, traceFlags, isRemote: true };
  return isSpanContextValid(context) ? context : null;
}

function toSampler(name: SamplerName, ratio: number): Sampler {
  const [, prefix, own = ''] = /^(parentbased_)?(.+)$/.exec(name) ?? [];
  const root = toRootSampler(own, ratio);
  return prefix ? new ParentBasedSampler({ root }) : root;
}

function toRootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler();
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler();
}
