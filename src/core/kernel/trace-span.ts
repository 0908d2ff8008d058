/** Never health data, names, addresses, tokens, or values of statements and requests: traces leave the system. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A step of a trace. */
export interface TraceSpan {
  readonly traceId: string;
  /** The W3C `traceparent` by which another process continues the trace. */
  readonly traceparent: string;
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  /** @param failure a code or the name of an error's class; never its message */
  end(failure?: string): void;
}
