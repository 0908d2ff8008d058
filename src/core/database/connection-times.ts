import type { Pool } from 'pg';
import { performance } from 'node:perf_hooks';
import { Gauge, Histogram } from 'prom-client';
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

/** The open pools with their names. */
const pools = new Map<Pool, string>();

/** A gauge of the pools, read at each scrape. */
function poolGauge<Label extends string>(
  name: string,
  help: string,
  labels: readonly Label[],
  observe: (gauge: Gauge<Label | 'pool'>, pool: Pool, name: string) => void,
): void {
  new Gauge({
    name,
    help,
    labelNames: ['pool', ...labels] as const,
    registers: [registry],
    collect() {
      for (const [pool, poolName] of pools) {
        // Closed with its application; the next application of the process has another one.
        if (pool.ended) pools.delete(pool);
        else observe(this, pool, poolName);
      }
    },
  });
}

poolGauge('careslot_db_pool_size', 'The maximum number of connections, by pool', [], (gauge, pool, name) =>
  gauge.set({ pool: name }, pool.options.max),
);
poolGauge(
  'careslot_db_pool_waiting',
  'Use cases that wait for a connection now, by pool (requests, relay, replica)',
  [],
  (gauge, pool, name) => gauge.set({ pool: name }, pool.waitingCount),
);
poolGauge(
  'careslot_db_pool_connections',
  'Open connections to PostgreSQL, by pool and state (in_use, idle)',
  ['state'],
  (gauge, pool, name) => {
    gauge.set({ pool: name, state: 'in_use' }, pool.totalCount - pool.idleCount);
    gauge.set({ pool: name, state: 'idle' }, pool.idleCount);
  },
);

/** One child of the histogram for each use case: looking up labels costs more than observing. */
const holdsByUseCase = new Map<string, ReturnType<typeof connectionHold.labels>>();

/** @param useCase null outside of routes and named tasks: at start-up, for sockets and for probes */
function observeHold(useCase: string | null, seconds: number): void {
  const label = useCase ?? 'other';
  let child = holdsByUseCase.get(label);
  if (!child) holdsByUseCase.set(label, (child = connectionHold.labels({ use_case: label })));
  child.observe(seconds);
}

/**
 * Observes a pool: its connections at each scrape, and how long each of them is in use, by the use case that releases it.
 * @param name a label of metrics
 */
export function measurePool(pool: Pool, name: string): void {
  pools.set(pool, name);
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
