import { z } from 'zod';
import { AI_SETTINGS } from './ai-settings.js';
import { ALIASES, UNUSED_VARIABLES, withAliases } from './aliases.js';
import { ConfigError, processEnvironment, withoutBlanks, withSecretFiles, type Environment } from './environment.js';
import { addFaults, type Fault } from './faults.js';
import { IDENTITY_SETTINGS } from './identity-settings.js';
import { MESSAGE_SETTINGS } from './message-settings.js';
import { OBSERVABILITY_SETTINGS } from './observability-settings.js';
import { isLoopbackUrl } from './origins.js';
import { PAYMENT_SETTINGS } from './payment-settings.js';
import { productionFaults } from './production-rules.js';
import { RETENTION_SETTINGS } from './retention-settings.js';
import { SCAN_SETTINGS } from './scan-settings.js';
import { SERVER_SETTINGS } from './server-settings.js';
import { STORE_SETTINGS } from './store-settings.js';

/** Every variable that CareSlot reads, except aliases. `.env.example` lists the same names; a test compares them. */
export const ConfigSchema = z
  .object({
    ...SERVER_SETTINGS,
    ...STORE_SETTINGS,
    ...IDENTITY_SETTINGS,
    ...MESSAGE_SETTINGS,
    ...PAYMENT_SETTINGS,
    ...AI_SETTINGS,
    ...SCAN_SETTINGS,
    ...RETENTION_SETTINGS,
    ...OBSERVABILITY_SETTINGS,
  })
  .superRefine((env, context) => {
    addFaults(context, incompleteGroupFaults(env));
    addFaults(context, scanModelFaults(env));
    if (env.NODE_ENV === 'production') addFaults(context, productionFaults(env));
  });

/** Variables of which either all or none are set. */
const GROUPS = [
  ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
  ['RAZORPAY_KEY_ID', 'RAZORPAY_KEY_SECRET', 'RAZORPAY_WEBHOOK_SECRET'],
] as const;

function* incompleteGroupFaults(env: Partial<Record<(typeof GROUPS)[number][number], string>>): Generator<Fault> {
  for (const names of GROUPS) {
    if (!names.some((name) => env[name])) continue;
    for (const name of names) if (!env[name]) yield { name, message: 'is not set' };
  }
}

function* scanModelFaults(env: z.output<z.ZodObject<typeof SCAN_SETTINGS>>): Generator<Fault> {
  if (env.SCAN_MODEL_PROTOCOL !== 'none') {
    for (const name of ['SCAN_MODEL_URL', 'SCAN_MODEL_NAME'] as const) {
      if (!env[name]) yield { name, message: 'must be set unless SCAN_MODEL_PROTOCOL is none' };
    }
  }
  const { SCAN_MODEL_LABELS: labels, SCAN_MODEL_NEGATIVE_LABEL: negative } = env;
  if (negative && labels.length > 0 && (labels.length < 2 || !labels.includes(negative))) {
    const message = 'must be one of several SCAN_MODEL_LABELS, if there are any';
    yield { name: 'SCAN_MODEL_NEGATIVE_LABEL', message };
  }
}

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
    DATABASE_READ_URL: values.DATABASE_READ_URL && withPassword(values.DATABASE_READ_URL, values.PGPASSWORD),
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
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- the values are never created by `new`
export abstract class Config {}
// oxlint-disable-next-line typescript/no-empty-object-type -- as above
export interface Config extends ConfigValues {}

/**
 * Reads and checks the environment, and freezes the result.
 * @throws ConfigError that names every invalid variable, without its value
 */
export const loadConfig = (env: Environment = processEnvironment()): Config =>
  Object.freeze({ ...toConfigValues(parseEnvironment(ConfigSchema, env)), unusedVariables: unusedVariables(env) });

/** The variables that are set and have no function, with the reason. */
function unusedVariables(env: Environment): Readonly<Record<string, string>> {
  const set = withoutBlanks(env);
  const isSet = (name: string): boolean => name in set || `${name}_FILE` in set;
  return Object.fromEntries(Object.entries(UNUSED_VARIABLES).filter(([name]) => isSet(name)));
}

/**
 * Reads secret files, resolves aliases and validates the variables of a schema.
 * @throws ConfigError that names every invalid variable, without its value
 */
export function parseEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
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
  throw new ConfigError(`The environment is not valid (see .env.example):\n${[...new Set(lines)].join('\n')}`);
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
