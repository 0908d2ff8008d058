import { z } from 'zod';
import { ConfigSchema, parseEnvironment, withPassword } from './config.js';
import { processEnvironment, type Environment } from './environment.js';
import { addFaults } from './faults.js';
import { databaseFaults } from './production-rules.js';
import { PARTITION_SETTINGS, RETENTION_SETTINGS } from './retention-settings.js';

const { NODE_ENV, DATABASE_URL, PGPASSWORD, DATABASE_INSECURE } = ConfigSchema.shape;

const role = (fallback: string) =>
  z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and _')
    .default(fallback);

const password = z.string().min(12, 'must have at least 12 characters');

const migration = { NODE_ENV, DATABASE_URL, PGPASSWORD, DATABASE_INSECURE, DATABASE_APP_ROLE: role('careslot_app') };

/** The variables of `migrate.ts`. */
const MigrationConfigSchema = z.object(migration).superRefine(addDatabaseFaults);

/** The variables of `retention.ts`. */
const RetentionConfigSchema = z.object({ ...migration, ...RETENTION_SETTINGS }).superRefine(addDatabaseFaults);

/** The variables of `partitions.ts`. */
const PartitionConfigSchema = z.object({ ...migration, ...PARTITION_SETTINGS }).superRefine(addDatabaseFaults);

/** The variables of the program that creates the database roles (core/database/roles.ts). */
export const RolesConfigSchema = z
  .object({
    ...migration,
    DATABASE_OWNER_ROLE: role('careslot_owner'),
    DATABASE_OWNER_PASSWORD: password,
    DATABASE_APP_PASSWORD: password,
  })
  .superRefine(addDatabaseFaults);

function addDatabaseFaults(env: Parameters<typeof databaseFaults>[0], context: z.RefinementCtx): void {
  addFaults(context, databaseFaults(env));
}

/** @throws ConfigError that names every invalid variable */
export const loadRetentionConfig = (env: Environment = processEnvironment()) =>
  withUrl(parseEnvironment(RetentionConfigSchema, env));

/** @throws ConfigError that names every invalid variable */
export const loadPartitionConfig = (env: Environment = processEnvironment()) =>
  withUrl(parseEnvironment(PartitionConfigSchema, env));

/** @throws ConfigError that names every invalid variable */
export const loadMigrationConfig = (env: Environment = processEnvironment()) =>
  withUrl(parseEnvironment(MigrationConfigSchema, env));

/** @throws ConfigError that names every invalid variable */
export const loadRolesConfig = (env: Environment = processEnvironment()) =>
  withUrl(parseEnvironment(RolesConfigSchema, env));

const withUrl = <Values extends { DATABASE_URL: string; PGPASSWORD?: string | undefined }>(values: Values): Values => ({
  ...values,
  DATABASE_URL: withPassword(values.DATABASE_URL, values.PGPASSWORD),
});
