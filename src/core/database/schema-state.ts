import type { DataSource, MigrationInterface } from 'typeorm';

export interface MigrationClass {
  new (): MigrationInterface;
  readonly name: string;
  /**
   * Whether processes of the previous build keep working after this migration (docs/operations.md, "Upgrades"). Otherwise the
   * migration is breaking: older processes stop being ready.
   */
  readonly additive?: boolean;
}

interface SchemaState {
  /** Migrations of this build that are not applied, oldest first. */
  missing: string[];
  /** Applied migrations that this build does not have. */
  unknown: string[];
  /** Unknown migrations that are not marked as additive. */
  breaking: string[];
}

/** The migrations of this build, oldest first. */
export const getMigrations = (dataSource: DataSource): MigrationClass[] =>
  dataSource.migrations.map((migration) => migration.constructor as MigrationClass);

/** Compares the database's migrations with those of this build. */
export async function schemaState(dataSource: DataSource): Promise<SchemaState> {
  const applied = await findApplied(dataSource);
  const own = getMigrations(dataSource).map(({ name }) => name);
  const unknown = applied.filter((name) => !own.includes(name));
  const additive = unknown.length === 0 ? [] : await findAdditive(dataSource);
  return {
    missing: own.filter((name) => !applied.includes(name)),
    unknown,
    breaking: unknown.filter((name) => !additive.includes(name)),
  };
}

/** Why this build cannot use the database's schema, and what to do. Null if it can. */
export async function schemaFault(dataSource: DataSource): Promise<string | null> {
  const { missing, breaking } = await schemaState(dataSource);
  if (breaking.length > 0) {
    return `The database has had migrations that this build does not know (${breaking.join(', ')}): start the build that has them, or undo them with that build (\`node dist/src/migrate.js down\`).`;
  }
  if (missing.length === 0) return null;
  return `The database lacks migrations of this build (${missing.join(', ')}): run \`node dist/src/migrate.js up\` and start again.`;
}

async function findApplied(dataSource: DataSource): Promise<string[]> {
  if (!(await hasTable(dataSource, 'migration'))) return [];
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM migration ORDER BY id');
  return rows.map(({ name }) => name);
}

async function findAdditive(dataSource: DataSource): Promise<string[]> {
  if (!(await hasTable(dataSource, 'migration_mark'))) return [];
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM migration_mark WHERE additive');
  return rows.map(({ name }) => name);
}

export async function hasTable(dataSource: DataSource, name: string): Promise<boolean> {
  const [row] = await dataSource.query<{ exists: boolean }[]>('SELECT to_regclass($1) IS NOT NULL AS exists', [name]);
  return row?.exists ?? false;
}
