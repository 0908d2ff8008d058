import type { Client } from 'pg';
import { ormconfig } from '../../ormconfig.js';
import type { BackupConfig } from '../core/config/backup-config.js';
import { FieldEncryption } from '../core/encryption/field-encryption.js';
import { WRAPPED_KEY } from '../core/encryption/stored-key.js';
import type { Contents } from './contents.js';

/**
 * Checks that the database may be replaced by the backup.
 * @returns whether it has tables
 * @throws Error that says what to do
 */
export async function checkTarget(db: Client, contents: Contents, force: boolean): Promise<boolean> {
  const unknown = contents.migrations.filter((name) => !ownMigrations().includes(name));
  if (unknown.length > 0) {
    throw new Error(`The backup is of a newer build (${unknown.join(', ')}): restore it with that build.`);
  }
  const { rows } = await db.query<{ tables: number; others: number }>(
    `SELECT (SELECT count(*)::int FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relkind IN ('r', 'p')) AS tables,
            (SELECT count(*)::int FROM pg_stat_activity
             WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()) AS others`,
  );
  const { tables, others } = rows[0] ?? { tables: 0, others: 0 };
  if (tables > 0 && !force) {
    throw new Error('The database is not empty. Restore into an empty one, or delete its tables with --force.');
  }
  if (others > 0) {
    throw new Error(`${others} other connections use the database. Stop the API and the workers first.`);
  }
  return tables > 0;
}

const ownMigrations = (): string[] =>
  Array.isArray(ormconfig.migrations)
    ? ormconfig.migrations.flatMap((one) => (typeof one === 'function' ? [one.name] : []))
    : [];

/**
 * Decrypts the stored keys with the configured ones, so that wrong keys are found before patients are served.
 * @returns how many were decrypted; null if no keys are configured
 */
export async function checkKeys(db: Client, config: BackupConfig): Promise<number | null> {
  const { JWT_SECRET, FIELD_ENCRYPTION_KEYS, JWT_SECRET_PREVIOUS } = config;
  if (!JWT_SECRET) return null;
  const encryption = new FieldEncryption({ JWT_SECRET, FIELD_ENCRYPTION_KEYS, JWT_SECRET_PREVIOUS });
  const { rows } = await db.query<{ name: string; wrapped: Buffer }>('SELECT name, wrapped FROM wrapped_key');
  for (const { name, wrapped } of rows) {
    try {
      encryption.decrypt(WRAPPED_KEY, wrapped, name);
    } catch (error) {
      throw new Error(
        'The rows are restored, but FIELD_ENCRYPTION_KEYS and JWT_SECRET do not decrypt them. Set the keys of the time of the backup, and restore again with --force.',
        { cause: error },
      );
    }
  }
  return rows.length;
}
