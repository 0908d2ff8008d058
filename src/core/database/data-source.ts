import { DataSource, type DataSourceOptions } from 'typeorm';

/** The type of `ormconfig.ts`: entities, migrations and naming, without the database's address. */
export type OrmConfig = Omit<Extract<DataSourceOptions, { type: 'postgres' }>, 'url' | 'poolSize' | 'extra'>;

/**
 * The options of a process that serves requests or runs jobs.
 * @param timeoutSeconds the maximum time to wait for a connection, and for each statement. After that, the request gets 503
 */
export function dataSourceOptions(
  ormconfig: OrmConfig,
  databaseUrl: string,
  poolSize: number,
  timeoutSeconds = 4,
): DataSourceOptions {
  const timeout = timeoutSeconds * 1_000;
  return {
    ...ormconfig,
    url: databaseUrl,
    poolSize,
    connectTimeoutMS: timeout,
    extra: {
      statement_timeout: timeout,
      // Later, for a server whose response is lost in the network. The connection is then closed.
      query_timeout: timeout + 500,
      lock_timeout: timeout / 2,
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
      // Compiling a large statement can take a minute, and no time limit interrupts it.
      options: '-c jit=off',
    },
  };
}

interface TaskOptions {
  /** The maximum number of connections. */
  poolSize?: number;
  lockTimeoutMilliseconds?: number;
}

/**
 * A data source, not yet connected, for migrations and long tasks: a statement may take as long as a large table needs, but waits for a
 * lock only for two seconds, or as given.
 */
export function createDataSource(
  ormconfig: OrmConfig,
  databaseUrl: string,
  { poolSize = 2, lockTimeoutMilliseconds = 2_000 }: TaskOptions = {},
): DataSource {
  const options = dataSourceOptions(ormconfig, databaseUrl, poolSize);
  return new DataSource({
    ...options,
    extra: {
      ...(options.extra as object),
      statement_timeout: 0,
      query_timeout: 0,
      lock_timeout: lockTimeoutMilliseconds,
    },
  });
}

/** For commands that run only handwritten statements: loading all entities and migrations would take most of their time. */
export const WITHOUT_ENTITIES: OrmConfig = { type: 'postgres' };

/** Runs work with a data source that is closed afterwards. */
export async function withDataSource<T>(
  ormconfig: OrmConfig,
  databaseUrl: string,
  work: (dataSource: DataSource) => Promise<T>,
  options?: TaskOptions,
): Promise<T> {
  const dataSource = await createDataSource(ormconfig, databaseUrl, options).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
