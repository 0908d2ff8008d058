import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../tools/services/children.js';
import { PRODUCTION, TestApp } from '../support/app.js';
import { eventually, within } from '../support/eventually.js';
import { inLongForm } from '../support/long-form.js';
import { ApiProcess, TestProcess } from '../support/processes.js';
import { findBookableService } from '../support/slots.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { findUserId } from '../support/encrypted.js';

const METRICS_TOKEN = 'hK3vQz8LrT1mXw5pNc7d';
const OPERATOR = { headers: { authorization: `Bearer ${METRICS_TOKEN}` } };

let app: TestApp;
/** Production mode, the default without NODE_ENV. */
let environment: Record<string, string>;
/** Those of one test, which are killed after it. */
let processes: TestProcess[] = [];
/** With the default settings, for all tests that leave it as it is. */
let sharedApi: ApiProcess;
let sharedWorker: { process: TestProcess; url: string };
let folder: string;

beforeAll(async () => {
  app = await TestApp.start({ JWT_SECRET: PRODUCTION.JWT_SECRET, JOBS_IN_PROCESS: 'false' });
  const { NODE_ENV: _mode, ...rest } = { ...app.environment, ...PRODUCTION };
  environment = { ...rest, METRICS_TOKEN, LOG_LEVEL: 'info', JOBS_SWEEP_SECONDS: '1' };
  folder = await mkdtemp(join(tmpdir(), 'careslot-operations-'));
  const worker = new TestProcess('src/worker.ts', { ...environment, HOST: '127.0.0.1' });
  sharedApi = await ApiProcess.start(environment);
  sharedWorker = { process: worker, url: `http://127.0.0.1:${await worker.listeningPort()}` };
});

afterEach(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  processes = [];
});

