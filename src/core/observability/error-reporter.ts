import { currentContext } from '../context/request-context.js';

/** Where an unexpected error happened. Never data of the request. */
export interface ErrorPlace {
  requestId: string | null;
  /** The route's pattern, the job or the periodic task. */
  useCase: string | null;
  traceId: string | null;
}

export interface ErrorReporter {
  report(error: unknown, place: ErrorPlace): void;
  /** Sends what is left, for a limited time. */
  stop(): Promise<void>;
}

/** Null unless SENTRY_DSN is set. */
let active: ErrorReporter | null = null;

export const setErrorReporter = (reporter: ErrorReporter | null): void => void (active = reporter);

/** Reports an unexpected error: one that people must look at, not one that the API answers with a 4xx. */
export function reportError(error: unknown): void {
  if (!active) return;
  const { requestId, useCase, span } = currentContext();
  active.report(error, { requestId, useCase, traceId: span?.traceId ?? null });
}

/** Reports an error with which the process ends, and waits a limited time until it is sent. */
export async function reportFatalError(error: unknown): Promise<void> {
  reportError(error);
  await active?.stop();
}
