import type { DataSource, MigrationInterface } from 'typeorm';

export interface MigrationClass {
  new (): MigrationInterface;
  readonly name: string;
  /**
   * Processes of the build before this migration work on with it applied (docs/operations.md, "Upgrades"). Without it the
   * migration is breaking: older processes stop being ready.
   */
  readonly additive?: boolean;
}

export interface SchemaState {
  /** Migrations of this build that the database has not had, oldest first. */
  missing: string[];
  /** Migrations that the database has had and this build does not know. */
  unknown: string[];
  /** Those of the unknown ones that are not marked additive. */
  breaking: string[];
}

/** The migrations of this build, oldest first. */
export const migrationsOf = (dataSource: DataSource): MigrationClass[] =>
  dataSource.migrations.map((migration) => migration.constructor as MigrationClass);

/** Compares the database's migrations with those of this build. */
export async function schemaState(dataSource: DataSource): Promise<SchemaState> {
  const applied = await appliedTo(dataSource);
  const own = migrationsOf(dataSource).map(({ name }) => name);
  const unknown = applied.filter((name) => !own.includes(name));
  const additive = unknown.length === 0 ? [] : await markedAdditive(dataSource);
  return {
    missing: own.filter((name) => !applied.includes(name)),
    unknown,
    breaking: unknown.filter((name) => !additive.includes(name)),
  };
}

/** Why this build cannot work on the database's schema, with what to do; null if it can. */
export async function schemaFault(dataSource: DataSource): Promise<string | null> {
  const { missing, breaking } = await schemaState(dataSource);
  if (breaking.length > 0) {
    return `The database has had migrations that this build does not know (${breaking.join(', ')}): start the build that they are of, or undo them with that build (\`node dist/src/migrate.js down\`).`;
  }
  if (missing.length === 0) return null;
  return `The database lacks migrations of this build (${missing.join(', ')}): run \`node dist/src/migrate.js up\` and start again.`;
}

async function appliedTo(dataSource: DataSource): Promise<string[]> {
  if (!(await hasTable(dataSource, 'migration'))) return [];
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM migration ORDER BY id');
  return rows.map(({ name }) => name);
}

async function markedAdditive(dataSource: DataSource): Promise<string[]> {
  if (!(await hasTable(dataSource, 'migration_mark'))) return [];
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM migration_mark WHERE additive');
  return rows.map(({ name }) => name);
}

export async function hasTable(dataSource: DataSource, name: string): Promise<boolean> {
  const [row] = await dataSource.query<{ exists: boolean }[]>('SELECT to_regclass($1) IS NOT NULL AS exists', [name]);
  return row?.exists ?? false;
}
