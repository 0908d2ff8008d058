import type { Pool, QueryConfig, QueryResult } from 'pg';
import { measureWait } from './connection-times.js';
import { closeIfBroken } from './transaction.js';

/**
 * Runs a statement on a connection of a pool. Unlike `pool.query()`, keeps the connection after errors such as a unique violation.
 * @param onNoConnection throws another error if there is no connection
 */
export async function queryPool<Row extends object>(
  pool: Pool,
  statement: QueryConfig,
  onNoConnection: (error: unknown) => never = rethrow,
): Promise<QueryResult<Row>> {
  const client = await measureWait(() => pool.connect()).catch(onNoConnection);
  try {
    return await client.query<Row>(statement);
  } catch (error) {
    closeIfBroken(client, error);
    throw error;
  } finally {
    client.release();
  }
}

function rethrow(error: unknown): never {
  throw error;
}
