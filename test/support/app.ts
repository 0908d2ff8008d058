import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { JwtService } from '@nestjs/jwt';
import type { NestExpressApplication } from '@nestjs/platform-express';
import pg from 'pg';
import { createApp } from '../../src/app.js';
import { loadConfig, type Config } from '../../src/core/config/config.js';
import type { Clock } from '../../src/core/kernel/clock.js';
import { newId } from '../../src/core/kernel/id.js';
import type { Actor } from '../../src/core/kernel/actor.js';
import { toClaims } from '../../src/core/security/tokens.js';
import { AccountContacts } from '../../src/modules/users/index.js';
import { TEST_SECRETS } from '../../tools/test-secrets.js';
import { Contract } from './contract.js';
import { OVERLAPPING_RESERVATIONS } from './overlaps.js';

const quiet = (): void => undefined;
/** Time for requests in progress when the application closes. */
const CLOSE_WITHIN_MILLISECONDS = 3_000;

/** Every response that a test receives is checked against the OpenAPI document. */
const contract = Contract.fromFile();

export interface Answer<T = any> {
  status: number;
  headers: Headers;
  body: any;
  data: T;
  code: string | undefined;
}

export interface CallOptions {
  token?: string;
  body?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
}

/** A patient with an account, a record and a session. */
export interface TestPatient {
  clientId: string;
  userId: string;
  token: string;
}

/** The whole application with its own database, over real HTTP. */
export class TestApp {
  private serves = true;
  /** Whether `call` checks responses against the OpenAPI document. Off in a test that writes values that no column normally has. */
  checksAnswers = true;

  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    readonly db: pg.Pool,
    private readonly databaseName: string,
    /** The variables that another process needs to use the same database. */
    readonly environment: Record<string, string>,
  ) {}

  /**
   * @param env variables, or a function that returns them for the new database
   * @param prepare is called before the application starts
   */
  static async start(
    env: Record<string, string> | ((databaseUrl: string) => Record<string, string>) = {},
    prepare?: (app: NestExpressApplication) => void,
    clock?: Clock,
  ): Promise<TestApp> {
    const { name, url: databaseUrl } = await createDatabase(process.env.TEMPLATE_DATABASE);
    const config = loadConfig({
      ...testEnvironment(databaseUrl),
      ...(typeof env === 'function' ? env(databaseUrl) : env),
    });
    const app = await createConnected(config, clock);
    prepare?.(app);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
    // The database is dropped while the last connections are still closing.
    pool.on('error', quiet);
    return new TestApp(app, `http://127.0.0.1:${port}`, pool, name, testEnvironment(databaseUrl));
  }

  async call<T = any>(
    method: string,
    path: string,
    { token, body, form, headers = {} }: CallOptions = {},
  ): Promise<Answer<T>> {
    const url = path.startsWith('http') ? path : `${this.url}${path}`;
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(form && { body: form }),
    });
    const text = await response.text();
    const contentType = response.headers.get('content-type');
    const json = contentType?.includes('json') ? JSON.parse(text) : text;
    const exchange = { method, url, status: response.status, contentType, body: json };
    const problems = this.checksAnswers ? contract.problems(exchange) : [];
    if (problems.length > 0) throw new Error(`The response does not match openapi.json:\n${problems.join('\n')}`);
    return {
      status: response.status,
      headers: response.headers,
      body: json,
      data: json?.data,
      code: json?.error?.code,
    };
  }

  async login(email: string): Promise<string> {
    const answer = await this.call('POST', '/api/v1/auth/login', { body: { email, password: 'careslot-demo-1' } });
    if (answer.status !== 200) throw new Error(`sign-in of ${email} returned ${answer.status}`);
    return answer.data.accessToken as string;
  }

  /** Returns a token like that of a sign-in, without the time for hashing the password. */
  tokenFor(actor: Partial<Actor> & Pick<Actor, 'userId' | 'role'>, hasFactor = false): string {
    const full = { sessionId: newId(), clientId: null, doctorId: null, clinicIds: [], ...actor };
    return this.app.get(JwtService).sign(toClaims(full, hasFactor));
  }

  /** Creates new patients, each with a session and a token. Their e-mail addresses count as given to the front desk. */
  async patients(count: number): Promise<TestPatient[]> {
    const patients = Array.from({ length: count }, () => ({ userId: newId(), clientId: newId(), sessionId: newId() }));
    const ids = patients.map(({ userId }) => userId);
    const contacts = this.app.get(AccountContacts);
    const encrypted = await Promise.all(
      ids.map((id) => contacts.encrypt(id, { email: `${id}@patients.test`, phone: null })),
    );
    await this.db.query(
      `INSERT INTO user_account (id, email, email_index, role, first_name, last_name)
       SELECT u.*, 'CLIENT', 'Pat', 'Ient' FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS u`,
      [ids, encrypted.map(({ encryptedEmail }) => encryptedEmail), encrypted.map(({ emailIndex }) => emailIndex)],
    );
    await this.db.query(`INSERT INTO client (id, user_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])`, [
      patients.map(({ clientId }) => clientId),
      ids,
    ]);
    await this.db.query(
      `INSERT INTO session (id, user_id, refresh_hash, expires_at, absolute_expires_at)
       SELECT s.id, s.user_id, '', now() + interval '1 day', now() + interval '1 day'
       FROM unnest($1::uuid[], $2::uuid[]) AS s (id, user_id)`,
      [patients.map(({ sessionId }) => sessionId), ids],
    );
    return patients.map((patient) => {
      const { userId, clientId } = patient;
      return { userId, clientId, token: this.tokenFor({ ...patient, role: 'CLIENT' }) };
    });
  }

  async patient(): Promise<TestPatient> {
    const [patient] = await this.patients(1);
    return patient as TestPatient;
  }

  /** Counts pairs of overlapping reservations of one resource that belong to different groups. It must always be zero. */
  async overlaps(): Promise<number> {
    return (await this.db.query(OVERLAPPING_RESERVATIONS)).rows.length;
  }

  /** Stops serving, but keeps the database and the tokens, for tests with other server processes. */
  async stopServing(): Promise<void> {
    const server = this.app.getHttpServer();
    // Closes idle connections, which `fetch` may leave open: otherwise closing would wait for their time limit.
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MILLISECONDS);
    await this.app.close();
    clearTimeout(timer);
    this.serves = false;
  }

  async close(): Promise<void> {
    if (this.serves) await this.stopServing();
    await this.db.end();
    await dropDatabase(this.databaseName);
  }
}

