import { z } from 'zod';
import { integer, serverUrl, url } from './variable-types.js';

/** Where data is stored: PostgreSQL, Redis, files. */
export const STORE_SETTINGS = {
  DATABASE_URL: serverUrl('PGPASSWORD', 'postgres:', 'postgresql:'),
  PGPASSWORD: z.string().optional(),
  DATABASE_INSECURE: z.stringbool().default(false),
  DATABASE_POOL_SIZE: integer(10, 2, 100),
  DATABASE_TIMEOUT_SECONDS: integer(4, 1, 60),
  DATABASE_READ_URL: serverUrl('PGPASSWORD', 'postgres:', 'postgresql:').optional(),
  DATABASE_READ_MAX_LAG_SECONDS: integer(5, 2, 3_600),
  REDIS_URL: serverUrl('REDIS_PASSWORD', 'redis:', 'rediss:'),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_INSECURE: z.stringbool().default(false),
  STORAGE_DIR: z.string().default('.data/blobs'),
  STORAGE_S3_BUCKET: z.string().optional(),
  STORAGE_S3_ENDPOINT: url('http:', 'https:').optional(),
  STORAGE_S3_INSECURE: z.stringbool().default(false),
  STORAGE_S3_REGION: z.string().default('us-east-1'),
  STORAGE_S3_ACCESS_KEY_ID: z.string().optional(),
  STORAGE_S3_SECRET_ACCESS_KEY: z.string().optional(),
} as const;
