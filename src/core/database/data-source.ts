import { DataSource, type DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';

/** A request waits so long for a connection, and then for a statement; after that it is answered with 503. */
const CONNECT_MILLISECONDS = 4_000;
const STATEMENT_MILLISECONDS = 4_000;
/** For a network that swallows the answer. The connection is then closed. */
const QUERY_MILLISECONDS = 4_500;

/** How the connections of a serving process are set up. */
export function dataSourceOptions(databaseUrl: string, poolSize: number): DataSourceOptions {
  return {
    type: 'postgres',
    url: databaseUrl,
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    synchronize: false,
    installExtensions: false,
    poolSize,
    connectTimeoutMS: CONNECT_MILLISECONDS,
    extra: {
      statement_timeout: STATEMENT_MILLISECONDS,
      query_timeout: QUERY_MILLISECONDS,
      lock_timeout: 2_000,
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
    },
    applicationName: 'careslot',
  };
}

/** For migrations and tools: without limits on time. */
export function createDataSource(databaseUrl: string, poolSize = 2): DataSource {
  const options = dataSourceOptions(databaseUrl, poolSize);
  return new DataSource({ ...options, extra: { ...(options.extra as object), query_timeout: 0 } });
}
