import { DataSource, type DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';

/** How every connection of CareSlot is set up. Durations are milliseconds. */
export function dataSourceOptions(databaseUrl: string, poolSize: number): DataSourceOptions {
  return {
    type: 'postgres',
    url: databaseUrl,
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    synchronize: false,
    installExtensions: false,
    poolSize,
    // A request waits so long for a connection, and a statement so long for the database; then it is a 503.
    connectTimeoutMS: 5_000,
    extra: {
      statement_timeout: 5_000,
      lock_timeout: 2_000,
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
      // Statements are sent without waiting for the answers to those before them (see ask.ts).
      pipeline: true,
    },
    applicationName: 'careslot',
  };
}

export const createDataSource = (databaseUrl: string, poolSize = 2): DataSource =>
  new DataSource(dataSourceOptions(databaseUrl, poolSize));
