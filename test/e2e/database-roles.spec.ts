import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate, revert } from '../../src/migrate.js';
import { createRoles } from '../../src/core/database/roles.js';
import { createDatabase, dropDatabase, PRODUCTION, TestApp, type Answer } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { inLongForm } from '../support/long-form.js';
import { ApiProcess, TestProcess } from '../support/processes.js';
import { findBookableService, type BookableService } from '../support/slots.js';

const suffix = randomBytes(4).toString('hex');
/** Contains characters that would break a URL if they were not escaped. */
const password = `a/b@c:d?e#f%${suffix}`;
const owner = { role: `owner_${suffix}`, password };
const serving = { role: `app_${suffix}`, password };

function toUrl(databaseUrl: string, { role }: { role: string }): string {
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = encodeURIComponent(password);
  return url.href;
}

async function refusal(db: pg.Client, statement: string): Promise<string | undefined> {
  return db.query(statement).then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );
}

const DENIED = '42501';

/** Created its database as a superuser, like an installation without roles. */
let app: TestApp;
let databaseUrl: string;
let api: ApiProcess;
let worker: TestProcess;
let token: string;
let video: BookableService;

beforeAll(async () => {
  app = await TestApp.start();
  databaseUrl = app.environment.DATABASE_URL as string;
  video = await findBookableService(app, 'Video visit');
  await app.stopServing();
  for (const _again of [1, 2]) await createRoles({ databaseUrl, owner, app: serving });
  expect(await migrate(toUrl(databaseUrl, owner), serving.role)).toEqual([]);
  const environment = { ...app.environment, ...PRODUCTION, LOG_LEVEL: 'warn' };
  const env = { ...environment, DATABASE_URL: toUrl(databaseUrl, serving), JOBS_SWEEP_SECONDS: '1' };
  [api, worker] = [await ApiProcess.start({ ...env, JOBS_IN_PROCESS: 'false' }), new TestProcess('src/worker.ts', env)];
});

afterAll(async () => {
  await Promise.all([api?.kill(), worker?.kill()]);
  await app?.db.query(`DROP OWNED BY ${serving.role}; REASSIGN OWNED BY ${owner.role} TO CURRENT_USER`);
  await app?.db.query(`DROP OWNED BY ${owner.role}; DROP ROLE ${owner.role}; DROP ROLE ${serving.role}`);
  await app?.close();
});

const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call(method, `${api.url}/api/v1${path}`, { token, headers, ...(body && { body }) });

describe('API and worker as the serving role', () => {
  it('can sign in, book with an Idempotency-Key, move and cancel an appointment, and notify the patient', async () => {
    const login = await app.call('POST', `${api.url}/api/v1/auth/login`, {
      body: { email: 'patient@careslot.test', password: 'careslot-demo-1' },
    });
    expect(login.status).toBe(200);
    token = login.data.accessToken;
    const { serviceId, doctorId, slots } = video;
    const request = { serviceId, doctorId, startDateTime: slots[0] };
    const booked = await call('POST', '/appointments', request, { 'idempotency-key': `roles-${suffix}` });
    expect(booked.status).toBe(201);
    const { id } = booked.data;
    const again = await call('POST', '/appointments', request, { 'idempotency-key': `roles-${suffix}` });
    expect([again.status, again.data.id]).toEqual([201, id]);
    expect((await call('POST', '/appointments', request)).code).toBe('APPOINTMENT_CONFLICT');
    expect((await call('PUT', `/appointments/${id}`, { startDateTime: slots[6] })).status).toBe(200);
    expect((await call('DELETE', `/appointments/${id}`)).data.status).toBe('CANCELLED');
    await eventually(async () => {
      const { rows } = await app.db.query(
        `SELECT FROM notification WHERE appointment_id = $1 AND channel = 'IN_APP' AND state = 'SENT'`,
        [id],
      );
      expect(rows.length).toBeGreaterThan(0);
    });
    const { rows } = await app.db.query(
      `SELECT action, (SELECT bool_and(published_at IS NOT NULL) FROM outbox WHERE aggregate_id = $1) AS published
       FROM audit_log WHERE object_id = $1 ORDER BY id`,
      [id],
    );
    expect(rows).toEqual(
      ['booked', 'rescheduled', 'cancelled'].map((action) => ({ action: `appointment.${action}`, published: true })),
    );
    expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
  });

  inLongForm(it)(
    'log no warning about their rights, unlike processes that run as the owner of the database',
    async () => {
      expect(api.log).not.toMatch(/the database role may change/);
      expect(api.log).not.toMatch(/permission denied|42501/);
      expect(worker.log).not.toMatch(/permission denied|42501/);
      const asOwner = await ApiProcess.start({
        ...app.environment,
        ...PRODUCTION,
        LOG_LEVEL: 'warn',
        DATABASE_URL: toUrl(databaseUrl, owner),
      });
      await asOwner.stop();
      expect(asOwner.log).toMatch(/the database role may change the schema or the audit log/);
    },
  );
});

