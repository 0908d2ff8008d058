import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALIASES } from '../../src/core/config/aliases.js';
import { BackupConfigSchema } from '../../src/core/config/backup-config.js';
import { ConfigSchema, loadConfig } from '../../src/core/config/config.js';
import { loadMigrationConfig, RolesConfigSchema } from '../../src/core/config/database-config.js';
import { PARTITION_SETTINGS } from '../../src/core/config/retention-settings.js';

const good = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://localhost/careslot',
  REDIS_URL: 'redis://localhost',
  JWT_SECRET: 'q8Zr1vKx0LmN4tYw7PbE2sHd9GjCfUaV',
};

const production = {
  ...good,
  NODE_ENV: 'production',
  FIELD_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  PUBLIC_URL: 'https://api.clinic.example',
  FRONTEND_WEB_URL: 'https://app.clinic.example',
};

const load =
  (env: Record<string, string>) =>
  (more: Record<string, string> = {}) =>
  (): unknown =>
    loadConfig({ ...env, ...more });
const inProduction = load(production);
const inTest = load(good);

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'careslot-config-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('the configuration', () => {
  it('has the same names as .env.example', async () => {
    const text = await readFile('.env.example', 'utf8');
    const names = [...text.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
    const database = { ...RolesConfigSchema.shape, POSTGRES_PASSWORD: 'docker-compose.yml' };
    const read = { ...ConfigSchema.shape, ...ALIASES, ...database, ...BackupConfigSchema.shape, ...PARTITION_SETTINGS };
    expect(names.sort()).toEqual(Object.keys(read).sort());
  });

  it('reports all errors at once, without values (C-02)', () => {
    const faulty = (): unknown => loadConfig({ PORT: 'many', DATABASE_URL: 'mysql://x', JWT_SECRET: 'short-value' });
    expect(faulty).toThrow(/PORT[^]*DATABASE_URL[^]*REDIS_URL: is not set[^]*JWT_SECRET/);
    expect(faulty).not.toThrow(/short-value/);
  });

  it('is frozen, with durations in seconds', () => {
    const config = loadConfig({ ...good, JWT_EXPIRES_IN: '15m' });
    expect(config.JWT_EXPIRES_IN).toBe(900);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('is production unless another mode is named, and listens on loopback in any other mode', () => {
    const { NODE_ENV: _mode, ...unnamed } = production;
    expect(loadConfig(unnamed)).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0', API_DOCS: false });
    expect(loadConfig(good)).toMatchObject({ HOST: '127.0.0.1', API_DOCS: true });
    expect(loadConfig({ ...good, NODE_ENV: 'development', HOST: '0.0.0.0' }).HOST).toBe('0.0.0.0');
    expect(loadConfig({ ...production, HOST: '10.0.0.5', API_DOCS: 'true' })).toMatchObject({
      HOST: '10.0.0.5',
      API_DOCS: true,
    });
  });

  it('requires all settings of a provider, and its errors contain no value', () => {
    expect(inTest({ TWILIO_ACCOUNT_SID: 'AC1' })).toThrow(/TWILIO_AUTH_TOKEN: is not set[^]*TWILIO_FROM: is not set/);
    expect(inTest({ FCM_SERVICE_ACCOUNT: '{"private_key":"hush"}' })).toThrow(/FCM_SERVICE_ACCOUNT: must be the JSON/);
    expect(inTest({ FCM_SERVICE_ACCOUNT: 'hush' })).toThrow(/^(?![^]*hush)[^]*FCM_SERVICE_ACCOUNT: must be the JSON/);
    expect(inTest({ MAIL_FROM: 'a@b.c\r\nBcc: d@e.f' })).toThrow(/MAIL_FROM/);
    expect(inProduction({ SMTP_URL: 'smtp://localhost' })).toThrow(/MAIL_FROM: is not set/);
    const account = {
      project_id: 'p',
      client_email: 'e',
      private_key: '-PRIVATE KEY-',
      token_uri: 'https://t.example',
    };
    const base64 = Buffer.from(JSON.stringify(account)).toString('base64');
    expect(loadConfig({ ...good, FCM_SERVICE_ACCOUNT: base64 }).FCM_SERVICE_ACCOUNT).toEqual(account);
  });

  it('adds the origins of FRONTEND_MOBILE_URL to those of the web application', () => {
    const FRONTEND_MOBILE_URL = 'https://m.clinic.example/';
    const origins = ['https://app.clinic.example', 'https://m.clinic.example'];
    expect(loadConfig({ ...production, FRONTEND_MOBILE_URL })).toMatchObject({
      FRONTEND_WEB_URL: origins,
      SOCKET_IO_CORS_ORIGIN: origins,
    });
    expect(inProduction({ FRONTEND_MOBILE_URL: '*' })).toThrow(/^ {2}FRONTEND_MOBILE_URL: must be origins/m);
  });

  it('reports variables without a function', () => {
    expect(loadConfig(good).unusedVariables).toEqual({});
    const unused = { JWT_REFRESH_SECRET: 'hush', FIREBASE_SERVER_KEY_FILE: '/run/secrets/none', SMTP_URL: '' };
    const { unusedVariables } = loadConfig({ ...good, ...unused });
    expect(Object.keys(unusedVariables).sort()).toEqual(['FIREBASE_SERVER_KEY', 'JWT_REFRESH_SECRET']);
    expect(JSON.stringify(unusedVariables)).not.toContain('hush');
  });
});

describe('aliases of variables', () => {
  const account = {
    project_id: 'p',
    client_email: 'e',
    private_key: '-PRIVATE KEY-',
    token_uri: 'https://t.example',
  };
  const twilio = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'token' };

  it('are accepted', () => {
    const config = loadConfig({
      ...good,
      ...twilio,
      SENDGRID_API_KEY: 'SG.a/b',
      EMAIL_FROM: 'a@clinic.example',
      TWILIO_PHONE_NUMBER: '+15005550006',
      FIREBASE_SERVICE_ACCOUNT: JSON.stringify(account),
    });
    expect(config).toMatchObject({
      SMTP_URL: 'smtp://apikey:SG.a%2Fb@smtp.sendgrid.net:587',
      MAIL_FROM: 'a@clinic.example',
      TWILIO_FROM: '+15005550006',
      FCM_SERVICE_ACCOUNT: account,
    });
  });

  it.each([
    ['SENDGRID_API_KEY', 'SG.hush', 'SMTP_URL', 'smtp://localhost', 'smtp://apikey:SG.hush@smtp.sendgrid.net:587'],
    ['EMAIL_FROM', 'hush@b.example', 'MAIL_FROM', 'a@b.example', 'hush@b.example'],
    ['TWILIO_PHONE_NUMBER', '+15005550006', 'TWILIO_FROM', '+15005550007', '+15005550006'],
    ['FIREBASE_SERVICE_ACCOUNT', JSON.stringify(account), 'FCM_SERVICE_ACCOUNT', '{}', JSON.stringify(account)],
  ])('are rejected if %s=%s is set together with another value of %s', (alias, value, name, other, same) => {
    const refused = inTest({ ...twilio, [alias]: value, [name]: other });
    expect(refused).toThrow(new RegExp(`^ {2}${alias}: differs from ${name}: set only one of them$`, 'm'));
    expect(refused).not.toThrow(/hush/);
    expect(inTest({ ...twilio, TWILIO_FROM: '+15005550006', [alias]: value, [name]: same })).not.toThrow();
  });

  it('may be given as files, and are named in errors', async () => {
    const file = join(folder, 'sendgrid');
    await writeFile(file, 'SG.key\n');
    const { SMTP_URL } = loadConfig({ ...good, SENDGRID_API_KEY_FILE: file });
    expect(SMTP_URL).toBe('smtp://apikey:SG.key@smtp.sendgrid.net:587');
    expect(inTest({ EMAIL_FROM: 'nobody' })).toThrow(/^ {2}EMAIL_FROM: must be an address/m);
    expect(inTest({ FIREBASE_SERVICE_ACCOUNT: '{}' })).toThrow(/^ {2}FIREBASE_SERVICE_ACCOUNT: must be the JSON/m);
  });
});

