import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ormconfig } from '../../ormconfig.js';
import { ChangeLog } from '../../src/core/changes/change-log.js';
import { OutboxSignal } from '../../src/core/changes/outbox-signal.js';
import { PatientClinics } from '../../src/core/changes/patient-clinics.js';
import { RecordHash } from '../../src/core/changes/record-hash.js';
import { createDataSource } from '../../src/core/database/data-source.js';
import { Database } from '../../src/core/database/database.js';
import { BlindIndex } from '../../src/core/encryption/blind-index.js';
import type { EncryptedColumn } from '../../src/core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import { rotateColumn } from '../../src/core/encryption/key-rotation.js';
import { STORED_ANSWER } from '../../src/core/http/idempotency-keys.js';
import { newId } from '../../src/core/kernel/id.js';
import { DecryptionError } from '../../src/core/security/field-cipher.js';
import { ENCRYPTED_COLUMNS } from '../../src/encrypted-columns.js';
import { createMigratedDatabase, dropDatabase, testEnvironment } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { TestProcess } from '../support/processes.js';

const SECRET = 'a-secret-of-the-tests-only-0123456789';
const ROUTE = 'POST /x';
const newKey = (id: string): { id: string; secret: string } => ({ id, secret: randomBytes(32).toString('base64') });
const [first, second] = [newKey('first'), newKey('second')];

const encryptionWith = (...keys: { id: string; secret: string }[]): FieldEncryption =>
  new FieldEncryption({ JWT_SECRET: SECRET, FIELD_ENCRYPTION_KEYS: keys });

let database: { name: string; url: string };
let source: DataSource;
let db: Database;

beforeAll(async () => {
  // Without demo data, which is encrypted with other keys.
  database = await createMigratedDatabase();
  source = await createDataSource(ormconfig, database.url, { poolSize: 4 }).initialize();
  db = new Database(source);
});

afterAll(async () => {
  await source.destroy();
  await dropDatabase(database.name);
});

beforeEach(() => db.rows('TRUNCATE idempotency_key, wrapped_key'));

async function addAnswers(encryption: FieldEncryption, count: number): Promise<string> {
  const caller = newId();
  const keys = Array.from({ length: count }, (_, i) => `key-${i}`);
  await db.rows(
    `INSERT INTO idempotency_key (caller, route, key, request_hash, response)
     SELECT $1, $2, u.key, '\\x00', u.response FROM unnest($3::text[], $4::bytea[]) u(key, response)`,
    [caller, ROUTE, keys, keys.map((key) => encryption.encrypt(STORED_ANSWER, `answer to ${key}`, caller, ROUTE, key))],
  );
  return caller;
}

async function readAnswers(encryption: FieldEncryption, caller: string, key = '%'): Promise<Set<unknown>> {
  const rows = await db.rows<{ key: string; response: Buffer }>(
    'SELECT key, response FROM idempotency_key WHERE caller = $1 AND key LIKE $2',
    [caller, key],
  );
  return new Set(rows.map(({ key, response }) => encryption.decrypt(STORED_ANSWER, response, caller, ROUTE, key)));
}

/** Runs the command. @returns its exit code and its lines */
async function runCommand(
  ...keys: { id: string; secret: string }[]
): Promise<{ code: number | null; lines: string[] }> {
  const command = new TestProcess('src/rotate-keys.ts', {
    ...testEnvironment(database.url),
    JWT_SECRET: SECRET,
    FIELD_ENCRYPTION_KEYS: keys.map(({ id, secret }) => `${id}:${secret}`).join(','),
  });
  const code = await command.exitCode();
  return { code, lines: command.log.trim().split('\n') };
}