describe('the serving role', () => {
  it('cannot change the schema, the audit log, the migrations or its own rights (C-05, P-06)', async () => {
    await app.db.query(
      `INSERT INTO audit_log (id, action, object_type, object_id) VALUES (uuid7(), 'test.done', 'test', uuid7())`,
    );
    const db = new pg.Client({ connectionString: toUrl(databaseUrl, serving) });
    await db.connect();
    try {
      const statements = [
        'CREATE TABLE stolen (id int)',
        'CREATE SCHEMA stolen',
        'CREATE TEMP TABLE stolen (id int)',
        'ALTER TABLE appointment ADD COLUMN stolen int',
        'DROP TABLE audit_log',
        'CREATE INDEX stolen ON appointment (id)',
        'CREATE FUNCTION stolen() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
        'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
        'ALTER TABLE audit_log DISABLE TRIGGER ALL',
        'ALTER TABLE audit_log DETACH PARTITION partitions.audit_log_first',
        'SELECT FROM partitions.audit_log_first',
        'DELETE FROM partitions.audit_log_default',
        'CREATE TABLE partitions.other (id int)',
        'DROP TRIGGER audit_log_append_only ON audit_log',
        `UPDATE audit_log SET actor_role = 'ADMIN'`,
        'DELETE FROM audit_log',
        'TRUNCATE audit_log',
        'UPDATE audit_link SET position = 1',
        'DELETE FROM audit_link',
        'TRUNCATE audit_link',
        'TRUNCATE appointment CASCADE',
        `INSERT INTO migration (timestamp, name) VALUES (1, 'stolen')`,
        'DELETE FROM migration',
        'DELETE FROM migration_mark',
        `CREATE ROLE stolen_${suffix}`,
        `GRANT ${owner.role} TO ${serving.role}`,
        `SET ROLE ${owner.role}`,
        `COPY audit_log TO PROGRAM 'cat'`,
      ];
      const refused: Record<string, string | undefined> = {};
      for (const statement of statements) refused[statement] = await refusal(db, statement);
      expect(refused).toEqual(Object.fromEntries(statements.map((statement) => [statement, DENIED])));
      expect((await db.query('SELECT count(*)::int AS n FROM audit_log')).rows[0].n).toBeGreaterThan(0);
    } finally {
      await db.end();
    }
  });

  it('is rejected if it has the rights of an administrator', async () => {
    await app.db.query(`ALTER ROLE ${serving.role} CREATEDB`);
    await expect(createRoles({ databaseUrl, owner, app: serving })).rejects.toThrow(/is an administrator/);
    await app.db.query(`ALTER ROLE ${serving.role} NOCREATEDB`);
  });
});

describe('a new database', () => {
  it('is migrated by the owner, and the serving role gets its rights on the tables of later migrations (C-05)', async () => {
    const fresh = await createDatabase();
    try {
      await createRoles({ databaseUrl: fresh.url, owner, app: serving });
      expect((await migrate(toUrl(fresh.url, owner), serving.role)).length).toBeGreaterThan(5);
      await revert(toUrl(fresh.url, owner), 1);
      await migrate(toUrl(fresh.url, owner), serving.role);
      const db = new pg.Client({ connectionString: toUrl(fresh.url, serving) });
      await db.connect();
      const { rows } = await db.query<{ table: string; rights: string }>(
        `SELECT c.relname AS table, concat_ws(',', CASE WHEN has_table_privilege(c.oid, 'INSERT') THEN 'I' END,
           CASE WHEN has_table_privilege(c.oid, 'UPDATE') THEN 'U' END, CASE WHEN has_table_privilege(c.oid, 'DELETE') THEN 'D' END,
           CASE WHEN has_table_privilege(c.oid, 'SELECT') THEN 'S' END) AS rights
         FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
      );
      await db.end();
      const unusual = rows.filter(({ rights }) => rights !== 'I,U,D,S');
      expect(Object.fromEntries(unusual.map(({ table, rights }) => [table, rights]))).toEqual({
        audit_link: 'I,S',
        audit_log: 'I,S',
        consent: 'I,S',
        ledger_entry: 'I,S',
        migration: 'S',
        migration_mark: 'S',
      });
    } finally {
      await dropDatabase(fresh.name);
    }
  });
});
