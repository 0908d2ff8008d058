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
  help: 'Time that a use case waited for a connection of the pool',
  buckets: DATABASE_BUCKETS,
  registers: [registry],
});

const holds = new Map<string, ReturnType<typeof connectionHold.labels>>();

/** @param useCase null: no route and no named task, such as start-up, sockets and probes */
function observeConnectionHold(useCase: string | null, seconds: number): void {
  const label = useCase ?? 'other';
  let child = holds.get(label);
  if (!child) holds.set(label, (child = connectionHold.labels({ use_case: label })));
  child.observe(seconds);
}

const observeConnectionWait = (seconds: number): void => connectionWait.observe(seconds);

/** Observes how long each connection of the pool is held, whoever takes it, by the use case that gives it back. */
export function measureHolds(pool: Pool): void {
  const takenAt = new WeakMap<object, number>();
  pool.on('acquire', (client) => takenAt.set(client, performance.now()));
  pool.on('release', (_error, client) => {
    const start = takenAt.get(client);
    if (start !== undefined) observeConnectionHold(currentContext().useCase, (performance.now() - start) / 1000);
  });
}

/** Observes how long the connection was waited for. */
export async function measuringWait<Connection>(connect: () => Promise<Connection>): Promise<Connection> {
  const start = performance.now();
  const connection = await connect();
  observeConnectionWait((performance.now() - start) / 1000);
  return connection;
}
