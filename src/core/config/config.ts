import { isIP } from 'node:net';
import { z } from 'zod';
import { ALIASES, UNUSED_VARIABLES, withAliases } from './aliases.js';
import { ROLES, type Role } from '../kernel/actor.js';
import { identityProviders, returnUrls } from './oidc-providers.js';
import { fieldKeys } from './field-keys.js';
import { ConfigError, processEnvironment, withoutBlanks, withSecretFiles, type Environment } from './environment.js';
import { isLoopbackUrl, productionFaults, toOrigin } from './production-rules.js';
import { RETENTION_VARIABLES } from './retention-config.js';

const MIB = 1024 * 1024;
/**
 * Ended sessions are stored for 90 days: no access token may be valid for longer. Checked here for NEUROAID_TOKEN_EXPIRES_IN;
 * production-rules.ts limits JWT_EXPIRES_IN to a day.
 */
const MAX_TOKEN_SECONDS = 90 * 86_400;
const SECONDS_PER_UNIT = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

const duration = (fallback: string) =>
  z
    .string()
    .regex(/^\d{1,6}[smhd]$/, 'must be a number and a unit, such as 15m or 30d')
    .default(fallback)
    .transform((text) => Number(text.slice(0, -1)) * SECONDS_PER_UNIT[text.slice(-1) as keyof typeof SECONDS_PER_UNIT]);

const integer = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** Comma-separated origins. A trailing slash is removed, because browsers do not send it. */
const origins = z.string().transform((text) =>
  text
    .split(',')
    .map((origin) => toOrigin(origin.trim()) ?? origin.trim())
    .filter(Boolean),
);

/** `EG:123,SA:997`: country codes (ISO 3166-1 alpha-2) and the emergency number of each country. */
const emergencyNumbers = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((entry) => entry.trim().split(':')))
  .transform((entries) => entries.filter((entry) => entry.join('') !== ''))
  .refine((entries) => entries.every((entry) => /^[A-Z]{2}:[0-9+*#]{2,15}$/.test(entry.join(':'))), {
    message: 'must be countries and numbers, such as EG:123,SA:997',
  })
  .transform((entries) => Object.fromEntries(entries) as Readonly<Record<string, string>>);

/** Comma-separated roles. */
const roles = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((role) => role.trim().toUpperCase()))
  .transform((names) => [...new Set(names.filter(Boolean))])
  .refine((names): names is Role[] => names.every((name) => (ROLES as readonly string[]).includes(name)), {
    message: `must be roles, such as DOCTOR,MANAGER (of ${ROLES.join(', ')})`,
  });

const url = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
    message: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });

/**
 * The URL of a server, which may contain a password.
 * @param passwordVariable the variable for the password if it is not in the URL
 */
const serverUrl = (passwordVariable: string, ...schemes: string[]) =>
  z.string().superRefine((text, context) => {
    if (!schemes.some((scheme) => text.startsWith(`${scheme}//`))) {
      const prefixes = schemes.map((scheme) => `${scheme}//`).join(' or ');
      context.addIssue({ code: 'custom', message: `must be a URL that starts with ${prefixes}` });
    } else if (!isParsable(text)) {
      context.addIssue({
        code: 'custom',
        message: `is not a URL that can be read: give the password in ${passwordVariable}, or escape / @ : ? # % in it (%2F %40 %3A %3F %23 %25)`,
      });
    }
  });

const PROXIES = 'must be the number of proxies (0 to 10), or their addresses or networks, such as 10.0.0.0/8';
const NETWORK_NAMES = ['loopback', 'linklocal', 'uniquelocal'];

/** A number of proxies, or addresses, networks and express's names for networks. A network of all addresses (/0) is refused. */
const isTrustedProxies = (text: string): boolean =>
  /^\d+$/.test(text) ? Number(text) <= MAX_PROXIES : text.split(',').every((part) => isNetwork(part.trim()));

const MAX_PROXIES = 10;

function isNetwork(text: string): boolean {
  const [address = '', length, ...others] = text.split('/');
  if (NETWORK_NAMES.includes(text)) return true;
  const bits = isIP(address) === 4 ? 32 : 128;
  const isLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) >= 1 && Number(length) <= bits);
  return isIP(address) !== 0 && isLength && others.length === 0;
}

