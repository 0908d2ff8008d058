import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { loadEncryptionConfig } from '../../src/core/config/encryption-config.js';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import { USER_EMAIL } from '../../src/modules/users/index.js';
import { createMigratedDatabase, dropDatabase, PRODUCTION, testEnvironment } from '../support/app.js';
import { rounds } from '../support/long-form.js';
import { ApiProcess } from '../support/processes.js';
import { SmtpSink } from '../support/smtp-sink.js';

const PASSWORD = 'a-long-and-quiet-river';
const EMAIL = 'owner@clinic.test';
const SECOND = 'second@clinic.test';

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** The files of the image, from the build. */
let image: string;
let database: { name: string; url: string };
let db: pg.Pool;
let environment: Record<string, string>;

beforeAll(async () => {
  image = await mkdtemp(join(resolve('.data'), 'image-'));
  const dockerfile = await readFile('Dockerfile', 'utf8');
  for (const [, from = '', to = ''] of dockerfile.matchAll(/^COPY --from=build \/app\/(\S+) (\S+)$/gm)) {
    await cp(from, join(image, to.endsWith('/') ? join(to, basename(from)) : to), { recursive: true });
  }
  await symlink(resolve('node_modules'), join(image, 'node_modules'));
});

afterAll(() => rm(image, { recursive: true, force: true }));

beforeEach(async () => {
  database = await createMigratedDatabase();
  db = new pg.Pool({ connectionString: database.url, max: 2 });
  environment = { ...testEnvironment(database.url), ...PRODUCTION };
});

afterEach(async () => {
  await db.end();
  await dropDatabase(database.name);
});

/** Runs the command as in the image. */
async function createAdmin(args: string[], env: Record<string, string> = {}): Promise<Result> {
  const { PATH = '' } = process.env;
  const options = { cwd: image, env: { PATH, ...environment, ...env }, timeout: 60_000 };
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['dist/tools/create-admin.js', ...args],
      options,
    );
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Result;
    return { code, stdout, stderr };
  }
}

async function admins(): Promise<{ id: string; email: string | null; password_hash: string | null }[]> {
  const encryption = new FieldEncryption(loadEncryptionConfig(environment));
  const { rows } = await db.query<{ id: string; email: Buffer; password_hash: string | null }>(
    `SELECT id, email, password_hash FROM user_account WHERE role = 'ADMIN' ORDER BY created_at`,
  );
  return rows.map((row) => ({ ...row, email: encryption.decryptText(USER_EMAIL, row.email, row.id) }));
}

const countAdmins = async (): Promise<number | null> =>
  (await db.query(`SELECT FROM user_account WHERE role = 'ADMIN'`)).rowCount;

/** Needs `npm run build`. */
describe('the command that creates an administrator', () => {
  it('prints an invitation on an empty production database, is the actor in the audit log, and mails it if a worker runs (A-10)', async () => {
    expect((await db.query('SELECT FROM user_account')).rowCount).toBe(0);
    const { code, stdout } = await createAdmin(['--email', ` ${EMAIL.toUpperCase()}`]);
    expect(code).toBe(0);
    const url = /^https?:\S+\/links\/(\S+)$/m.exec(stdout);
    expect(url?.[0].startsWith(environment.PUBLIC_URL as string)).toBe(true);
    const [admin, ...others] = await admins();
    expect([admin, others]).toEqual([expect.objectContaining({ email: EMAIL, password_hash: null }), []]);
    const { rows } = await db.query(
      `SELECT actor_user_id, actor_role FROM audit_log WHERE action = 'user.created' AND object_id = $1`,
      [admin?.id],
    );
    expect(rows).toEqual([{ actor_user_id: null, actor_role: 'COMMAND' }]);

    const smtp = await new SmtpSink().start();
    const env = { SMTP_URL: smtp.url(), MAIL_FROM: 'CareSlot <mail@clinic.example>', JOBS_SWEEP_SECONDS: '1' };
    const api = await ApiProcess.start({ ...environment, ...env, JOBS_IN_PROCESS: 'true' });
    try {
      const post = async (path: string, body: object): Promise<Response> =>
        fetch(`${api.url}/api/v1/auth/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      for (const email of ['admin', 'admin@admin.test', 'admin@careslot.test']) {
        for (const password of ['admin', 'careslot-demo-1'])
          expect([400, 401]).toContain((await post('login', { email, password })).status);
      }
      const accepted = await post('invitations/accept', { token: url?.[1], password: PASSWORD });
      expect(accepted.status).toBe(200);
      const { data } = (await accepted.json()) as { data: { user: { role: string } } };
      expect(data.user.role).toBe('ADMIN');
      expect((await post('login', { email: EMAIL, password: PASSWORD })).status).toBe(200);
      expect((await post('invitations/accept', { token: url?.[1], password: PASSWORD })).status).toBe(400);

      const mailed = await createAdmin(['--email', SECOND, '--force'], env);
      expect([mailed.code, mailed.stdout]).toEqual([0, expect.stringContaining('was mailed')]);
      expect(mailed.stdout).not.toContain('/links/');
      expect(smtp.mails.filter(({ to }) => to.includes(SECOND))).toHaveLength(1);
    } finally {
      await api.stop();
      await smtp.close();
    }
  });

  it('refuses with exit code 1 if there is an administrator, unless it is forced', async () => {
    await db.query(
      `INSERT INTO user_account (id, role, first_name, last_name) VALUES (gen_random_uuid(), 'ADMIN', 'A', 'B')`,
    );
    const refused = await createAdmin(['--email', SECOND]);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--force') });
    expect(await countAdmins()).toBe(1);
    expect((await createAdmin(['--email', SECOND, '--force'])).code).toBe(0);
    const again = await createAdmin(['--email', SECOND, '--force']);
    expect([again.code, await countAdmins()]).toEqual([0, 2]);
  });

  it('creates one administrator if it runs twice at the same time', async () => {
    const results = await Promise.all(
      ['a@clinic.test', 'b@clinic.test'].map((email) => createAdmin(['--email', email])),
    );
    expect(results.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(await admins()).toHaveLength(1);
  });

  const WRONG = [[['--email', EMAIL, '--role', 'ADMIN']], [[]], [['--email', 'nobody']]];

  it.each(WRONG.slice(0, rounds(1, WRONG.length)))('explains its usage for %j', async (args) => {
    expect(await createAdmin(args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Usage:') });
    expect(await admins()).toEqual([]);
  });
});
