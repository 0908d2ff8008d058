import { Registry, collectDefaultMetrics } from 'prom-client';

/** The metrics of this process. Each part defines its own, next to the code that observes it. */
export const registry = new Registry();

collectDefaultMetrics({ register: registry });
