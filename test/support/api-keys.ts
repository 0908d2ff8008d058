import { newId } from '../../src/core/kernel/id.js';
import { API_KEY_PERMISSIONS } from '../../src/core/security/permissions.js';
import { createKey, hashKey } from '../../src/modules/api-keys/api-key-format.js';
import type { TestApp } from './app.js';
import { createAccount } from './clinic.js';

export interface TestKey {
  id: string;
  /** The bearer token. */
  key: string;
}

interface KeyOptions {
  makerId: string;
  clinicIds: readonly string[];
  permissions?: readonly string[];
  /** ISO 8601. */
  expiresAt?: string;
}

/** Stores a key like the API does, without the proof of identity that a request needs. */
export async function insertApiKey(
  app: TestApp,
  { makerId, clinicIds, permissions = API_KEY_PERMISSIONS, expiresAt }: KeyOptions,
): Promise<TestKey> {
  const id = newId();
  const key = createKey(id);
  await app.db.query(
    `INSERT INTO api_key (id, maker_id, name, secret_hash, permissions, clinic_ids, expires_at)
     VALUES ($1, $2, 'A machine', $3, $4, $5::uuid[], $6)`,
    [id, makerId, hashKey(key), permissions, clinicIds, expiresAt ?? null],
  );
  return { id, key };
}

export interface TestMaker {
  userId: string;
  token: string;
}

/** Creates somebody who may make keys, with a session that was freshly proven. */
export async function createMaker(
  app: TestApp,
  clinicIds: readonly string[],
  role: 'MANAGER' | 'ADMIN' | 'STAFF' = 'MANAGER',
): Promise<TestMaker> {
  const userId = await createAccount(app, role, { firstName: 'Mona', lastName: 'Maker', clinicIds });
  const sessionId = newId();
  await app.db.query(
    `INSERT INTO session (id, user_id, refresh_hash, expires_at, absolute_expires_at, proven_at)
     VALUES ($1, $2, '', now() + interval '1 day', now() + interval '1 day', now())`,
    [sessionId, userId],
  );
  return { userId, token: app.tokenFor({ userId, sessionId, role, clinicIds: [...clinicIds] }) };
}
