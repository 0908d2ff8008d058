import { createHash } from 'node:crypto';

/** The filled databases are kept for a day, so their key is always the same. */
export const FIELD_KEYS = `bench:${createHash('sha256').update('bench').digest('base64')}`;
