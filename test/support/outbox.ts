import type { TestApp } from './app.js';
import { eventually } from './eventually.js';

/** Waits until every committed event is published. */
export const allPublished = ({ db }: TestApp): Promise<void> =>
  eventually(async () => {
    const { rowCount } = await db.query(`SELECT FROM outbox WHERE published_at IS NULL`);
    if (rowCount !== 0) throw new Error(`${rowCount} events are not published`);
  });

/** Holds the lock of the relay while `work` runs, so that no process publishes what it commits. */
export async function whileNothingIsPublished<T>(app: TestApp, work: () => Promise<T>): Promise<T> {
  await allPublished(app);
  const holder = await app.db.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT FROM outbox_relay FOR UPDATE');
    return await work();
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
}
