import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type pg from 'pg';
import type { TestApp } from './app.js';

/**
 * Counts every statement of the application's pool from now on, except those of the relay and the probes. The statement that writes
 * an audit row also writes to the outbox.
 * @returns a function that returns the current count
 */
export function countStatements(app: TestApp): () => number {
  let statements = 0;
  const pool = (app.app.get(DataSource).driver as PostgresDriver).master as pg.Pool;
  const counted = new WeakSet<object>();
  pool.on('acquire', (client) => {
    if (counted.has(client)) return;
    counted.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: [{ text?: string } | string]) => {
      const text = typeof args[0] === 'string' ? args[0] : (args[0].text ?? '');
      if (text.includes('audit_log') || !/outbox|careslot_/.test(text)) statements += 1;
      return query(...args);
    }) as typeof client.query;
  });
  return () => statements;
}
