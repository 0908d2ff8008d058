import { performance } from 'node:perf_hooks';
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';

/** The metrics of this process. Each part defines its own, next to the code that observes it. docs/monitoring.md lists all. */
export const registry = new Registry();

collectDefaultMetrics({ register: registry });

let lastUtilization = performance.eventLoopUtilization();

new Gauge({
  name: 'careslot_event_loop_utilization_ratio',
  help: 'Share of the time since the last scrape in which the event loop was not idle, from 0 to 1',
  aggregator: 'max',
  registers: [registry],
  collect() {
    const now = performance.eventLoopUtilization();
    this.set(performance.eventLoopUtilization(now, lastUtilization).utilization);
    lastUtilization = now;
  },
});
