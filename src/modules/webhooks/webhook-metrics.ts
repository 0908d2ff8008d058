import { Counter } from 'prom-client';
import { registry } from '../../core/metrics/registry.js';

export const webhookAttempts = new Counter({
  name: 'careslot_webhook_attempts_total',
  help: 'Attempts to deliver a webhook by result: ACCEPTED, or why the endpoint did not accept it',
  labelNames: ['result'] as const,
  registers: [registry],
});
