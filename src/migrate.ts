import { pathToFileURL } from 'node:url';
import { ormconfig } from '../ormconfig.js';
import { loadMigrationConfig } from './core/config/database-config.js';
import { withDataSource, type OrmConfig } from './core/database/data-source.js';
import { MIGRATION_LOCK_TIMEOUT_MILLISECONDS } from './core/database/lock-retry.js';
import { revertMigrations, runMigrations } from './core/database/migrator.js';
import { getMigrations, schemaState } from './core/database/schema-state.js';
import { printError } from './core/logging/print-error.js';

const OPTIONS = { lockTimeoutMilliseconds: MIGRATION_LOCK_TIMEOUT_MILLISECONDS };

/** @see runMigrations */
export const migrate = (
  databaseUrl: string,
  servingRole: string | null = null,
  config: OrmConfig = ormconfig,
): Promise<string[]> => withDataSource(config, databaseUrl, (source) => runMigrations(source, servingRole), OPTIONS);

/** @see revertMigrations */
export const revert = (databaseUrl: string, count: number, config: OrmConfig = ormconfig): Promise<string[]> =>
  withDataSource(config, databaseUrl, (source) => revertMigrations(source, count), OPTIONS);

const USAGE = 'Usage: node dist/src/migrate.js [up | down [count] | status]';

/** @returns what to print */
async function runCommand([command = 'up', count, ...rest]: string[]): Promise<string> {
  if (!['up', 'down', 'status'].includes(command) || rest.length > 0) throw new Error(USAGE);
  const isCountValid = command === 'down' ? /^\d{1,3}$/.test(count ?? '1') : count === undefined;
  if (!isCountValid) throw new Error(USAGE);
  const { DATABASE_URL, DATABASE_APP_ROLE } = loadMigrationConfig();
  if (command === 'up') return list('Ran', await migrate(DATABASE_URL, DATABASE_APP_ROLE));
  if (command === 'down') return list('Undone', await revert(DATABASE_URL, Number(count ?? '1')));
  return withDataSource(ormconfig, DATABASE_URL, async (dataSource) => {
    const { missing, unknown, breaking } = await schemaState(dataSource);
    const { length: total } = getMigrations(dataSource);
    const additive = unknown.filter((name) => !breaking.includes(name));
    return [
      `Applied: ${total - missing.length} of ${total} migrations of this build`,
      list('Not applied', missing),
      list('Of another build, additive', additive),
      list('Of another build, breaking', breaking),
    ].join('\n');
  });
}

const list = (title: string, names: string[]): string => `${title}: ${names.length > 0 ? names.join(', ') : 'none'}`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.stdout.write(`${await runCommand(process.argv.slice(2))}\n`);
  } catch (error) {
    printError(error);
    process.exitCode = 1;
  }
}