/**
 * Whether URL parsers find the password that was meant. An unescaped `/`, `?` or `#` in a password ends the host early, so that
 * the `@` is in the path, query or fragment. An unescaped `%` is not a valid escape sequence.
 */
function isParsable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, pathname, search, hash } = new URL(text);
  if (`${pathname}${search}${hash}`.includes('@')) return false;
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** `Name <address>`, or an address alone. */
const MAIL_FROM = /^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

const ServiceAccount = z.object({
  project_id: z.string().min(1),
  client_email: z.string().min(1),
  private_key: z.string().includes('PRIVATE KEY'),
  token_uri: url('http:', 'https:'),
});

/** The JSON file of a Google service account, plain or in base64. */
const serviceAccount = z.string().transform((text, context) => {
  try {
    const json = text.trim().startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8');
    return ServiceAccount.parse(JSON.parse(json));
  } catch {
    context.addIssue({ code: 'custom', message: 'must be the JSON of a service account, plain or in base64' });
    return z.NEVER;
  }
});

/** Every variable that CareSlot reads, except aliases. `.env.example` lists the same names; a test compares them. */
export const ConfigSchema = z
  .object({
    NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
    HOST: z.string().optional(),
    PORT: integer(3000, 0, 65_535),
    WORKER_PORT: integer(3001, 0, 65_535),
    PUBLIC_URL: url('http:', 'https:').optional(),
    API_DOCS: z.stringbool().optional(),
    DATABASE_URL: serverUrl('PGPASSWORD', 'postgres:', 'postgresql:'),
    PGPASSWORD: z.string().optional(),
    DATABASE_INSECURE: z.stringbool().default(false),
    DATABASE_POOL_SIZE: integer(10, 2, 100),
    REDIS_URL: serverUrl('REDIS_PASSWORD', 'redis:', 'rediss:'),
    REDIS_PASSWORD: z.string().optional(),
    REDIS_INSECURE: z.stringbool().default(false),
    JWT_SECRET: z.string().min(32, 'must have at least 32 characters'),
    JWT_SECRET_PREVIOUS: z.string().min(32, 'must have at least 32 characters').optional(),
    FIELD_ENCRYPTION_KEYS: fieldKeys.optional(),
    JWT_EXPIRES_IN: duration('15m'),
    OIDC_PROVIDERS: identityProviders,
    OIDC_RETURN_URLS: returnUrls,
    NEUROAID_TOKEN_EXPIRES_IN: duration('7d').refine((seconds) => seconds <= MAX_TOKEN_SECONDS, 'must be at most 90d'),
    JWT_REFRESH_EXPIRES_IN: duration('30d'),
    SESSION_ABSOLUTE_EXPIRES_IN: duration('90d'),
    MFA_REQUIRED_ROLES: roles,
    FRONTEND_WEB_URL: origins.optional(),
    FRONTEND_MOBILE_URL: origins.optional(),
    SOCKET_IO_CORS_ORIGIN: origins.optional(),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    TRUST_PROXY: z.string().refine(isTrustedProxies, PROXIES).default(''),
    METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
    RATE_LIMIT_PER_MINUTE: integer(30_000, 1, 100_000_000),
    VISIT_CHANGES_PER_10_MINUTES: integer(60, 1, 100_000_000),
    API_KEY_REQUESTS_PER_MINUTE: integer(600, 1, 100_000_000),
    SHUTDOWN_DRAIN_SECONDS: integer(2, 0, 60),
    BOOKING_URL: url('http:', 'https:').optional(),
    AI_ENABLED: z.stringbool().default(false),
    AI_BASE_URL: url('http:', 'https:').optional(),
    AI_API_KEY: z.string().optional(),
    AI_MODEL: z.string().max(200).default('gpt-4o-mini'),
    AI_FIRST_TOKEN_MILLISECONDS: integer(10_000, 50, 300_000),
    AI_TOTAL_MILLISECONDS: integer(45_000, 100, 600_000),
    AI_RETRIES: integer(1, 0, 3),
    AI_BREAKER_RESET_MILLISECONDS: integer(15_000, 50, 600_000),
    AI_MAX_ANSWER_TOKENS: integer(600, 16, 8_000),
    AI_CONTEXT_TOKENS: integer(3_000, 200, 100_000),
    AI_TOKENS_PER_DAY: integer(50_000, 1, 100_000_000),
    AI_RETENTION_DAYS: integer(90, 1, 3_650),
    AI_HEARTBEAT_MILLISECONDS: integer(15_000, 10, 120_000),
    JOBS_IN_PROCESS: z.stringbool().default(true),
    JOBS_SWEEP_SECONDS: integer(1, 1, 60),
    EMERGENCY_NUMBERS: emergencyNumbers,
    MAIL_FROM: z
      .string()
      .regex(MAIL_FROM, 'must be an address or Name <address>')
      .default('CareSlot <no-reply@localhost>'),
    SMTP_URL: serverUrl('SMTP_PASSWORD', 'smtp:', 'smtps:').optional(),
    SMTP_PASSWORD: z.string().optional(),
    SMTP_REQUIRE_TLS: z.stringbool().optional(),
    SMTP_CONNECTIONS: integer(5, 1, 50),
    TWILIO_ACCOUNT_SID: z.string().startsWith('AC').optional(),
    TWILIO_AUTH_TOKEN: z.string().optional(),
    TWILIO_FROM: z.string().optional(),
    TWILIO_API_URL: url('http:', 'https:').default('https://api.twilio.com'),
    FCM_SERVICE_ACCOUNT: serviceAccount.optional(),
    FCM_API_URL: url('http:', 'https:').default('https://fcm.googleapis.com'),
    STORAGE_DIR: z.string().default('.data/blobs'),
    STORAGE_S3_BUCKET: z.string().optional(),
    STORAGE_S3_ENDPOINT: url('http:', 'https:').optional(),
    STORAGE_S3_REGION: z.string().default('us-east-1'),
    STORAGE_S3_ACCESS_KEY_ID: z.string().optional(),
    STORAGE_S3_SECRET_ACCESS_KEY: z.string().optional(),
    SCAN_MAX_BYTES: integer(50 * MIB, 1024, 1024 * MIB),
    SCAN_MAX_PIXELS: integer(50_000_000, 10_000, 250_000_000),
    SCAN_MAX_FRAMES: integer(2_000, 1, 100_000),
    SCAN_CLIENT_MAX_BYTES: integer(2048 * MIB, 1024, Number.MAX_SAFE_INTEGER),
    SCAN_CLIENT_MAX_COUNT: integer(500, 1, 1_000_000),
    SCAN_STALL_SECONDS: integer(10, 1, 300),
    ...RETENTION_VARIABLES,
    SCAN_MODEL_PROTOCOL: z.enum(['none', 'kserve', 'openai']).default('none'),
    SCAN_MODEL_URL: url('http:', 'https:').optional(),
    SCAN_MODEL_NAME: z.string().optional(),
    SCAN_MODEL_VERSION: z.string().optional(),
    SCAN_MODEL_API_KEY: z.string().optional(),
    SCAN_MODEL_TIMEOUT_SECONDS: integer(30, 1, 600),
  })
  .superRefine((env, context) => {
    const addFault = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
    const twilio = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'] as const;
    if (twilio.some((name) => env[name])) {
      for (const name of twilio) if (!env[name]) addFault(name, 'is not set');
    }
    if (env.SCAN_MODEL_PROTOCOL !== 'none') {
      for (const name of ['SCAN_MODEL_URL', 'SCAN_MODEL_NAME'] as const) {
        if (!env[name]) addFault(name, 'must be set unless SCAN_MODEL_PROTOCOL is none');
      }
    }
    if (env.NODE_ENV === 'production') for (const { name, message } of productionFaults(env)) addFault(name, message);
  });

