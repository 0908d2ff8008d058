import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import { ormconfig } from '../../ormconfig.js';
import { dataSourceOptions } from '../../src/core/database/data-source.js';

/** Calls `work` with a data source that knows only the first `count` migrations, and no entities: they have the schema of today. */
export async function withMigrations<T>(
  databaseUrl: string,
  count: number,
  work: (source: DataSource) => Promise<T>,
): Promise<T> {
  const options = {
    ...dataSourceOptions(ormconfig, databaseUrl, 1),
    entities: [],
    migrations: MIGRATIONS.slice(0, count),
  };
  const source = await new DataSource(options).initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}