const CONNECT_ATTEMPTS = 3;

/** An application connects within four seconds or not at all, which a busy machine may miss. */
async function createConnected(config: Config, clock?: Clock, attempt = 1): Promise<NestExpressApplication> {
  try {
    return await createApp(config, clock);
  } catch (error) {
    if (attempt === CONNECT_ATTEMPTS || !/connection timeout/.test(String(error))) throw error;
    return createConnected(config, clock, attempt + 1);
  }
}

const baseUrl = (): string => {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('Run the tests with: npm run jest');
  return url;
};

/** The variables that a process needs to start in production, in addition to the test environment. */
export const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: 'q8Zr1vKx0LmN4tYw7PbE2sHd9GjCfUaV',
  FIELD_ENCRYPTION_KEYS: TEST_SECRETS.FIELD_ENCRYPTION_KEYS,
  PUBLIC_URL: 'https://api.clinic.example',
  FRONTEND_WEB_URL: 'https://app.clinic.example',
} as const;

export function testEnvironment(databaseUrl: string): Record<string, string> {
  const redis = new URL(process.env.REDIS_URL ?? 'redis://localhost');
  // Each worker has its own Redis database, so that spec files do not share rate limits.
  redis.pathname = `/${process.env.JEST_WORKER_ID ?? '1'}`;
  return {
    NODE_ENV: 'test',
    PORT: '0',
    WORKER_PORT: '0',
    DATABASE_URL: databaseUrl,
    // So that a busy machine makes no request fail.
    DATABASE_TIMEOUT_SECONDS: '30',
    REDIS_URL: redis.href,
    ...TEST_SECRETS,
    LOG_LEVEL: 'silent',
    STORAGE_DIR: '.data/test-blobs',
    RATE_LIMIT_PER_MINUTE: '10000000',
    VISIT_CHANGES_PER_10_MINUTES: '10000000',
    API_KEY_REQUESTS_PER_MINUTE: '10000000',
  };
}

/** A database with the schema and no data: a copy, which takes less time than the migrations. */
export const createMigratedDatabase = (): Promise<{ name: string; url: string }> =>
  createDatabase(process.env.MIGRATED_DATABASE);

/** @param template the database to copy; without it the new database is empty. `TEMPLATE_DATABASE` has the schema and the demo data. */
export async function createDatabase(template?: string): Promise<{ name: string; url: string }> {
  const name = `careslot_test_${randomBytes(6).toString('hex')}`;
  await administer(`CREATE DATABASE ${name}${template ? ` TEMPLATE ${template} STRATEGY FILE_COPY` : ''}`);
  const url = new URL(baseUrl());
  url.pathname = `/${name}`;
  return { name, url: url.href };
}

export async function dropDatabase(name: string): Promise<void> {
  // PostgreSQL waits 5 s for closing connections. Ending them at once would cause errors in their clients.
  await administer(`DROP DATABASE IF EXISTS ${name}`).catch(() =>
    administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  );
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: baseUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
