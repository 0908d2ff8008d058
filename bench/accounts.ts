import type pg from 'pg';
import { newId } from '../src/core/kernel/id.js';
import { benchContacts } from './seed-clients.js';

/** The state of accounts. Default: verified and not closed. */
interface AccountState {
  passwordHash: string | null;
  isVerified?: boolean;
  isClosed?: boolean;
}

/** Inserts patients' accounts with these addresses. @returns their ids */
export async function insertAccounts(
  db: pg.Client,
  addresses: readonly string[],
  { passwordHash, isVerified = true, isClosed = false }: AccountState,
): Promise<string[]> {
  const contacts = benchContacts(db);
  const ids = addresses.map(() => newId());
  const encrypted = await Promise.all(
    addresses.map((email, n) => contacts.encrypt(ids[n] as string, { email, phone: null })),
  );
  await db.query(
    `INSERT INTO user_account (id, email, email_index, role, first_name, last_name, password_hash, email_verified_at, deleted_at)
     SELECT u.id, u.email, u.email_index, 'CLIENT', 'Pat', 'Ient', $4, CASE WHEN $5 THEN now() END, CASE WHEN $6 THEN now() END
     FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS u (id, email, email_index)`,
    [
      ids,
      encrypted.map(({ encryptedEmail }) => encryptedEmail),
      encrypted.map(({ emailIndex }) => emailIndex),
      passwordHash,
      isVerified,
      isClosed,
    ],
  );
  return ids;
}
