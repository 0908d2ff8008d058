import type { Pool } from 'pg';
import { performance } from 'node:perf_hooks';
import { Histogram } from 'prom-client';
import { currentContext } from '../context/request-context.js';
import { registry } from '../metrics/registry.js';

const DATABASE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const connectionHold = new Histogram({
  name: 'careslot_db_connection_hold_seconds',
  help: 'Time from a connection being taken from the pool to it being given back, by route or background task',
  labelNames: ['use_case'] as const,
  buckets: DATABASE_BUCKETS,
  registers: [registry],
});

const connectionWait = new Histogram({
  name: 'careslot_db_connection_wait_seconds',
  help: 'Time that a use case waited for a connection of the pool, also if it got none',
  buckets: DATABASE_BUCKETS,
  registers: [registry],
});

/** One child of the histogram for each use case: looking up labels costs more than observing. */
const holdsByUseCase = new Map<string, ReturnType<typeof connectionHold.labels>>();

/** @param useCase null outside of routes and named tasks: at start-up, for sockets and for probes */
function observeHold(useCase: string | null, seconds: number): void {
  const label = useCase ?? 'other';
  let child = holdsByUseCase.get(label);
  if (!child) holdsByUseCase.set(label, (child = connectionHold.labels({ use_case: label })));
  child.observe(seconds);
}

/** Observes how long each connection of a pool is in use, by the use case that releases it. */
export function measureHolds(pool: Pool): void {
  const acquiredAt = new WeakMap<object, number>();
  pool.on('acquire', (client) => acquiredAt.set(client, performance.now()));
  pool.on('release', (_error, client) => {
    const start = acquiredAt.get(client);
    if (start !== undefined) observeHold(currentContext().useCase, (performance.now() - start) / 1000);
  });
}

/** Connects, and observes how long that took, also if it failed. */
export async function measureWait<Connection>(connect: () => Promise<Connection>): Promise<Connection> {
  const start = performance.now();
  try {
    return await connect();
  } finally {
    connectionWait.observe((performance.now() - start) / 1000);
  }
}
