import { Counter } from 'prom-client';
import { registry } from '../metrics/registry.js';

export const jobsRun = new Counter({
  name: 'careslot_jobs_total',
  help: 'Background jobs run by this process, by queue and outcome',
  labelNames: ['queue', 'outcome'] as const,
  registers: [registry],
});
