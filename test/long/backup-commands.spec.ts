import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { checkParts, listBackups } from '../../src/backup/backup-folder.js';
import { createBackup } from '../../src/backup/create-backup.js';
import { verifyBackup } from '../../src/backup/verify-backup.js';
import { withConnection } from '../../src/backup/snapshot.js';
import { loadEncryptionConfig } from '../../src/core/config/encryption-config.js';
import { seed } from '../../tools/seed.js';
import { builtPath } from '../../tools/test-build.js';
import { TEST_SECRETS } from '../../tools/test-secrets.js';
import { createDatabase, testEnvironment } from '../support/app.js';
import { BackupServer } from '../support/backup-server.js';

/** The commands of docs/backup.md as processes, a full disk, and the memory of a large backup. */

let server: BackupServer;
let url: string;
let environment: Record<string, string>;
/** The private key of the saved keys. */
let keysIdentity: string;

beforeAll(async () => {
  server = await BackupServer.start();
  ({ url } = await createDatabase('careslot'));
  await seed(url, () => undefined, loadEncryptionConfig({ NODE_ENV: 'test', ...TEST_SECRETS }));
  keysIdentity = await generateIdentity();
  const { PATH = '', HOME = '' } = process.env;
  environment = {
    ...{ PATH, HOME },
    ...testEnvironment(url),
    STORAGE_DIR: join(server.folder, 'files'),
    BACKUP_RECIPIENTS: server.recipient,
    BACKUP_IDENTITY: server.identity,
    BACKUP_KEYS_RECIPIENTS: await identityToRecipient(keysIdentity),
    BACKUP_METRICS_PATH: join(server.folder, 'careslot-backup.prom'),
    DATABASE_OWNER_PASSWORD: 'a-password-of-the-owner',
    DATABASE_APP_PASSWORD: 'a-password-of-the-api',
  };
});

afterAll(() => server?.stop());

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a line of the page with the built programs and folders of this test. */
function shell(line: string, env: Record<string, string> = {}): Promise<Result> {
  const command = line
    .replace(/\bdist\/(\S+)\.js/g, (_all, entry: string) => resolve(builtPath(`${entry}.ts`)))
    .replaceAll('/var/backups/careslot', join(server.folder, 'backups'))
    .replaceAll('/mnt/careslot-keys', join(server.folder, 'keys'));
  return new Promise((done) => {
    execFile('sh', ['-c', command], { env: { ...environment, ...env }, cwd: server.folder }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
  });
}

async function parseCommands(section: string): Promise<string[]> {
  const page = await readFile('docs/backup.md', 'utf8');
  const text = page.split(/^## /m).find((one) => one.startsWith(section)) ?? '';
  return [...text.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
}

test('every command of docs/backup.md works', async () => {
  const [makeKey = ''] = await parseCommands('Install');
  expect((await shell(makeKey)).stdout).toMatch(/^BACKUP_RECIPIENTS=age1\w+\nBACKUP_IDENTITY=AGE-SECRET-KEY-1\w+\n$/);

  const daily = await parseCommands('Every day');
  expect(daily).toHaveLength(3);
  for (const line of daily) expect(await shell(line)).toMatchObject({ code: 0, stderr: '' });
  const [newest = ''] = await listBackups(join(server.folder, 'backups'));
  const { createdAt } = await checkParts(newest);
  expect(await readFile(join(server.folder, 'careslot-backup.prom'), 'utf8')).toContain(
    `\ncareslot_backup_last_success_timestamp_seconds ${Date.parse(createdAt) / 1_000}\n`,
  );

  const [saveKeys = '', showKeys = ''] = await parseCommands('Keys');
  expect(await shell(saveKeys)).toMatchObject({ code: 0, stderr: '' });
  expect((await shell(showKeys, { BACKUP_IDENTITY: keysIdentity })).stdout).toContain('JWT_SECRET=');

  const [roles = '', restore = '', again = ''] = await parseCommands('Restore');
  const target = await createDatabase();
  const { DATABASE_OWNER_PASSWORD: ownerPassword = '' } = environment;
  expect(await shell(roles, { DATABASE_URL: target.url })).toMatchObject({ code: 0, stderr: '' });
  const owner = new URL(target.url);
  owner.username = 'careslot_owner';
  owner.password = ownerPassword;
  const started = performance.now();
  const restored = await shell(restore, { DATABASE_URL: owner.href, STORAGE_DIR: join(server.folder, 'restored') });
  process.stderr.write(
    `restore of the demo data: ${((performance.now() - started) / 1_000).toFixed(1)} s\n${restored.stdout}`,
  );
  expect(restored).toMatchObject({ code: 0, stderr: '' });
  expect(restored.stdout).toMatch(/all with the counts and hashes of the backup/);
  expect(await shell(restore, { DATABASE_URL: owner.href })).toMatchObject({ code: 2, stdout: '' });
  expect(await shell(again, { DATABASE_URL: owner.href })).toMatchObject({ code: 0, stderr: '' });
  expect(restored.stdout + restored.stderr).not.toContain(ownerPassword);
});

test('a full disk leaves no backup, and is named', async () => {
  const folder = join(server.folder, 'full');
  // The shell limits the size of a file to 16 KiB. Node ignores the signal and gets an error, as from a full disk.
  const { code, stderr } = await shell(`ulimit -f 16; node dist/src/backup.js --to ${folder}`);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^The disk of .* is full \(EFBIG\): the unfinished backup was deleted/),
  ]);
  expect(await readdir(folder)).toEqual([]);
});

test('the memory of a backup does not grow with its files', async () => {
  const { url: large } = await createDatabase('careslot');
  const [FILES, MEGABYTES] = [20, 20];
  const ids = await withConnection(large, async (db) => {
    // Only the columns that the backup reads matter; constraints of other tables are not in the way of a superuser's session.
    await db.query(`SET session_replication_role = 'replica'`);
    const { rows } = await db.query<{ id: string }>(
      `INSERT INTO scan (id, client_id, uploaded_by, format, original_bytes, original_sha256, total_bytes, renditions,
                         width, height, bit_depth, channels, frames, patient_mismatch)
       SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'PNG', 1, 'x', 1, '{"served": {}}', 1, 1, 8, 3, 1, 'NONE'
       FROM generate_series(1, ${FILES}) RETURNING id`,
    );
    return rows.map(({ id }) => id);
  });
  const content = randomBytes(MEGABYTES * 1e6);
  for (const id of ids) {
    await mkdir(join(server.folder, `large/scans/${id}`), { recursive: true });
    await writeFile(join(server.folder, `large/scans/${id}/served`), content);
  }
  const before = process.memoryUsage().rss;
  let highest = 0;
  const timer = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 100);
  const started = performance.now();
  const { path, contents } = await createBackup(server.config(large, 'large'), join(server.folder, 'large-backups'));
  await verifyBackup(path, server.identity);
  clearInterval(timer);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const growth = Math.round((highest - before) / 1e6);
  process.stderr.write(
    `backup and verification of ${FILES * MEGABYTES} MB of files: ${seconds} s, ${growth} MB more memory\n`,
  );
  expect(contents.files).toMatchObject({ count: FILES, bytes: FILES * MEGABYTES * 1e6, missing: [] });
  expect(growth).toBeLessThan((FILES * MEGABYTES) / 2);
});
