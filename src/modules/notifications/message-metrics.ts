import { Counter, Gauge } from 'prom-client';
import { registry } from '../../core/metrics/registry.js';
import type { Delivery, DeliveryResult } from './deliveries.repository.js';

const messages = new Counter({
  name: 'careslot_messages_total',
  help: 'Saved results of messages by channel, kind and result. PENDING: failed and will be retried. POSTPONED: not attempted',
  labelNames: ['channel', 'kind', 'result'] as const,
  registers: [registry],
});

export function countMessages(results: readonly (readonly [Delivery, DeliveryResult])[]): void {
  for (const [{ channel, kind }, { state }] of results) messages.inc({ channel, kind, result: state });
}

/** By the names of the figures in the health report. */
export const messageGauges = {
  lagSeconds: new Gauge({
    name: 'careslot_messages_lag_seconds',
    help: 'How late the oldest reminder or other message is that should be sent already',
    aggregator: 'max',
    registers: [registry],
  }),
  deadLetters: new Gauge({
    name: 'careslot_messages_dead_letters',
    help: 'Messages that failed for good and were not sent again',
    aggregator: 'max',
    registers: [registry],
  }),
  failedLastHour: new Gauge({
    name: 'careslot_messages_failed_last_hour',
    help: "Messages that failed for good in the last hour for another reason than the recipient's address",
    aggregator: 'max',
    registers: [registry],
  }),
};
