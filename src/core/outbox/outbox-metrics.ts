import { Gauge, Histogram } from 'prom-client';
import { registry } from '../metrics/registry.js';

/** By the names of the figures in the health report. */
export const outboxGauges = {
  lagSeconds: new Gauge({
    name: 'careslot_outbox_lag_seconds',
    help: 'Age of the oldest event that is not published and not parked',
    aggregator: 'max',
    registers: [registry],
  }),
  unpublished: new Gauge({
    name: 'careslot_outbox_unpublished',
    help: 'Committed events that are not published yet',
    aggregator: 'max',
    registers: [registry],
  }),
  parked: new Gauge({
    name: 'careslot_outbox_parked',
    help: 'Events that failed too often and wait for an operator',
    aggregator: 'max',
    registers: [registry],
  }),
};

const publishedAfter = new Histogram({
  name: 'careslot_commit_to_emit_seconds',
  help: 'Time from a change to its event being handed to the sockets',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
  registers: [registry],
});

export const observePublished = (seconds: number): void => publishedAfter.observe(Math.max(seconds, 0));
