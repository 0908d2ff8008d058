import { performance } from 'node:perf_hooks';
import { newContext, runInContext } from '../context/request-context.js';
import { reportError } from '../observability/error-reporter.js';
import { getTracer, toFailure } from '../tracing/tracing.js';
import { observeJob } from './job-metrics.js';

interface RunningJob {
  queue: string;
  /** The name in metrics and traces, such as `job deliveries`. */
  useCase: string;
  /** The id in log lines. */
  requestId?: string;
  /** The trace that the job continues. Default: a new trace. */
  traceparent?: string | undefined;
}

/** Runs a job in a context of its own, and observes it by metrics, traces and error reports. @throws what `work` throws */
export async function runJob(
  { queue, useCase, requestId, traceparent }: RunningJob,
  work: () => unknown,
): Promise<void> {
  const span = getTracer()?.start(useCase, {
    kind: 'CONSUMER',
    parent: traceparent ?? null,
    attributes: { 'messaging.system': 'bull', 'messaging.destination.name': queue },
  });
  const start = performance.now();
  const end = (outcome: 'done' | 'failed', failure?: string): void => {
    observeJob(queue, outcome, (performance.now() - start) / 1000);
    span?.end(failure);
  };
  const context = newContext({ requestId: requestId ?? null, useCase, span: span ?? null });
  await runInContext(context, async () => {
    try {
      await work();
      end('done');
    } catch (error) {
      end('failed', toFailure(error));
      reportError(error);
      throw error;
    }
  });
}
