import { z } from 'zod';
import { ConfigSchema, parseEnvironment, withPassword } from './config.js';
import { RolesConfigSchema } from './database-config.js';
import { addFaults } from './faults.js';
import { processEnvironment, type Environment } from './environment.js';
import { databaseFaults } from './production-rules.js';
import { STORE_SETTINGS } from './store-settings.js';

const RECIPIENT = /^age1[a-z0-9]+$/;

/** `age1…,age1…` */
const recipients = z
  .string()
  .transform((text) => text.split(',').map((entry) => entry.trim()))
  .refine((entries) => entries.every((entry) => RECIPIENT.test(entry)), {
    message:
      'must be public keys of age (age1…), separated by commas; make one with: node dist/src/backup.js --new-key',
  });

const identity = z
  .string()
  .regex(/^AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]+$/, 'must be a private key of age (AGE-SECRET-KEY-1…)');

const metricsPath = z.string().regex(/^\/.+\.prom$/, 'must be an absolute path that ends with .prom');

const { NODE_ENV, FIELD_ENCRYPTION_KEYS, JWT_SECRET, JWT_SECRET_PREVIOUS } = ConfigSchema.shape;

/** The variables of `backup.ts` and `restore.ts`. */
export const BackupConfigSchema = z
  .object({
    ...STORE_SETTINGS,
    NODE_ENV,
    FIELD_ENCRYPTION_KEYS,
    JWT_SECRET: JWT_SECRET.optional(),
    JWT_SECRET_PREVIOUS,
    REDIS_URL: STORE_SETTINGS.REDIS_URL.optional(),
    DATABASE_APP_ROLE: RolesConfigSchema.shape.DATABASE_APP_ROLE,
    BACKUP_RECIPIENTS: recipients.optional(),
    BACKUP_KEYS_RECIPIENTS: recipients.optional(),
    BACKUP_IDENTITY: identity.optional(),
    BACKUP_METRICS_PATH: metricsPath.optional(),
  })
  .superRefine((env, context) => {
    addFaults(context, databaseFaults(env));
    // Whoever can read the backups must not be able to read the keys, too.
    if (env.BACKUP_KEYS_RECIPIENTS?.some((entry) => env.BACKUP_RECIPIENTS?.includes(entry))) {
      addFaults(context, [{ name: 'BACKUP_KEYS_RECIPIENTS', message: 'must be other keys than BACKUP_RECIPIENTS' }]);
    }
  });

export type BackupConfig = z.output<typeof BackupConfigSchema>;

/** @throws ConfigError that names every invalid variable */
export function loadBackupConfig(env: Environment = processEnvironment()): BackupConfig {
  const values = parseEnvironment(BackupConfigSchema, env);
  return { ...values, DATABASE_URL: withPassword(values.DATABASE_URL, values.PGPASSWORD) };
}
