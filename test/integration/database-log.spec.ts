import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import pg from 'pg';
import { startPostgres, type RunningService } from '../../tools/services/postgres.js';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/core/config/config.js';
import { migrate } from '../../src/migrate.js';
import { testEnvironment } from '../support/app.js';

const EMAIL = 'amina.khalil.1987@example.org';

let folder: string;
let postgres: RunningService;
let app: NestExpressApplication;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-log-'));
  await chmod(folder, 0o755);
  // As an earlier version left it.
  await writeFile(join(folder, 'postgres.log'), '', { mode: 0o644 });
  postgres = await startPostgres({ dataDir: folder, ephemeral: true, log: () => undefined });
  await migrate(postgres.url);
  app = await createApp(loadConfig({ ...testEnvironment(postgres.url), JOBS_IN_PROCESS: 'false' }));
  await app.listen(0, '127.0.0.1');
  url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
});

afterAll(async () => {
  await app?.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

const log = (): Promise<string> => readFile(join(folder, 'postgres.log'), 'utf8');

test('the log of the embedded PostgreSQL is readable only by its owner', async () => {
  expect((await stat(join(folder, 'postgres.log'))).mode & 0o777).toBe(0o600);
});

test('concurrent registrations with one address write no error to PostgreSQL’s log', async () => {
  const register = (): Promise<Response> =>
    fetch(`${url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: EMAIL, password: 'window-lantern-Orchard-58', firstName: 'Amina', lastName: 'K' }),
    });
  const answers = await Promise.all([register(), register(), register()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  const { error } = (await answers.find(({ status }) => status === 409)!.json()) as { error: { code: string } };
  expect(error.code).toBe('EMAIL_TAKEN');
  expect(await log()).not.toMatch(/duplicate key|user_account_email_key/);
});

test('a duplicate that reaches PostgreSQL is logged without the address', async () => {
  const db = new pg.Client({ connectionString: postgres.url });
  await db.connect();
  const insert = db.query(
    `INSERT INTO user_account (id, email, email_index, role, first_name, last_name, password_hash)
     SELECT gen_random_uuid(), email, email_index, role, first_name, last_name, password_hash FROM user_account
     WHERE first_name = 'Amina'`,
  );
  await expect(insert).rejects.toMatchObject({ code: '23505' });
  await db.end();
  expect(await log()).toContain('duplicate key value violates unique constraint');
  expect(await log()).not.toContain('amina.khalil');
});
