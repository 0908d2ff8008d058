import { Gauge, Histogram } from 'prom-client';
import { registry } from '../metrics/registry.js';

/** Set by the outbox of this process; asked at each scrape. */
let backlog: (() => Promise<{ lagSeconds: number; unpublished: number; parked: number }>) | null = null;

export function onScrape(read: typeof backlog): void {
  backlog = read;
}

const unpublished = new Gauge({
  name: 'careslot_outbox_unpublished',
  help: 'Committed events that are not published yet',
  registers: [registry],
});
const parked = new Gauge({
  name: 'careslot_outbox_parked',
  help: 'Events that failed too often and wait for an operator',
  registers: [registry],
});
new Gauge({
  name: 'careslot_outbox_lag_seconds',
  help: 'Age of the oldest event that is not published and not parked',
  registers: [registry],
  async collect() {
    const now = await backlog?.().catch(() => null);
    if (!now) return;
    this.set(now.lagSeconds);
    unpublished.set(now.unpublished);
    parked.set(now.parked);
  },
});

const publishedAfter = new Histogram({
  name: 'careslot_commit_to_emit_seconds',
  help: 'Time from a change to its event being handed to the sockets',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
  registers: [registry],
});

export const observePublished = (seconds: number): void => publishedAfter.observe(Math.max(seconds, 0));
