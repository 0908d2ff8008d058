import { z } from 'zod';
import { ROLES, type Role } from '../kernel/actor.js';
import { fieldKeys } from './field-keys.js';
import { identityProviders, returnUrls } from './oidc-providers.js';
import { duration } from './variable-types.js';

/**
 * Ended sessions are stored for 90 days: no access token may be valid for longer. Checked here for NEUROAID_TOKEN_EXPIRES_IN;
 * production-rules.ts limits JWT_EXPIRES_IN to a day.
 */
const MAX_TOKEN_SECONDS = 90 * 86_400;

/** Comma-separated roles. */
const roles = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((role) => role.trim().toUpperCase()))
  .transform((names) => [...new Set(names.filter(Boolean))])
  .refine((names): names is Role[] => names.every((name) => (ROLES as readonly string[]).includes(name)), {
    message: `must be roles, such as DOCTOR,MANAGER (of ${ROLES.join(', ')})`,
  });

/** Secrets, sign-in and sessions. */
export const IDENTITY_SETTINGS = {
  JWT_SECRET: z.string().min(32, 'must have at least 32 characters'),
  JWT_SECRET_PREVIOUS: z.string().min(32, 'must have at least 32 characters').optional(),
  FIELD_ENCRYPTION_KEYS: fieldKeys.optional(),
  JWT_EXPIRES_IN: duration('15m'),
  OIDC_PROVIDERS: identityProviders,
  OIDC_RETURN_URLS: returnUrls,
  NEUROAID_TOKEN_EXPIRES_IN: duration('7d').refine((seconds) => seconds <= MAX_TOKEN_SECONDS, 'must be at most 90d'),
  JWT_REFRESH_EXPIRES_IN: duration('30d'),
  SESSION_ABSOLUTE_EXPIRES_IN: duration('90d'),
  MFA_REQUIRED_ROLES: roles,
} as const;
