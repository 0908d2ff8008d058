import { DataSource, type DataSourceOptions } from 'typeorm';

/** What `ormconfig.ts` holds: entities, migrations and names; not where the database is. */
export type OrmConfig = Omit<Extract<DataSourceOptions, { type: 'postgres' }>, 'url' | 'poolSize' | 'extra'>;

/** A request waits so long for a connection, and then for a statement; after that it is answered with 503. */
const CONNECT_MILLISECONDS = 4_000;
const STATEMENT_MILLISECONDS = 4_000;
/** For a network that swallows the answer. The connection is then closed. */
const QUERY_MILLISECONDS = 4_500;

/** How the connections of a serving process are set up. */
export function dataSourceOptions(ormconfig: OrmConfig, databaseUrl: string, poolSize: number): DataSourceOptions {
  return {
    ...ormconfig,
    url: databaseUrl,
    poolSize,
    connectTimeoutMS: CONNECT_MILLISECONDS,
    extra: {
      statement_timeout: STATEMENT_MILLISECONDS,
      query_timeout: QUERY_MILLISECONDS,
      lock_timeout: 2_000,
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
    },
  };
}

/** For migrations and tools: without limits on time. */
export function createDataSource(ormconfig: OrmConfig, databaseUrl: string, poolSize = 2): DataSource {
  const options = dataSourceOptions(ormconfig, databaseUrl, poolSize);
  return new DataSource({ ...options, extra: { ...(options.extra as object), query_timeout: 0 } });
}

/** Connects for one piece of work. */
export async function withDataSource<T>(
  ormconfig: OrmConfig,
  databaseUrl: string,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const dataSource = await createDataSource(ormconfig, databaseUrl).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