describe('production', () => {
  it('starts with the settings of the documentation', () => {
    expect(loadConfig(production)).toMatchObject({
      SOCKET_IO_CORS_ORIGIN: ['https://app.clinic.example'],
      SMTP_REQUIRE_TLS: true,
    });
  });

  it.each([
    '',
    'short',
    'a'.repeat(40),
    'please-change-me-please-change-me-please',
    '0123456789'.repeat(4),
    '01234567890123456789012345678901',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    'zyxwvutsrqponmlkjihgfedcba9876543210',
    'qwertyuiopasdfghjklzxcvbnm123456',
    '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
    'passwordpasswordpasswordpassword',
    'aB3$aB3$aB3$aB3$aB3$aB3$aB3$aB3$',
    'a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6',
    'deadbeefdeadbeefcafebabecafebabe',
    'thisisaverylongkeyforsigningtokens',
    'my-super-long-production-signing-key-2024',
    'HospitalBookingSystemSigningKey2025!',
    'ThisIsMyJwtKeyForTheHospital2026!',
    'P@ssw0rdP@ssw0rd!P@ssw0rdP@ssw0rd!',
  ])('rejects the signing secret "%s" (C-02)', (JWT_SECRET) => {
    expect(inProduction({ JWT_SECRET })).toThrow(/^ {2}JWT_SECRET: /m);
    if (JWT_SECRET) expect(inProduction({ JWT_SECRET })).not.toThrow(JWT_SECRET);
  });

  it('accepts secrets of openssl and random UUIDs, and a weak previous secret', () => {
    const secrets = [
      () => randomBytes(48).toString('base64'),
      () => randomBytes(32).toString('base64url'),
      () => randomBytes(32).toString('hex'),
      () => randomUUID(),
    ];
    for (const secret of secrets.flatMap((make) => Array.from({ length: 50 }, make))) {
      const settings = { JWT_SECRET: secret, METRICS_TOKEN: secret };
      expect(inProduction(settings)()).toMatchObject(settings);
    }
    const previous = { JWT_SECRET_PREVIOUS: '0123456789'.repeat(4) };
    expect(inProduction(previous)()).toMatchObject(previous);
  });

  it('needs keys for encrypted fields in production only (C-02)', () => {
    expect(inProduction({ FIELD_ENCRYPTION_KEYS: '' })).toThrow(/FIELD_ENCRYPTION_KEYS: is not set/);
    expect(inTest()).not.toThrow();
  });

  it('reads keys for encrypted fields in their order', () => {
    const [one, two] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    expect(inTest({ FIELD_ENCRYPTION_KEYS: `2026-11:${one}, old:${two}` })()).toMatchObject({
      FIELD_ENCRYPTION_KEYS: [
        { id: '2026-11', secret: one },
        { id: 'old', secret: two },
      ],
    });
  });

  const key = randomBytes(32).toString('base64');
  it.each([
    ['a key without an id', key],
    ['a key of 31 bytes', `a:${randomBytes(31).toString('base64')}`],
    ['a key in hexadecimal digits', `a:${randomBytes(32).toString('hex')}`],
    ['an id that is too long', `${'a'.repeat(17)}:${key}`],
    ['two keys with the same id', `a:${key},a:${randomBytes(32).toString('base64')}`],
    ['the same key twice', `a:${key},b:${key}`],
    ['a key of equal bytes', `a:${Buffer.alloc(32, 7).toString('base64')}`],
    ['an empty entry', `a:${key},`],
    ['the id of the key that JWT_SECRET gives', `jwt:${key}`],
    ['a second spelling of a key in base64', `a:${Buffer.alloc(32, key).toString('base64').slice(0, 42)}B=`],
  ])('rejects %s, without showing it', (_name, FIELD_ENCRYPTION_KEYS) => {
    expect(inTest({ FIELD_ENCRYPTION_KEYS })).toThrow(/^ {2}FIELD_ENCRYPTION_KEYS: /m);
    expect(inTest({ FIELD_ENCRYPTION_KEYS })).not.toThrow(FIELD_ENCRYPTION_KEYS.slice(2, 30));
  });

  it.each(['1234567890123456', 'metrics-token-metrics', 'aaaaaaaaaaaaaaaaaaaa'])(
    'rejects the metrics token "%s"',
    (METRICS_TOKEN) => expect(inProduction({ METRICS_TOKEN })).toThrow(/^ {2}METRICS_TOKEN: can be guessed/m),
  );

  it.each([
    ['JWT_EXPIRES_IN', '999999d'],
    ['JWT_EXPIRES_IN', '0s'],
    ['JWT_EXPIRES_IN', '30d'],
    ['JWT_REFRESH_EXPIRES_IN', '999999d'],
    ['JWT_REFRESH_EXPIRES_IN', '1m'],
    ['SESSION_ABSOLUTE_EXPIRES_IN', '9999d'],
    ['SESSION_ABSOLUTE_EXPIRES_IN', '1d'],
  ])('rejects %s=%s (T-11)', (name, value) => {
    expect(inProduction({ [name]: value })).toThrow(new RegExp(`^ {2}${name}: must `, 'm'));
  });

  it('reads the roles that must have a second factor, and refuses others by naming the known ones', () => {
    expect(inTest({})()).toMatchObject({ MFA_REQUIRED_ROLES: [] });
    expect(inTest({ MFA_REQUIRED_ROLES: ' manager, ADMIN,,ADMIN' })()).toMatchObject({
      MFA_REQUIRED_ROLES: ['MANAGER', 'ADMIN'],
    });
    expect(inTest({ MFA_REQUIRED_ROLES: 'MANAGER,NURSE' })).toThrow(
      /^ {2}MFA_REQUIRED_ROLES: must be roles, .*DOCTOR/m,
    );
  });

  it.each(['PUBLIC_URL', 'FRONTEND_WEB_URL'])('requires %s', (name) => {
    expect(inProduction({ [name]: '' })).toThrow(new RegExp(`^ {2}${name}: is not set`, 'm'));
    expect(inTest({ [name]: '' })()).toMatchObject({ NODE_ENV: 'test' });
  });

  it.each([
    '*',
    'null',
    'https://*.clinic.example',
    'https://a.example/app',
    'app.clinic.example',
    'file://',
    'https://a.example,null',
  ])('rejects the origin %s (C-02)', (origin) => {
    for (const name of ['FRONTEND_WEB_URL', 'SOCKET_IO_CORS_ORIGIN']) {
      expect(inProduction({ [name]: origin })).toThrow(new RegExp(`^ {2}${name}: must be origins`, 'm'));
    }
  });

  it('normalizes origins like browsers', () => {
    const config = loadConfig({
      ...production,
      FRONTEND_WEB_URL: 'https://App.Clinic.example:443/, https://b.example',
    });
    expect(config.FRONTEND_WEB_URL).toEqual(['https://app.clinic.example', 'https://b.example']);
  });

  it.each([
    'postgres://u:p@db.example/careslot',
    'postgresql://db/careslot',
    'postgres://10.0.0.7/careslot',
    'postgres://localhost/careslot?host=db.example',
    'postgres://db.example/careslot?sslmode=disable',
    'postgres://db.example/careslot?sslmode=prefer',
    'postgres://db.example/careslot?sslmode=no-verify',
    'postgres://db.example/careslot?sslmode=require&uselibpqcompat=true',
    'postgres://localhost.example/careslot',
    'postgres://localhost/careslot?host=localhost&host=db.example',
    'postgres://db.example/careslot?sslmode=verify-full&sslmode=disable',
    'postgres://db.example/careslot?ssl=true&ssl=0',
  ])('rejects %s without DATABASE_INSECURE=true (C-02, P-08)', (DATABASE_URL) => {
    expect(inProduction({ DATABASE_URL })).toThrow(/^ {2}DATABASE_URL: must use TLS/m);
    expect(inProduction({ DATABASE_URL, DATABASE_INSECURE: 'true' })()).toMatchObject({ DATABASE_URL });
    expect(inTest({ DATABASE_URL })()).toMatchObject({ DATABASE_URL });
    expect(() => loadMigrationConfig({ NODE_ENV: 'production', DATABASE_URL })).toThrow(/DATABASE_URL: must use TLS/);
  });

  it('requires TLS to a replica on another host, and uses the same password', () => {
    const DATABASE_READ_URL = 'postgres://careslot_app@replica.example/careslot';
    expect(inProduction({ DATABASE_READ_URL })).toThrow(/^ {2}DATABASE_READ_URL: must use TLS/m);
    const settings = { DATABASE_READ_URL: `${DATABASE_READ_URL}?sslmode=verify-full`, PGPASSWORD: 'p/w' };
    expect(inProduction(settings)()).toMatchObject({
      DATABASE_READ_URL: 'postgres://careslot_app:p%2Fw@replica.example/careslot?sslmode=verify-full',
    });
  });

  it('requires the host of the database, which could otherwise come from PGHOST', () => {
    for (const DATABASE_URL of ['postgres:///careslot', 'postgres:///careslot?host='])
      expect(inProduction({ DATABASE_URL })).toThrow(/DATABASE_URL: must name the host/);
  });

  it.each([
    'postgres://127.0.0.1/careslot',
    'postgres://[::1]:5433/careslot',
    'postgres://db.localhost/careslot',
    'postgres:///careslot?host=/var/run/postgresql',
    'postgres://db.example/careslot?sslmode=verify-full',
    'postgres://db.example/careslot?sslmode=require',
    'postgres://db.example/careslot?ssl=true',
  ])('accepts %s', (DATABASE_URL) => expect(inProduction({ DATABASE_URL })()).toMatchObject({ DATABASE_URL }));

  it('rejects Redis without TLS on another host without REDIS_INSECURE=true (C-02)', () => {
    for (const REDIS_URL of ['redis://cache.example', 'redis://:pw@10.1.2.3:6379/1']) {
      expect(inProduction({ REDIS_URL })).toThrow(/^ {2}REDIS_URL: must use TLS/m);
      expect(inProduction({ REDIS_URL, REDIS_INSECURE: 'true' })()).toMatchObject({ REDIS_URL });
    }
    for (const REDIS_URL of ['rediss://cache.example', 'redis://127.0.0.1', 'redis://[::1]:6380']) {
      expect(inProduction({ REDIS_URL })()).toMatchObject({ REDIS_URL });
    }
  });

  it('requires TLS for a mail server on another host, unless SMTP_REQUIRE_TLS=false (P-08)', () => {
    const mail = { ...production, MAIL_FROM: 'a@clinic.example' };
    const requires = (env: Record<string, string>): boolean => loadConfig({ ...mail, ...env }).SMTP_REQUIRE_TLS;
    expect(requires({ SMTP_URL: 'smtp://mail.example:587' })).toBe(true);
    expect(requires({ SMTP_URL: 'smtp://mail.example:587', SMTP_REQUIRE_TLS: 'false' })).toBe(false);
    expect(requires({ SMTP_URL: 'smtp://127.0.0.1:25' })).toBe(false);
  });

  it.each(['true', '*', '0.0.0.0/0', '10.0.0.0/33', '1,x', '-1', '9999', 'proxy.example'])(
    'rejects TRUST_PROXY=%s (R-02)',
    (TRUST_PROXY) => expect(inTest({ TRUST_PROXY })).toThrow(/TRUST_PROXY: must be the number of proxies/),
  );

  it.each(['0', '1', '10.0.0.0/8, 192.168.1.7', 'loopback,uniquelocal', '::1', 'fd00::/8'])(
    'accepts TRUST_PROXY=%s',
    (TRUST_PROXY) => expect(inTest({ TRUST_PROXY })()).toMatchObject({ TRUST_PROXY }),
  );

  it.each(['x', '10.0.0.0/33', '10.0.0.1/8/8', 'ehr.example', '10.0.0.0/8,'])(
    'rejects WEBHOOK_ALLOWED_NETWORKS=%s',
    (networks) => expect(inTest({ WEBHOOK_ALLOWED_NETWORKS: networks })).toThrow(/WEBHOOK_ALLOWED_NETWORKS: must be/),
  );

  it.each(['127.0.0.1', '127.8.0.0/16', '0.0.0.0/0', '169.254.169.254', '::1', '::/0', 'fe80::/10', '10.0.0.0/8,::1'])(
    'rejects WEBHOOK_ALLOWED_NETWORKS=%s in production',
    (networks) => {
      const unsafe = { WEBHOOK_ALLOWED_NETWORKS: networks };
      expect(inProduction(unsafe)).toThrow(/WEBHOOK_ALLOWED_NETWORKS: must not include addresses of this machine/);
      expect(inTest(unsafe)()).toMatchObject({ WEBHOOK_ALLOWED_NETWORKS: expect.any(Array) });
    },
  );

  it('accepts networks of a clinic in WEBHOOK_ALLOWED_NETWORKS', () => {
    const networks = { WEBHOOK_ALLOWED_NETWORKS: '10.20.0.0/16, 192.168.7.9,fd00:1::/32' };
    expect(inProduction(networks)()).toMatchObject({
      WEBHOOK_ALLOWED_NETWORKS: ['10.20.0.0/16', '192.168.7.9/32', 'fd00:1::/32'],
    });
  });

  it('names the document about OIDC_PROVIDERS if its value is invalid', () => {
    const refused = inProduction({ OIDC_PROVIDERS: '{"corp":{}}' });
    expect(refused).toThrow(/OIDC_PROVIDERS: must be JSON of providers by name \(docs\/identity-providers\.md\): corp/);
  });

  it.each([
    ['STORAGE_S3_ENDPOINT', 'STORAGE_S3_INSECURE'],
    ['SCAN_MODEL_URL', 'SCAN_MODEL_INSECURE'],
    ['AI_BASE_URL', 'AI_INSECURE'],
  ])('rejects plain HTTP to another host in %s without %s=true', (name, optIn) => {
    const remote = { [name]: 'http://10.1.2.3:8000/v1' };
    expect(inProduction(remote)).toThrow(
      new RegExp(`^ {2}${name}: must be https to another host, or set ${optIn}`, 'm'),
    );
    expect(inProduction({ ...remote, [optIn]: 'true' })()).toMatchObject(remote);
    expect(inTest(remote)()).toMatchObject(remote);
    for (const url of ['http://127.0.0.1:8000', 'https://10.1.2.3/v1'])
      expect(inProduction({ [name]: url })()).toMatchObject({ [name]: url });
  });

  it('rejects plain HTTP to a provider on another host', () => {
    expect(inProduction({ TWILIO_API_URL: 'http://proxy.example' })).toThrow(/TWILIO_API_URL: must be https/);
    const local = { FCM_API_URL: 'http://127.0.0.1:9' };
    expect(inProduction(local)()).toMatchObject(local);
  });
});