afterAll(async () => {
  await Promise.all([sharedApi?.kill(), sharedWorker?.process.kill()]);
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

async function startApi(env: Record<string, string> = {}): Promise<ApiProcess> {
  const api = await ApiProcess.start({ ...environment, ...env });
  processes.push(api);
  return api;
}

async function startWorker(env: Record<string, string> = {}): Promise<{ worker: TestProcess; url: string }> {
  const worker = new TestProcess('src/worker.ts', { ...environment, HOST: '127.0.0.1', ...env });
  processes.push(worker);
  return { worker, url: `http://127.0.0.1:${await worker.listeningPort()}` };
}

const fetchStatus = async (url: string, init?: RequestInit): Promise<number> => (await fetch(url, init)).status;

describe('main.js', () => {
  it('runs in production mode by default: without mailbox and docs, and it logs its port and the channels that are off (C-01)', async () => {
    const api = sharedApi;
    for (const path of ['/dev/mail', '/dev/mail.json', '/docs', '/openapi.json', '/openapi.yaml']) {
      expect({ path, status: await fetchStatus(`${api.url}${path}`) }).toEqual({ path, status: 404 });
    }
    expect(await api.listeningPort()).toBe(api.port);
    expect(api.logLines).toContainEqual(expect.objectContaining({ msg: 'listening', mode: 'production' }));
    for (const [channel, missing] of [
      ['EMAIL', ['SMTP_URL']],
      ['SMS', ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM']],
      ['PUSH', ['FCM_SERVICE_ACCOUNT']],
    ]) {
      expect(api.logLines).toContainEqual(expect.objectContaining({ level: 'warn', channel, missing }));
    }
  });

  it('answers nobody without a token about its metrics, queues and state in production (C-01)', async () => {
    const { url } = sharedApi;
    for (const path of [
      '/metrics',
      '/health/detailed',
      '/health/database',
      '/health/modules',
      '/ops/queues/api/queues',
    ])
      expect({ path, status: await fetchStatus(`${url}${path}`) }).toEqual({ path, status: 401 });
    for (const path of ['/api-json', '/swagger', '/debug', '/.env', '/.git/config', '/server-status', '/graphql'])
      expect({ path, status: await fetchStatus(`${url}${path}`) }).toEqual({ path, status: 404 });
    const state = await (await fetch(`${url}/health`)).text();
    expect(state).not.toMatch(/postgres|redis|version|\d+\.\d+\.\d+/i);
  });

  it('logs each request as one JSON line with time, level, request id, route, user and status, whatever it contains (L-03)', async () => {
    const [patient] = await app.patients(1);
    const forged = encodeURIComponent('x\n{"level":"fatal","msg":"forged"}\r\n\u001b[31mred');
    const headers = { 'x-request-id': 'log-of-the-test', authorization: `Bearer ${patient?.token}` };
    expect(await fetchStatus(`${sharedApi.url}/api/v1/clients/${forged}?q=${forged}`, { headers })).toBe(403);
    const found = await eventually(() => {
      const line = sharedApi.logLines.find(({ requestId }) => requestId === 'log-of-the-test');
      return line ? Promise.resolve(line) : Promise.reject(new Error('not logged yet'));
    });
    const request = {
      level: 'info',
      method: 'GET',
      route: '/api/v1/clients/:id',
      status: 403,
      userId: patient?.userId,
    };
    expect(found).toMatchObject(request);
    expect(found.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(sharedApi.log).not.toMatch(/forged|\u001b\[/);
  });

  it('does not start in production with insecure settings: it exits before it listens, and names them without values (C-02)', async () => {
    const path = join(folder, 'insecure.log');
    const output = await open(path, 'w');
    const insecure = {
      JWT_SECRET: 'hush-hush-hush-hush-hush-hush-hush',
      FIELD_ENCRYPTION_KEYS: '',
      DATABASE_URL: 'postgres://u:hush@db.example/careslot',
      REDIS_URL: 'redis://:hush@cache.example',
      FRONTEND_WEB_URL: '*',
      METRICS_TOKEN: '1234567890123456',
    };
    const api = new TestProcess('src/main.ts', { ...environment, ...insecure }, output.fd);
    processes.push(api);
    expect(await api.exitCode()).toBe(1);
    await output.close();
    const log = await readFile(path, 'utf8');
    for (const name of Object.keys(insecure)) expect(log).toMatch(new RegExp(`^ {2}${name}: `, 'm'));
    expect(log).not.toMatch(/hush|listening/);
  });

  inLongForm(it)(
    'serves docs in production with API_DOCS=true, and logs one line about variables without a function and none about configured channels',
    async () => {
      const api = await startApi({
        API_DOCS: 'true',
        SMTP_URL: 'smtp://127.0.0.1:9',
        MAIL_FROM: 'a@clinic.example',
        JWT_REFRESH_SECRET: 'of-no-function',
      });
      await api.listeningPort();
      expect(api.logLines.filter(({ msg }) => /no function/.test(String(msg)))).toEqual([
        expect.objectContaining({ level: 'warn', variables: { JWT_REFRESH_SECRET: expect.any(String) } }),
      ]);
      expect(JSON.stringify(api.logLines)).not.toContain('of-no-function');
      const off = api.logLines.flatMap(({ channel }) => channel ?? []);
      expect(new Set(off)).toEqual(new Set(['SMS', 'PUSH']));
      expect(await fetchStatus(`${api.url}/docs`)).toBe(200);
      expect(await fetchStatus(`${api.url}/openapi.json`)).toBe(200);
      expect(await fetchStatus(`${api.url}/dev/mail`)).toBe(404);
    },
  );

  inLongForm(it)('in development shows its mailbox only to the same machine', async () => {
    const api = await startApi({ NODE_ENV: 'development' });
    expect(await fetchStatus(`${api.url}/dev/mail`)).toBe(200);
    for (const path of ['/dev/mail', '/dev/mail.json']) {
      expect(await fetchStatus(`${api.url}${path}`, { headers: { 'x-forwarded-for': '203.0.113.9' } })).toBe(404);
    }
  });

  inLongForm(it)('reads .env and secret files, and the environment overrides both', async () => {
    const port = await freePort(0);
    await writeFile(join(folder, 'jwt'), `${PRODUCTION.JWT_SECRET}\n`);
    const { JWT_SECRET: _secret, ...settings } = environment;
    const lines = Object.entries({ ...settings, JWT_SECRET_FILE: join(folder, 'jwt'), HOST: '127.0.0.1', PORT: '1' });
    await writeFile(join(folder, '.env'), lines.map(([name, value]) => `${name}=${value}\n`).join(''));
    const api = new TestProcess('src/main.ts', { PORT: String(port) }, 'pipe', folder);
    processes.push(api);
    expect(await api.listeningPort()).toBe(port);
    const id = await findUserId(app, 'patient@careslot.test');
    const headers = { authorization: `Bearer ${app.tokenFor({ userId: id, role: 'CLIENT' })}` };
    expect(await fetchStatus(`http://127.0.0.1:${port}/api/v1/auth/profile`, { headers })).toBe(200);
  });
});

describe('the connections to the database', () => {
  /** Returns how often each use case returned a connection to the pool. */
  async function countHolds(url: string): Promise<Record<string, number>> {
    const text = await (await fetch(`${url}/metrics`, OPERATOR)).text();
    const counts = text.matchAll(/^careslot_db_connection_hold_seconds_count\{use_case="([^"]*)"\} (\d+)$/gm);
    return Object.fromEntries([...counts].map(([, useCase, count]) => [useCase, Number(count)]));
  }

  it('are measured by route, once for each transaction', async () => {
    const { url } = sharedApi;
    const [patient] = await app.patients(1);
    const { doctorId } = await findBookableService(app, 'Video visit');
    const headers = { authorization: `Bearer ${patient?.token}`, 'content-type': 'application/json' };
    expect(await fetchStatus(`${url}/api/v1/doctors/${doctorId}`)).toBe(200);
    expect(await fetchStatus(`${url}/api/v1/doctors/019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10`)).toBe(404);
    const favorite = { method: 'POST', headers, body: JSON.stringify({ doctorId }) };
    expect(await fetchStatus(`${url}/api/v1/favorites`, favorite)).toBe(201);
    expect(await countHolds(url)).toMatchObject({ 'GET /api/v1/doctors/:id': 2, 'POST /api/v1/favorites': 1 });
  });

  it('are measured by background task', async () => {
    const { url } = sharedWorker;
    const positive: unknown = expect.any(Number);
    await eventually(async () =>
      expect(await countHolds(url)).toMatchObject({ 'sweep deliveries': positive, 'outbox relay': positive }),
    );
  });
});

inLongForm(describe)('npm start', () => {
  const start = (env: Record<string, string>): TestProcess => {
    const { DATABASE_URL = '', REDIS_URL = '', FIELD_ENCRYPTION_KEYS = '' } = app.environment;
    const settings = { DATABASE_URL, REDIS_URL, FIELD_ENCRYPTION_KEYS, ...env };
    const demo = new TestProcess('tools/start.ts', settings, 'pipe', folder);
    processes.push(demo);
    return demo;
  };

  it('listens only on loopback, unless HOST is set', async () => {
    await rm(join(folder, '.env'), { force: true });
    for (const [host, isReachable] of [
      ['', false],
      ['0.0.0.0', true],
    ] as const) {
      const port = await freePort(0);
      const demo = start({ PORT: String(port), HOST: host });
      await eventually(
        async () => expect(await fetchStatus(`http://127.0.0.1:${port}/health/ready`)).toBe(200),
        60_000,
      );
      // Linux answers on the whole of 127.0.0.0/8 where a server listens on every address.
      const elsewhere = fetch(`http://127.0.0.2:${port}/health/live`, { signal: AbortSignal.timeout(5_000) });
      expect(await elsewhere.then(({ ok }) => ok).catch(() => false)).toBe(isReachable);
      await demo.kill();
    }
  });

  it('does not write demo data to the database of a .env without NODE_ENV', async () => {
    await writeFile(join(folder, '.env'), `DATABASE_URL=${app.environment.DATABASE_URL}\n`);
    const path = join(folder, 'demo.log');
    const output = await open(path, 'w');
    const demo = new TestProcess('tools/start.ts', {}, output.fd, folder);
    processes.push(demo);
    expect(await demo.exitCode()).toBe(1);
    await output.close();
    expect(await readFile(path, 'utf8')).toMatch(/^\.env sets DATABASE_URL, [^\n]*\n$/);
  });
});

describe('a worker', () => {
  it('answers probes without a token, and metrics and details with the metrics token', async () => {
    const { url } = sharedWorker;
    for (const path of ['/health', '/health/live', '/health/ready']) {
      expect(await fetchStatus(`${url}${path}`)).toBe(200);
    }
    for (const path of ['/metrics', '/health/detailed']) {
      expect(await fetchStatus(`${url}${path}`)).toBe(401);
      expect(await fetchStatus(`${url}${path}`, { headers: { authorization: `Bearer ${METRICS_TOKEN}x` } })).toBe(401);
    }
    expect(await fetchStatus(`${url}/api/v1/doctors`)).toBe(404);
    expect(await fetchStatus(`${url}/health`, { method: 'POST' })).toBe(405);
    const metrics = await fetch(`${url}/metrics`, OPERATOR);
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await metrics.text();
    expect(text).toContain('careslot_background{indicator="notifications",figure="deadLetters"}');
    expect(text).toContain('process_cpu_seconds_total');
    const detailed = await fetch(`${url}/health/detailed`, OPERATOR);
    expect(await detailed.json()).toMatchObject({ success: true, data: { database: { reachable: true } } });
  });

  inLongForm(it)('does not start if its port is in use, and its error names the setting', async () => {
    const { url } = sharedWorker;
    const path = join(folder, 'second-worker.log');
    const output = await open(path, 'w');
    const env = { ...environment, HOST: '127.0.0.1', WORKER_PORT: new URL(url).port };
    const second = new TestProcess('src/worker.ts', env, output.fd);
    processes.push(second);
    expect(await second.exitCode()).toBe(1);
    await output.close();
    expect(await readFile(path, 'utf8')).toMatch(/\(EADDRINUSE\): set WORKER_PORT to a free port\.$/m);
  });
});

describe('/health/detailed', () => {
  inLongForm(it)('of API and worker is a 503 with the report while Redis or the database is down', async () => {
    const database = await TcpProxy.start(app.environment.DATABASE_URL as string);
    const api = await startApi({ DATABASE_URL: database.url });
    const { url } = await startWorker({ DATABASE_URL: database.url, REDIS_URL: 'redis://127.0.0.1:1' });
    const noRedis = await fetch(`${url}/health/detailed`, OPERATOR);
    expect(noRedis.status).toBe(503);
    expect(await noRedis.json()).toMatchObject({ error: { details: { status: 'degraded', redisReachable: false } } });
    expect(await fetchStatus(`${url}/health/ready`)).toBe(200);

    database.refuse();
    for (const base of [api.url, url]) {
      await eventually(async () => {
        const answer = await fetch(`${base}/health/detailed`, OPERATOR);
        expect(answer.status).toBe(503);
        const { error } = (await answer.json()) as { error: object };
        expect(error).toMatchObject({ details: { status: 'down', database: { reachable: false } } });
        expect(await fetchStatus(`${base}/health/ready`)).toBe(503);
        expect(await fetchStatus(`${base}/health/live`)).toBe(200);
      });
    }
    // A scrape answers in time also while nothing answers it: without a database that refuses, and with one that hangs.
    const scrape = async (base: string): Promise<string> => {
      const answer = await within('a scrape', fetch(`${base}/metrics`, OPERATOR), 2_000);
      return answer.text();
    };
    expect(await scrape(api.url)).toMatch(/^careslot_database_up 0$/m);
    const ofWorker = await scrape(url);
    expect(ofWorker).toMatch(/^careslot_redis_up 0$/m);
    expect(ofWorker).toMatch(/^careslot_metric_source_up\{source="queues"\} 0$/m);
    expect(ofWorker).not.toMatch(/^careslot_outbox_lag_seconds \d/m);
    database.accept();
    await eventually(async () => expect(await fetchStatus(`${api.url}/health/detailed`, OPERATOR)).toBe(200));
    database.stall();
    await eventually(async () => expect(await scrape(api.url)).toMatch(/^careslot_database_up 0$/m));
    database.resume();
    await eventually(async () => expect(await scrape(api.url)).toMatch(/^careslot_database_up 1$/m));

    // Each component logs the start and the end of the outage once.
    const linesAbout = (words: RegExp): string[] =>
      api.logLines.map(({ msg }) => String(msg)).filter((msg) => words.test(msg));
    await eventually(() => {
      const [began, ended] = [linesAbout(/is unavailable/), linesAbout(/is available again/)];
      expect(began).toContain("the database's channel careslot_outbox is unavailable: connecting again");
      expect(new Set(began).size).toBe(began.length);
      expect(ended).toHaveLength(began.length);
      return Promise.resolve();
    });
    const problems = api.logLines.filter(({ level }) => level === 'warn' || level === 'error').map(({ msg }) => msg);
    expect(problems).toEqual([...new Set(problems)]);
    await Promise.all(processes.map((process) => process.kill()));
    await database.close();
  });

  it('is unhealthy after messages failed because of their channel, but not because of a wrong address', async () => {
    const [{ url }, [patient]] = [sharedWorker, await app.patients(1)];
    const { serviceId, doctorId, slots } = await findBookableService(app, 'Video visit');
    const notifications = async (): Promise<{ healthy: boolean; figures: Record<string, number> }> => {
      const { data } = (await (await fetch(`${url}/health/detailed`, OPERATOR)).json()) as {
        data: { indicators: { name: string; healthy: boolean; figures: Record<string, number> }[] };
      };
      return data.indicators.find(({ name }) => name === 'notifications') as Awaited<ReturnType<typeof notifications>>;
    };
    await app.db.query(`UPDATE user_account SET email_verified_at = now() WHERE id = $1`, [patient?.userId]);
    expect((await notifications()).healthy).toBe(true);
    const body = { serviceId, doctorId, startDateTime: slots[0] };
    expect((await app.call('POST', '/api/v1/appointments', { token: patient?.token, body })).status).toBe(201);
    await eventually(async () => {
      const { healthy, figures } = await notifications();
      expect({ healthy, some: (figures.failedLastHour ?? 0) > 0 }).toEqual({ healthy: false, some: true });
    });
    // The front desk can correct a wrong address; the channel works.
    await app.db.query(`UPDATE notification SET reason = 'SMTP_550_5.1.1' WHERE state = 'FAILED'`);
    expect(await notifications()).toMatchObject({ healthy: true, figures: { failedLastHour: 0 } });
    await app.db.query(`UPDATE notification SET reason = 'SMTP_550_5.7.1' WHERE state = 'FAILED'`);
    expect((await notifications()).healthy).toBe(false);
  });
});