const LOCAL_FRONTEND = ['http://localhost:5173'];

/**
 * Puts passwords into their URLs, adds the origins of FRONTEND_MOBILE_URL to FRONTEND_WEB_URL, and sets the defaults that depend on
 * other variables.
 */
function toConfigValues(values: z.output<typeof ConfigSchema>) {
  const isProduction = values.NODE_ENV === 'production';
  const frontend = [...(values.FRONTEND_WEB_URL ?? LOCAL_FRONTEND), ...(values.FRONTEND_MOBILE_URL ?? [])];
  const smtpUrl = values.SMTP_URL && withPassword(values.SMTP_URL, values.SMTP_PASSWORD);
  return {
    ...values,
    HOST: values.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
    API_DOCS: values.API_DOCS ?? !isProduction,
    DATABASE_URL: withPassword(values.DATABASE_URL, values.PGPASSWORD),
    REDIS_URL: withPassword(values.REDIS_URL, values.REDIS_PASSWORD),
    FRONTEND_WEB_URL: frontend,
    SOCKET_IO_CORS_ORIGIN: values.SOCKET_IO_CORS_ORIGIN ?? frontend,
    SMTP_URL: smtpUrl,
    SMTP_REQUIRE_TLS: values.SMTP_REQUIRE_TLS ?? (isProduction && !(smtpUrl && isLoopbackUrl(smtpUrl))),
  };
}

