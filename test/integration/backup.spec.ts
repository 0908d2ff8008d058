import { cp, mkdir, open, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import pg from 'pg';
import { createApp } from '../../src/app.js';
import { findBackup, listBackups, deleteOlder } from '../../src/backup/backup-folder.js';
import { writeBackupMetrics } from '../../src/backup/backup-metrics.js';
import { findTool } from '../../src/backup/client-tools.js';
import { assertSpace, createBackup } from '../../src/backup/create-backup.js';
import { restoreBackup, type RestoreReport } from '../../src/backup/restore-backup.js';
import { saveErasures } from '../../src/backup/saved-erasures.js';
import { readKeys, saveKeys } from '../../src/backup/saved-keys.js';
import { withConnection } from '../../src/backup/snapshot.js';
import { FILES_OF_ROWS } from '../../src/backup/stored-files.js';
import { verifyBackup } from '../../src/backup/verify-backup.js';
import { createRoles } from '../../src/core/database/roles.js';
import { loadBackupConfig } from '../../src/core/config/backup-config.js';
import { loadConfig } from '../../src/core/config/config.js';
import { readErasureList } from '../../src/erasure-list.js';
import { revert } from '../../src/migrate.js';
import { AuditLinkerService } from '../../src/modules/audit/audit-linker.service.js';
import { createDatabase, TestApp, testEnvironment, type Answer } from '../support/app.js';
import { BackupServer } from '../support/backup-server.js';
import { differences, readSchemaObjects } from '../support/schema-objects.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { jpeg } from '../support/pictures.js';
import { download, upload } from '../support/uploads.js';

const ROLES = {
  owner: { role: 'careslot_owner', password: 'owner/of@the:tables' },
  app: { role: 'careslot_app', password: 'reads-and-writes-rows' },
};
const READER = { role: 'careslot_backup', password: 'reads?all#rows' };

const PASSWORD = 'window-lantern-Orchard-58';
/** How many migrations an older build lacks. */
const NEWEST = 1;

interface Person {
  userId: string;
  clientId: string;
  token: string;
  email: string;
}

let server: BackupServer;
let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let backups: string;
let backup: string;
let created: Awaited<ReturnType<typeof createBackup>>;
let kept: Person;
let erased: Person;
let visit: { key: string; body: object; answer: Answer };
let picture: Buffer;
let changes = 0;

async function register(email: string): Promise<Person> {
  const body = { email, password: PASSWORD, firstName: 'Amina', lastName: 'Khalil' };
  const { user, accessToken: token } = (await app.call('POST', '/api/v1/auth/register', { body })).data;
  return { email, userId: user.id, clientId: user.clientId, token };
}

const book = (token: string, body: object, key: string): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', { token, body, headers: { 'idempotency-key': key } });

const databaseUrl = (): string => app.environment.DATABASE_URL as string;

function asRole(databaseUrl: string, { role, password }: { role: string; password: string }): string {
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = encodeURIComponent(password);
  return url.href;
}

/** Changes rows until the backup is done. */
async function changeUntil(done: Promise<unknown>): Promise<void> {
  let isDone = false;
  const end = done.finally(() => (isDone = true));
  while (!isDone) await app.patient().then(() => (changes += 1));
  await end;
}

beforeAll(async () => {
  server = await BackupServer.start();
  app = await TestApp.start({ STORAGE_DIR: join(server.folder, 'files'), JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app);
  serviceId = await aService(app, clinic);
  kept = await register('amina.kept@example.org');
  erased = await register('bassam.erased@example.org');
  const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(9) };
  visit = { key: 'visit-before-the-backup', body, answer: await book(kept.token, body, 'visit-before-the-backup') };
  expect(visit.answer.status).toBe(201);
  for (const { token } of [kept, erased]) {
    const { status, data } = await upload(app, { token, bytes: await jpeg(), name: 'scan.jpg' });
    expect(status).toBe(201);
    if (token === kept.token) {
      const files = await app.db.query<{ id: string }>('SELECT id FROM scan WHERE id = $1', [data.id]);
      picture = await readFile(join(server.folder, `files/scans/${files.rows[0]?.id}/served`));
    }
  }
  backups = join(server.folder, 'backups');
  await app.app.get(AuditLinkerService).linkAll();
  await app.db.query(`CREATE ROLE ${READER.role} LOGIN PASSWORD '${READER.password}' IN ROLE pg_read_all_data`);
  const backingUp = createBackup(server.config(asRole(databaseUrl(), READER), 'files'), backups);
  await changeUntil(backingUp);
  created = await backingUp;
  backup = created.path;
  // After the backup, which has this person.
  const erasedAt = new Date();
  await app.db.query('INSERT INTO erasure (user_id, erased_at) VALUES ($1, $2)', [erased.userId, erasedAt]);
  await withConnection(databaseUrl(), (db) => saveErasures(db, backups));
  await app.stopServing();
});

afterAll(async () => {
  await app?.db.end();
  await server?.stop();
});

const erasures = () => readErasureList(join(backups, 'erasures.txt'));

describe('a restored backup', () => {
  let url: string;
  let db: pg.Pool;
  let report: RestoreReport;

  beforeAll(async () => {
    ({ url } = await createDatabase());
    await createRoles({ databaseUrl: url, ...ROLES });
    url = asRole(url, ROLES.owner);
    const options = { backup, force: false, endSessions: false, erasures: await erasures() };
    const started = performance.now();
    report = await restoreBackup(server.config(url, 'restored-files'), options);
    const { takenAt, tables } = report.contents;
    process.stderr.write(
      `backup of ${takenAt}: ${Object.keys(tables).length} tables; RPO: ${changes} changes during the backup are in ` +
        `the next one; RTO ${((performance.now() - started) / 1_000).toFixed(1)} s\n`,
    );
    db = new pg.Pool({ connectionString: url, max: 2 });
    db.on('error', () => undefined);
  });
  afterAll(() => db?.end());

  it('has the rows of one moment, although rows changed while it was made', async () => {
    expect(changes).toBeGreaterThan(0);
    // `restoreBackup` has compared counts and hashes of all tables; each patient has an account in the same state.
    const { rows } = await db.query(
      'SELECT count(*)::int AS n FROM client c LEFT JOIN user_account u ON u.id = c.user_id WHERE u.id IS NULL',
    );
    expect(rows).toEqual([{ n: 0 }]);
    expect(Number(report.contents.tables.client?.rows)).toBeGreaterThanOrEqual(2);
    expect(report.contents.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  });

  it('has every table, constraint, index and trigger', async () => {
    const objects = await readSchemaObjects(db);
    expect(differences(objects, await readSchemaObjects(app.db))).toEqual([]);
    expect([...objects.values()].filter((definition) => definition.includes('EXCLUDE USING gist'))).not.toEqual([]);
  });

  it('belongs to the owner, and gives the serving role its rights', async () => {
    const serving = new pg.Client({ connectionString: asRole(url, ROLES.app) });
    await serving.connect();
    try {
      await serving.query('UPDATE user_account SET first_name = first_name');
      await expect(serving.query('DELETE FROM audit_log')).rejects.toMatchObject({ code: '42501' });
      await expect(serving.query('DROP TABLE client')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await serving.end();
    }
  });

  it('has an intact audit log, and keys that decrypt it', () => {
    expect(report.audit).toMatchObject({ brokenChains: 0 });
    expect(report.audit.linkedRows).toBeGreaterThan(0);
    expect(report.keys).toBeGreaterThan(0);
    expect(report.migrations).toEqual([]);
  });

  it('has no data and files of a person who was erased after it was made', async () => {
    expect(report.erasures).toBe(1);
    expect(report.files.erased).toBeGreaterThan(0);
    const { rows } = await db.query(`SELECT first_name AS name, email FROM user_account WHERE id = $1`, [
      erased.userId,
    ]);
    expect(rows).toEqual([{ name: 'Erased', email: null }]);
    const { rows: scans } = await db.query<{ id: string; clientId: string }>(
      'SELECT id, client_id AS "clientId" FROM scan',
    );
    const folders = await readdir(join(server.folder, 'restored-files/scans'));
    expect(folders).toEqual(scans.filter(({ clientId }) => clientId === kept.clientId).map(({ id }) => id));
  });

  it('is served with sessions, encrypted fields, files and idempotency as before', async () => {
    const env = {
      ...testEnvironment(url),
      STORAGE_DIR: join(server.folder, 'restored-files'),
      JOBS_IN_PROCESS: 'false',
    };
    const restored = await createApp(loadConfig(env));
    await restored.listen(0, '127.0.0.1');
    try {
      const base = (await restored.getUrl()).replace('[::1]', '127.0.0.1');
      const headers = { authorization: `Bearer ${kept.token}`, 'content-type': 'application/json' };
      const get = async (path: string): Promise<any> =>
        await (await fetch(`${base}/api/v1/${path}`, { headers })).json();
      expect((await get(`users/${kept.userId}`)).data).toMatchObject({ email: kept.email, firstName: 'Amina' });
      const bookAgain = (key: string): Promise<Response> =>
        fetch(`${base}/api/v1/appointments`, {
          method: 'POST',
          headers: { ...headers, 'idempotency-key': key },
          body: JSON.stringify(visit.body),
        });
      const again = await bookAgain(visit.key);
      expect(again.status).toBe(201);
      // The time is taken: by the same patient, and by the constraint.
      expect((await bookAgain('after-the-restore')).status).toBe(409);
      expect(((await again.json()) as any).data.id).toBe(visit.answer.data.id);
      const [scan] = (await get('scans')).data;
      const { bytes } = await download(`${base}/api/v1/scans/${scan.id}/file`, headers);
      expect(bytes.equals(picture)).toBe(true);
    } finally {
      await restored.close();
    }
  });

  it('is not written over by another restore without --force', async () => {
    const options = { backup, force: false, endSessions: false, erasures: [] };
    await expect(restoreBackup(server.config(url, 'restored-files'), options)).rejects.toThrow(/not empty.*--force/);
  });

  it('is not replaced while other connections use the database', async () => {
    const client = await db.connect();
    try {
      const options = { backup, force: true, endSessions: false, erasures: [] };
      await expect(restoreBackup(server.config(url, 'restored-files'), options)).rejects.toThrow(/Stop the API/);
    } finally {
      client.release();
    }
  });
});

describe('a damaged backup', () => {
  const damaged = async (name: string, damage: (folder: string) => Promise<void>): Promise<string> => {
    const copy = join(server.folder, 'damaged', name);
    await cp(backup, copy, { recursive: true });
    await damage(copy);
    return copy;
  };

  it('is refused if a byte was changed', async () => {
    const copy = await damaged('byte', async (folder) => {
      const file = await open(join(folder, 'database.dump.age'), 'r+');
      const { size } = await file.stat();
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, size >> 1);
      await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, size >> 1);
      await file.close();
    });
    await expect(verifyBackup(copy, null)).rejects.toThrow(/database.dump.age has been changed/);
  });

  it('is refused if a part was truncated or is missing', async () => {
    const short = await damaged('short', async (folder) => {
      const file = join(folder, 'files.tar.age');
      await truncate(file, (await stat(file)).size - 1);
    });
    await expect(verifyBackup(short, null)).rejects.toThrow(/files.tar.age has \d+ bytes, but was written with/);
    const missing = await damaged('missing', (folder) => rm(join(folder, 'contents.json.age')));
    await expect(verifyBackup(missing, null)).rejects.toThrow(/contents.json.age is missing/);
  });

  it('cannot be read with another key, and leaves the database as it was', async () => {
    const identity = await generateIdentity();
    const { url } = await createDatabase();
    const options = { backup, force: false, endSessions: false, erasures: [] };
    const config = server.config(url, 'other', { BACKUP_IDENTITY: identity });
    await expect(restoreBackup(config, options)).rejects.toThrow(/cannot be decrypted: BACKUP_IDENTITY/);
    const tables = await withConnection(url, (db) => db.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`));
    expect(tables.rowCount).toBe(0);
  });
});

describe('backups', () => {
  it('can be read in full without a restore, and checked without the private key', async () => {
    expect(await verifyBackup(backup, null)).toBeNull();
    const contents = await verifyBackup(await findBackup(backups), server.identity);
    expect(contents?.files.count).toBeGreaterThanOrEqual(2);
    expect(contents?.files).toMatchObject({ missing: [], damaged: [] });
  });

  it('contain nothing in plain text', async () => {
    for (const name of await readdir(backup)) {
      const bytes = await readFile(join(backup, name));
      for (const text of ['PGDMP', 'user_account', 'Khalil', 'scans/']) expect(bytes.includes(text)).toBe(false);
    }
  });

  it('that were interrupted are not taken for complete ones, and are deleted after a day', async () => {
    const folder = join(server.folder, 'interrupted');
    const unfinished = join(folder, '.unfinished-careslot-20260101T000000Z');
    await mkdir(unfinished, { recursive: true });
    await expect(findBackup(folder)).rejects.toThrow(/no complete backup/);
    await utimes(unfinished, 0, 0);
    const config = server.config(databaseUrl(), 'files');
    // Fails in the middle; the long form has a full disk.
    await expect(createBackup({ ...config, BACKUP_RECIPIENTS: ['age1wrong'] }, folder)).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });

  it('leave their time, size and duration in a file that every user may read and that is never half written', async () => {
    const folder = join(server.folder, 'textfile');
    await mkdir(folder);
    const file = join(folder, 'careslot-backup.prom');
    const { takenAt } = created.contents;
    const umask = process.umask(0o077);
    try {
      await writeFile(file, 'careslot_backup_last_success_timestamp_seconds 1\n');
      await writeBackupMetrics(file, { takenAt, bytes: created.bytes, seconds: 2.5, damagedFiles: 0 });
    } finally {
      process.umask(umask);
    }
    const samples = (await readFile(file, 'utf8')).split('\n').filter((line) => /^\w/.test(line));
    const parts = ['database.dump.age', 'files.tar.age', 'contents.json.age'];
    const sizes = await Promise.all(parts.map(async (part) => (await stat(join(backup, part))).size));
    expect(Object.fromEntries(samples.map((line) => line.split(' ')))).toEqual({
      careslot_backup_last_success_timestamp_seconds: String(Date.parse(takenAt) / 1_000),
      careslot_backup_size_bytes: String(sizes.reduce((sum, bytes) => sum + bytes, 0)),
      careslot_backup_duration_seconds: '2.5',
      careslot_backup_damaged_files: '0',
    });
    expect((await stat(file)).mode & 0o777).toBe(0o644);
    expect(await readdir(folder)).toEqual(['careslot-backup.prom']);
    expect(() => server.config(databaseUrl(), 'files', { BACKUP_METRICS_PATH: 'backup.txt' })).toThrow(
      /BACKUP_METRICS_PATH: must be an absolute path that ends with .prom/,
    );
  });

  it('are kept up to a number', async () => {
    const folder = join(server.folder, 'kept');
    for (const day of ['01', '02', '03'])
      await cp(backup, join(folder, `careslot-202601${day}T000000Z`), { recursive: true });
    await deleteOlder(folder, 2);
    expect((await listBackups(folder)).map((path) => path.slice(-16, -8))).toEqual(['20260103', '20260102']);
  });

  it('are refused if the disk has too little space, or if the database is not reachable or has no encryption', async () => {
    expect(() => assertSpace(10e6, 20e6, '/backups')).toThrow('Only 10 MB are free in /backups');
    const config = server.config(databaseUrl(), 'files');
    await expect(
      createBackup({ ...config, DATABASE_URL: 'postgres://x:secret@127.0.0.1:1/x' }, backups),
    ).rejects.toThrow(/^The database is not reachable: (?!.*secret)/);
    await expect(createBackup({ ...config, BACKUP_RECIPIENTS: undefined }, backups)).rejects.toThrow(
      /always encrypted/,
    );
  });

  it('need the client tools of the server’s version, and name their package', async () => {
    await expect(findTool('pg_dump', 99)).rejects.toThrow(/Install the package postgresql-client-99/);
  });

  it('of an older build are migrated, and those of a newer one are refused', async () => {
    const { url: older } = await createDatabase('careslot');
    await revert(older, NEWEST);
    const folder = join(server.folder, 'older');
    const { path } = await createBackup(server.config(older, 'none'), folder);
    const { url } = await createDatabase();
    const options = { backup: path, force: false, endSessions: true, erasures: [] };
    expect((await restoreBackup(server.config(url, 'none'), options)).migrations).toHaveLength(NEWEST);

    await withConnection(url, (db) => db.query(`INSERT INTO migration (timestamp, name) VALUES (9, 'FromTheFuture')`));
    const { path: newer } = await createBackup(server.config(url, 'none'), join(server.folder, 'newer'));
    await expect(restoreBackup(server.config(url, 'none'), { ...options, backup: newer, force: true })).rejects.toThrow(
      /newer build \(FromTheFuture\)/,
    );
  });

  it('have their keys in another folder, for other recipients', async () => {
    const identity = await generateIdentity();
    const recipient = await identityToRecipient(identity);
    const config = server.config(databaseUrl(), 'files', { BACKUP_KEYS_RECIPIENTS: recipient });
    await expect(saveKeys(config, join(backups, 'keys'), backups, new Date())).rejects.toThrow(/beside the backups/);
    const file = await saveKeys(config, join(server.folder, 'keys'), backups, new Date());
    expect(await readKeys(file, identity)).toContain(`JWT_SECRET=${testEnvironment('postgres://x/x').JWT_SECRET}\n`);
    await expect(readKeys(file, server.identity)).rejects.toThrow(/cannot be decrypted/);
    expect(() =>
      loadBackupConfig({
        ...testEnvironment(databaseUrl()),
        BACKUP_RECIPIENTS: recipient,
        BACKUP_KEYS_RECIPIENTS: recipient,
      }),
    ).toThrow(/BACKUP_KEYS_RECIPIENTS: must be other keys/);
  });

  it('have the files of every part of the store', async () => {
    const sources = (await readdir('src/modules', { recursive: true })).filter((name) => name.endsWith('.ts'));
    const prefixes: string[] = [];
    for (const name of sources) {
      const text = await readFile(join('src/modules', name), 'utf8');
      if (text.includes('BlobStore'))
        prefixes.push(...[...text.matchAll(/const PREFIX = '(\w+)'/g)].map(([, one]) => one as string));
    }
    expect(prefixes.length).toBeGreaterThan(1);
    for (const prefix of prefixes) expect(FILES_OF_ROWS).toContain(`'${prefix}/'`);
  });
});
