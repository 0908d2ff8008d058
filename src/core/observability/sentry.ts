import { performance } from 'node:perf_hooks';
import {
  defaultStackParser,
  makeNodeTransport,
  NodeClient,
  Scope,
  type ErrorEvent,
  type Exception,
  type StackFrame,
} from '@sentry/node';
import type { ErrorPlace, ErrorReporter } from './error-reporter.js';

interface SentryOptions {
  dsn: string;
  environment: string;
  release: string;
}

const STOP_MILLISECONDS = 2_000;
/** An outage fails every request; the first reports tell enough. */
const MAX_REPORTS = 30;
const WINDOW_MILLISECONDS = 60_000;

/**
 * Reports errors to Sentry or a compatible server. Without any of the SDK's integrations: these record requests, breadcrumbs and local
 * variables, which have data of patients.
 */
export class SentryReporter implements ErrorReporter {
  private readonly client: NodeClient;
  private windowStart = -Infinity;
  private reports = 0;

  constructor({ dsn, environment, release }: SentryOptions) {
    this.client = new NodeClient({
      dsn,
      environment,
      release,
      integrations: [],
      transport: makeNodeTransport,
      stackParser: defaultStackParser,
      maxBreadcrumbs: 0,
      sendClientReports: false,
      includeServerName: false,
      enableRuntimeChannelInjection: false,
      beforeSend: toReport,
    });
  }

  report(error: unknown, { requestId, useCase, traceId }: ErrorPlace): void {
    if (!this.isWithinLimit()) return;
    const scope = new Scope();
    if (requestId !== null) scope.setTag('request_id', requestId);
    if (traceId !== null) scope.setTag('trace_id', traceId);
    if (useCase !== null) scope.setTag('use_case', useCase);
    this.client.captureException(error instanceof Error ? error : new Error(typeof error), undefined, scope);
  }

  private isWithinLimit(): boolean {
    if (performance.now() - this.windowStart >= WINDOW_MILLISECONDS) {
      this.windowStart = performance.now();
      this.reports = 0;
    }
    this.reports += 1;
    return this.reports <= MAX_REPORTS;
  }

  async stop(): Promise<void> {
    await this.client.close(STOP_MILLISECONDS);
  }
}

/** A new event of what is known to be free of patients' data. A list of what to remove would miss what the next version of the SDK adds. */
function toReport({
  event_id,
  timestamp,
  level,
  platform,
  environment,
  release,
  tags,
  exception,
}: ErrorEvent): ErrorEvent {
  return {
    type: undefined,
    ...(event_id !== undefined && { event_id }),
    ...(timestamp !== undefined && { timestamp }),
    ...(level !== undefined && { level }),
    ...(platform !== undefined && { platform }),
    ...(environment !== undefined && { environment }),
    ...(release !== undefined && { release }),
    tags: { request_id: tags?.request_id, trace_id: tags?.trace_id, use_case: tags?.use_case },
    exception: { values: (exception?.values ?? []).map(toPlainException) },
  };
}

/** Without the message: those of PostgreSQL and of libraries quote values. */
const toPlainException = ({ type, stacktrace }: Exception): Exception => ({
  ...(type !== undefined && { type }),
  value: '',
  stacktrace: { frames: (stacktrace?.frames ?? []).map(toPlainFrame) },
});

const toPlainFrame = ({ filename, function: name, lineno, colno, in_app }: StackFrame): StackFrame => ({
  ...(filename !== undefined && { filename }),
  ...(name !== undefined && { function: name }),
  ...(lineno !== undefined && { lineno }),
  ...(colno !== undefined && { colno }),
  ...(in_app !== undefined && { in_app }),
});
