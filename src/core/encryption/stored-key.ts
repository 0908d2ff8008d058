import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { currentContext, runInContext } from '../context/request-context.js';
import type { Database } from '../database/database.js';
import { DecryptionError } from '../security/field-cipher.js';
import type { EncryptedColumn } from './encrypted-column.js';
import type { FieldEncryption } from './field-encryption.js';

const KEY_BYTES = 32;
const WRONG_KEYS =
  'FIELD_ENCRYPTION_KEYS and JWT_SECRET give no key that decrypts the data of this database. Add the key that encrypted it (docs/encryption.md).';

export const WRAPPED_KEY: EncryptedColumn = {
  table: 'wrapped_key',
  column: 'wrapped',
  key: { name: 'text' },
  purpose: 'wrapped-keys',
  toAssociatedData: (name) => `wrapped_key|${name}`,
};

/** Runs a statement: `query` of TypeORM's query runner, or `Database.rows`. */
type Query = (text: string, values: unknown[]) => Promise<{ wrapped: Buffer }[]>;

/** A random key that is stored encrypted, so that it stays the same when the keys of the configuration change. Created once. */
export class StoredKey {
  private key: Promise<KeyObject> | null = null;

  constructor(
    private readonly db: Pick<Database, 'rows'>,
    private readonly encryption: FieldEncryption,
    private readonly name: string,
  ) {}

  /** @throws DecryptionError if it was encrypted with an unknown key */
  load(): Promise<KeyObject> {
    this.key ??= this.readOrCreate().catch((error) => {
      this.key = null;
      throw error;
    });
    return this.key;
  }

  /**
   * Loads the key before requests need it: within a transaction, loading takes a second connection. Prevents the start of a process whose
   * keys are not those of the database.
   * @throws Error that says what to do
   */
  async loadAtStart(): Promise<void> {
    try {
      await this.load();
    } catch (error) {
      // Other errors, such as a database that is read-only, concern only the requests that need the key.
      if (error instanceof DecryptionError) throw new Error(WRONG_KEYS, { cause: error });
    }
  }

  /** Outside of the caller's transaction: after a rollback, this process would use a key that is stored nowhere. */
  private readOrCreate(): Promise<KeyObject> {
    return runInContext({ ...currentContext(), transaction: null }, () =>
      readOrCreateKey((text, values) => this.db.rows(text, values), this.encryption, this.name),
    );
  }
}

/** Reads a key, or creates it once. @throws DecryptionError if it was encrypted with an unknown key */
export async function readOrCreateKey(query: Query, encryption: FieldEncryption, name: string): Promise<KeyObject> {
  const READ = 'SELECT wrapped FROM wrapped_key WHERE name = $1';
  let [row] = await query(READ, [name]);
  if (!row) {
    const wrapped = encryption.encrypt(WRAPPED_KEY, randomBytes(KEY_BYTES).toString('base64'), name);
    await query('INSERT INTO wrapped_key (name, wrapped) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', [
      name,
      wrapped,
    ]);
    [row] = await query(READ, [name]);
  }
  if (!row) throw new Error(`The key ${name} was not stored`);
  return createSecretKey(Buffer.from(encryption.decrypt(WRAPPED_KEY, row.wrapped, name) as string, 'base64'));
}