describe('traces and error reports', () => {
  it('are off by default, and have the standard names and defaults of OpenTelemetry', () => {
    const config = inProduction({})();
    expect(config).not.toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT');
    expect(config).not.toHaveProperty('SENTRY_DSN');
    expect(config).toMatchObject({ OTEL_SERVICE_NAME: 'careslot', OTEL_TRACES_SAMPLER: 'parentbased_always_on' });
    const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b, tenant=one' };
    expect(inProduction(headers)()).toMatchObject({
      OTEL_EXPORTER_OTLP_HEADERS: { 'api-key': 'a b', tenant: 'one' },
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=%zz'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['SENTRY_DSN', 'https://sentry.example/1'],
    ['SENTRY_DSN', 'https://key@sentry.example/project'],
  ])('refuse a wrong %s, and do not print its value: %s', (name, value) => {
    const refused = inProduction({ [name]: value });
    expect(refused).toThrow(new RegExp(`^ {2}${name}: `, 'm'));
    expect(refused).not.toThrow(value);
  });

  it('rejects headers of the collector by plain HTTP to another host, because they may have a key', () => {
    const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret' };
    const remote = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example:4318' };
    expect(inProduction({ ...headers, ...remote })).toThrow(
      /OTEL_EXPORTER_OTLP_ENDPOINT: must be https to another host/,
    );
    expect(inProduction(remote)()).toMatchObject(remote);
    const local = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
    expect(inProduction({ ...headers, ...local })()).toMatchObject(local);
  });
});

describe('passwords', () => {
  it('can be given in separate variables, with any characters', () => {
    const password = 'a/b@c:d?e#f%g h&i+ü';
    const config = loadConfig({
      ...good,
      DATABASE_URL: 'postgres://careslot@localhost:5432/careslot',
      PGPASSWORD: password,
      REDIS_URL: 'redis://localhost:6379/2',
      REDIS_PASSWORD: password,
      SMTP_URL: 'smtp://user@localhost:25',
      SMTP_PASSWORD: password,
    });
    for (const url of [config.DATABASE_URL, config.REDIS_URL, config.SMTP_URL ?? '']) {
      expect(decodeURIComponent(new URL(url).password)).toBe(password);
      expect(new URL(url).hostname).toBe('localhost');
    }
    const socket = loadConfig({ ...good, DATABASE_URL: 'postgres:///db?host=/tmp', PGPASSWORD: password });
    expect(new URL(socket.DATABASE_URL).searchParams.get('password')).toBe(password);
  });

  it('in a URL override those of separate variables', () => {
    const config = loadConfig({ ...good, DATABASE_URL: 'postgres://u:inside@localhost/x', PGPASSWORD: 'apart' });
    expect(new URL(config.DATABASE_URL).password).toBe('inside');
  });

  it.each(['pa/ss', '12/3', 'a#b', 'a?b', '5?b', '100%', 'a/b@c'])(
    'like "%s" are rejected with the name of the variable if they are unescaped in a URL',
    (password) => {
      const refused = inTest({ DATABASE_URL: `postgres://u:${password}@localhost:5432/careslot` });
      expect(refused).toThrow(/DATABASE_URL: is not a URL that can be read: give the password in PGPASSWORD/);
      expect(refused).not.toThrow(`:${password}@`);
      expect(inTest({ REDIS_URL: `redis://u:${password}@localhost` })).toThrow(/REDIS_URL: .*REDIS_PASSWORD/);
      const unreadable = {
        DATABASE_URL: `postgres://u:${password}@db/careslot`,
        REDIS_URL: `redis://u:${password}@cache`,
      };
      expect(inProduction(unreadable)).toThrow(/DATABASE_URL: is not a URL that can be read/);
      expect(inProduction(unreadable)).toThrow(/REDIS_URL: is not a URL that can be read/);
    },
  );
});

describe('secrets in files', () => {
  it('are read without the line break at the end', async () => {
    const file = join(folder, 'secret');
    await writeFile(file, `${good.JWT_SECRET}\n`);
    const { JWT_SECRET: _secret, ...rest } = good;
    expect(loadConfig({ ...rest, JWT_SECRET_FILE: file }).JWT_SECRET).toBe(good.JWT_SECRET);
    const password = join(folder, 'password');
    await writeFile(password, 'p/w');
    const database = loadMigrationConfig({ DATABASE_URL: 'postgres://u@localhost/x', PGPASSWORD_FILE: password });
    expect(database.DATABASE_URL).toBe('postgres://u:p%2Fw@localhost/x');
  });

  it('are rejected with the name of the variable if they are missing, empty, or set twice', async () => {
    const file = join(folder, 'empty');
    await writeFile(file, '\n');
    expect(inTest({ JWT_SECRET: '', JWT_SECRET_FILE: join(folder, 'none') })).toThrow(
      /JWT_SECRET_FILE: cannot be read \(ENOENT\)/,
    );
    expect(inTest({ JWT_SECRET: '', JWT_SECRET_FILE: file })).toThrow(/JWT_SECRET_FILE: names an empty file/);
    expect(inTest({ JWT_SECRET_FILE: file })).toThrow(/JWT_SECRET_FILE: is set too/);
  });
});
