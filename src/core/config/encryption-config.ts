import { z } from 'zod';
import { ConfigSchema, parseEnvironment } from './config.js';
import { processEnvironment, type Environment } from './environment.js';
import { addFaults } from './faults.js';
import { fieldKeyFaults } from './production-rules.js';

const { NODE_ENV, FIELD_ENCRYPTION_KEYS, JWT_SECRET, JWT_SECRET_PREVIOUS } = ConfigSchema.shape;

/** The variables that a migration needs to encrypt or decrypt existing rows. */
const EncryptionConfigSchema = z
  .object({ NODE_ENV, FIELD_ENCRYPTION_KEYS, JWT_SECRET, JWT_SECRET_PREVIOUS })
  .superRefine((env, context) => {
    if (env.NODE_ENV === 'production') addFaults(context, fieldKeyFaults(env));
  });

/** @throws ConfigError that names every missing or invalid variable */
export const loadEncryptionConfig = (env: Environment = processEnvironment()) =>
  parseEnvironment(EncryptionConfigSchema, env);