/** Adds a password to a URL. A password that is already in the URL has priority. */
export function withPassword(url: string, password: string | undefined): string {
  if (password === undefined || new URL(url).password !== '') return url;
  const result = new URL(url);
  result.password = encodeURIComponent(password);
  // The URL of a Unix socket has no host, so it cannot have a password before the host.
  if (result.password === '') result.searchParams.set('password', password);
  return result.href;
}

export type ConfigValues = Readonly<ReturnType<typeof toConfigValues>> & {
  /** Variables that are set and have no function, with the reason. */
  readonly unusedVariables: Readonly<Record<string, string>>;
};

/** The configuration: a class, so that Nest can inject it by its type; the interface adds the values to the type. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the values are never created by `new`
export abstract class Config {}
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type -- as above
export interface Config extends ConfigValues {}

/**
 * Reads and checks the environment, and freezes the result.
 * @throws ConfigError that names every invalid variable, without its value
 */
export const loadConfig = (env: Environment = processEnvironment()): Config =>
  Object.freeze({ ...toConfigValues(parse(ConfigSchema, env)), unusedVariables: unusedVariables(env) });

/** The variables that are set and have no function, with the reason. */
function unusedVariables(env: Environment): Readonly<Record<string, string>> {
  const set = withoutBlanks(env);
  const isSet = (name: string): boolean => name in set || `${name}_FILE` in set;
  return Object.fromEntries(Object.entries(UNUSED_VARIABLES).filter(([name]) => isSet(name)));
}

/** @throws ConfigError that names every invalid variable, without its value */
export function parse<Schema extends z.ZodObject>(schema: Schema, environment: Environment): z.output<Schema> {
  const names = Object.keys(schema.shape);
  const read = withSecretFiles(withoutBlanks(environment), [...names, ...Object.keys(ALIASES)]);
  const { env, aliases, faults } = withAliases(read.env, names);
  faults.push(...read.faults);
  const result = schema.safeParse(env);
  if (result.success && faults.length === 0) return result.data;
  for (const { code, path, message } of result.error?.issues ?? []) {
    const name = path.join('.');
    if (faults.some((fault) => fault.name === `${name}_FILE`)) continue;
    faults.push({
      name: aliases.get(name) ?? name,
      message: code !== 'custom' && env[name] === undefined ? 'is not set' : message,
    });
  }
  const lines = faults.map(({ name, message }) => `  ${name}: ${message}`);
  throw new ConfigError(`The environment is not right (see .env.example):\n${[...new Set(lines)].join('\n')}`);
}

/** The maximum lifetime of an access token in seconds. An ended session must be known for this time. */
export const maxTokenSeconds = ({ JWT_EXPIRES_IN, NEUROAID_TOKEN_EXPIRES_IN }: Config): number =>
  Math.max(JWT_EXPIRES_IN, NEUROAID_TOKEN_EXPIRES_IN);

/** The base URL for clients, without a trailing slash. */
export const publicUrl = ({ PUBLIC_URL, PORT }: Config): string =>
  (PUBLIC_URL ?? `http://localhost:${PORT}`).replace(/\/+$/, '');

/** The prefix of all keys in Redis. Installations whose databases have different names can share a Redis. */
export const redisPrefix = ({ DATABASE_URL }: Config): string =>
  `careslot${new URL(DATABASE_URL).pathname.replace('/', ':')}`;
