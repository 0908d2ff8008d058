import { Counter } from 'prom-client';
import { registry } from '../../core/metrics/registry.js';

export const paymentsQuarantined = new Counter({
  name: 'careslot_payments_quarantined_total',
  help: 'Reports of the payment provider that do not fit our orders, by what differs. Somebody must look at each',
  labelNames: ['reason'] as const,
  registers: [registry],
});
