import type { Client, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';

/**
 * Sends a statement without waiting for those before it (the connections are in pg's pipeline mode), and all that is
 * asked for until the event loop goes on in one write: on a small machine a write to the socket costs the process more
 * than the statement costs the database.
 */
export function ask<Row extends QueryResultRow>(
  client: PoolClient,
  statement: QueryConfig | string,
): Promise<QueryResult<Row>> {
  const { stream } = (client as unknown as Client).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
  return client.query<Row>(statement as QueryConfig);
}
