import { Counter, Gauge, Histogram } from 'prom-client';
import { registry } from '../metrics/registry.js';

const jobsRun = new Counter({
  name: 'careslot_jobs_total',
  help: 'Background jobs run by this process, by queue and outcome',
  labelNames: ['queue', 'outcome'] as const,
  registers: [registry],
});
const jobDuration = new Histogram({
  name: 'careslot_job_duration_seconds',
  help: 'Time from the start of a background job to its end, by queue',
  labelNames: ['queue'] as const,
  buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
  registers: [registry],
});
const taskSuccess = new Gauge({
  name: 'careslot_task_last_success_timestamp_seconds',
  help: 'When this process last completed a periodic task, in seconds since 1970, by task',
  labelNames: ['task'] as const,
  aggregator: 'max',
  registers: [registry],
});
export const jobsStalled = new Counter({
  name: 'careslot_jobs_stalled_total',
  help: 'Jobs whose process did not renew its lock, so that they ran again, by queue',
  labelNames: ['queue'] as const,
  registers: [registry],
});
export const queueJobs = new Gauge({
  name: 'careslot_queue_jobs',
  help: 'Jobs in Redis, by queue and state (waiting, active, delayed, failed, paused). The same in every process',
  labelNames: ['queue', 'state'] as const,
  aggregator: 'max',
  registers: [registry],
});

export function observeJob(queue: string, outcome: 'done' | 'failed', seconds: number): void {
  jobsRun.inc({ queue, outcome });
  jobDuration.observe({ queue }, seconds);
}

export const taskSucceeded = (task: string): void => taskSuccess.setToCurrentTime({ task });
