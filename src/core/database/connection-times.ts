import type { Pool } from 'pg';
import { performance } from 'node:perf_hooks';
import { currentContext } from '../context/request-context.js';
import { observeConnectionHold, observeConnectionWait } from '../health/metrics.js';

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