describe('the list of encrypted columns', () => {
  /** Hashes and keyed hashes. */
  const HASHES = [
    'account_link.email_index',
    'account_link.phone_index',
    'api_key.secret_hash',
    'calendar_feed.secret_hash',
    'audit_link.hash',
    'audit_link.previous_hash',
    'audit_log.after_hash',
    'audit_log.before_hash',
    'client.birth_index',
    'client_clinic.mrn_index',
    'conversation_message.prompt_hash',
    'bulk_change.request_hash',
    'idempotency_key.request_hash',
    'import_key.key',
    'legacy_record.checksum',
    'mfa_recovery_code.code_hash',
    'session.refresh_hash',
    'user_account.email_index',
    'user_account.phone_index',
  ];

  it('has every binary column of the database that is not a hash', async () => {
    const columns = await db.rows<{ name: string }>(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND data_type = 'bytea'`,
    );
    const encrypted = ENCRYPTED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
    const others = columns.map(({ name }) => name).filter((name) => !HASHES.includes(name));
    expect(others.sort()).toEqual(encrypted.sort());
  });

  it('names the primary key of each table', async () => {
    for (const { table, key } of ENCRYPTED_COLUMNS) {
      const rows = await db.rows<{ name: string; type: string }>(
        `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type FROM pg_index i
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
         WHERE i.indisprimary AND i.indrelid = $1::regclass`,
        [table],
      );
      expect({ table, key: Object.fromEntries(rows.map(({ name, type }) => [name, type])) }).toEqual({ table, key });
    }
  });
});

describe('npm run keys:rotate', () => {
  it('encrypts all values with the first key, so that the old key can be removed (P-04)', async () => {
    const caller = await addAnswers(encryptionWith(first), 1_203);
    const bySecret = await addAnswers(encryptionWith(), 2);
    const { code, lines } = await runCommand(second, first);
    expect(code).toBe(0);
    expect(lines).toContain('idempotency_key.response: 1205 rotated, 0 changed meanwhile, 0 unreadable');
    expect((await readAnswers(encryptionWith(second), caller)).size).toBe(1_203);
    expect(await readAnswers(encryptionWith(second), bySecret)).toEqual(
      new Set(['answer to key-0', 'answer to key-1']),
    );
    await expect(readAnswers(encryptionWith(first), caller)).rejects.toThrow(DecryptionError);
  });

  it('changes nothing when it runs again, and continues what was interrupted', async () => {
    await addAnswers(encryptionWith(second), 700);
    await addAnswers(encryptionWith(first), 3);
    const { lines } = await runCommand(second, first);
    expect(lines).toContain('idempotency_key.response: 3 rotated, 0 changed meanwhile, 0 unreadable');
    const again = await runCommand(second, first);
    expect(again.lines).toContain('idempotency_key.response: 0 rotated, 0 changed meanwhile, 0 unreadable');
  });

  it('reports values that no key can read, rotates the others, and exits with 1', async () => {
    await addAnswers(encryptionWith(newKey('lost')), 2);
    const caller = await addAnswers(encryptionWith(first), 2);
    const { code, lines } = await runCommand(second, first);
    expect(code).toBe(1);
    expect(lines).toContain('idempotency_key.response: 2 rotated, 0 changed meanwhile, 2 unreadable');
    expect((await readAnswers(encryptionWith(second), caller)).size).toBe(2);
  });

  it('waits for no other transaction, and does not overwrite what that one changes', async () => {
    const caller = await addAnswers(encryptionWith(first), 2);
    const encryption = encryptionWith(second, first);
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    try {
      await other.query('BEGIN');
      const changed = encryptionWith(first).encrypt(STORED_ANSWER, 'changed', caller, ROUTE, 'key-1');
      const change = `UPDATE idempotency_key SET response = $1 WHERE caller = $2 AND key = 'key-1'`;
      await other.query(change, [changed, caller]);
      const rotation = rotateColumn(db, encryption, STORED_ANSWER);
      // The other row is rotated while this one is locked.
      await eventually(async () =>
        expect(await readAnswers(encryptionWith(second), caller, 'key-0')).toEqual(new Set(['answer to key-0'])),
      );
      await other.query('COMMIT');
      expect(await rotation).toMatchObject({ rotated: 2, skipped: 0, unreadable: 0 });
    } finally {
      await other.end();
    }
    expect(await readAnswers(encryptionWith(second), caller)).toEqual(new Set(['answer to key-0', 'changed']));
  });

  it('ends with other errors than those of values that no key decrypts', async () => {
    await addAnswers(encryptionWith(first), 1);
    const toAssociatedData = (): string => {
      throw new TypeError('a bug');
    };
    const broken = { ...STORED_ANSWER, toAssociatedData };
    await expect(rotateColumn(db, encryptionWith(second, first), broken)).rejects.toThrow(TypeError);
  });

  it('can run twice at the same time', async () => {
    const caller = await addAnswers(encryptionWith(first), 1_203);
    const encryption = encryptionWith(second, first);
    const results = await Promise.all([1, 2, 3].map(() => rotateColumn(db, encryption, STORED_ANSWER)));
    expect(results.reduce((sum, { rotated }) => sum + rotated, 0)).toBe(1_203);
    expect(results.map(({ skipped, unreadable }) => [skipped, unreadable])).toEqual(results.map(() => [0, 0]));
    expect((await readAnswers(encryptionWith(second), caller)).size).toBe(1_203);
  });

  it('also reports damaged values that seem to be encrypted with the first key', async () => {
    const caller = await addAnswers(encryptionWith(first), 3);
    await db.rows(`UPDATE idempotency_key SET response = substr(response, 1, 30) WHERE caller = $1 AND key = 'key-1'`, [
      caller,
    ]);
    // The same id for another key.
    const reused = encryptionWith({ ...second, id: first.id });
    expect(await rotateColumn(db, encryptionWith(first), STORED_ANSWER)).toMatchObject({ rotated: 0, unreadable: 1 });
    expect(await rotateColumn(db, reused, STORED_ANSWER)).toMatchObject({ rotated: 0, unreadable: 3 });
  });
});

describe('encrypted fields', () => {
  it('cannot be copied to another row or column', () => {
    const encryption = encryptionWith(first);
    const [one, other] = [newId(), newId()];
    const [assessments, messages] = ENCRYPTED_COLUMNS.filter(({ column }) => column === 'sealed') as [
      EncryptedColumn,
      EncryptedColumn,
    ];
    const encrypted = encryption.encrypt(assessments, 'text', one);
    expect(encryption.decrypt(assessments, encrypted, one)).toBe('text');
    expect(() => encryption.decrypt(assessments, encrypted, other)).toThrow(DecryptionError);
    expect(() => encryption.decrypt(messages, encrypted, one)).toThrow(DecryptionError);
  });
});

describe('blind indexes', () => {
  const withKeys = (...keys: { id: string; secret: string }[]): BlindIndex =>
    new BlindIndex(db, encryptionWith(...keys));

  it('are the same for equal values in all processes, also if these start together', async () => {
    const indexes = await Promise.all(
      Array.from({ length: 8 }, () =>
        withKeys(first)
          .compute('email', 'a@x.test')
          .then((index) => index.toString('hex')),
      ),
    );
    expect(new Set(indexes).size).toBe(1);
    expect(indexes[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('are those of the stored key, also if the first one is computed in a transaction that is rolled back', async () => {
    const index = withKeys(first);
    let inTransaction: Buffer | null = null;
    const failing = db.transaction(async () => {
      inTransaction = await index.compute('email', 'a@x.test');
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await withKeys(first).compute('email', 'a@x.test')).toEqual(inTransaction);
    expect(await index.compute('email', 'a@x.test')).toEqual(inTransaction);
  });

  it('prevent the start of a process that lacks their key', async () => {
    await withKeys(first).onModuleInit();
    await withKeys(second, first).onModuleInit();
    await expect(withKeys(second).onModuleInit()).rejects.toThrow(
      'give no key that decrypts the data of this database',
    );
  });

  it('differ by field and value', async () => {
    const index = withKeys(first);
    const [email, phone, other] = await Promise.all([
      index.compute('email', '1'),
      index.compute('phone', '1'),
      index.compute('email', '2'),
    ]);
    expect(new Set([email, phone, other].map((bytes) => bytes.toString('hex'))).size).toBe(3);
  });

  it('stay the same when the keys are rotated', async () => {
    const before = await withKeys(first).compute('mrn', '1');
    const { lines } = await runCommand(second, first);
    expect(lines).toContain('wrapped_key.wrapped: 1 rotated, 0 changed meanwhile, 0 unreadable');
    expect(await withKeys(second).compute('mrn', '1')).toEqual(before);
    await expect(withKeys(first).compute('mrn', '1')).rejects.toThrow(DecryptionError);
  });
});

describe('the audit log', () => {
  it('has hashes of records with the stored key, so that nobody can guess a record from its hash', async () => {
    const record = { dateOfBirth: '1988-04-02' };
    const objectId = newId();
    const change = { action: 'client.updated', objectType: 'client', objectId, event: null };
    const log = (...keys: { id: string; secret: string }[]): ChangeLog =>
      new ChangeLog(db, new OutboxSignal(), new RecordHash(db, encryptionWith(...keys)), new PatientClinics());
    const [before, after] = [log(first), log(second, first)];
    await db.transaction(() => before.record({ ...change, after: record }));
    await db.transaction(() => after.record({ ...change, before: record }));
    const rows = await db.rows<{ hash: Buffer }>(
      'SELECT coalesce(before_hash, after_hash) AS hash FROM audit_log WHERE object_id = $1',
      [objectId],
    );
    const [one, other] = rows.map(({ hash }) => hash.toString('hex'));
    expect(one).toBe(other);
    expect(one).toHaveLength(64);
    expect(one).not.toBe(createHash('sha256').update(JSON.stringify(record)).digest('hex'));
  });
});
