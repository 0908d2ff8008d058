import ipaddr from 'ipaddr.js';
import { isLoopback } from '../kernel/loopback.js';
import type { Fault } from './faults.js';
import type { FieldKey } from './field-keys.js';
import { getProviderUrls, type IdentityProviderSettings } from './oidc-providers.js';
import { isLoopbackUrl, isUnencrypted, toOrigin } from './origins.js';
import { estimateBits } from './secret-strength.js';

/** The values of the configuration that the rules check. */
interface CheckedValues {
  NODE_ENV: string;
  DATABASE_URL: string;
  DATABASE_READ_URL?: string | undefined;
  DATABASE_INSECURE: boolean;
  REDIS_URL: string;
  REDIS_INSECURE: boolean;
  PUBLIC_URL?: string | undefined;
  FRONTEND_WEB_URL?: string[] | undefined;
  FRONTEND_MOBILE_URL?: string[] | undefined;
  SOCKET_IO_CORS_ORIGIN?: string[] | undefined;
  JWT_SECRET: string;
  FIELD_ENCRYPTION_KEYS?: readonly FieldKey[] | undefined;
  METRICS_TOKEN?: string | undefined;
  JWT_EXPIRES_IN: number;
  JWT_REFRESH_EXPIRES_IN: number;
  SESSION_ABSOLUTE_EXPIRES_IN: number;
  SMTP_URL?: string | undefined;
  MAIL_FROM: string;
  TWILIO_API_URL: string;
  FCM_API_URL: string;
  RAZORPAY_API_URL: string;
  OIDC_PROVIDERS?: Readonly<Record<string, IdentityProviderSettings>> | undefined;
  OIDC_RETURN_URLS?: string[] | undefined;
  STORAGE_S3_ENDPOINT?: string | undefined;
  STORAGE_S3_INSECURE: boolean;
  SCAN_MODEL_URL?: string | undefined;
  SCAN_MODEL_INSECURE: boolean;
  AI_BASE_URL?: string | undefined;
  AI_INSECURE: boolean;
  WEBHOOK_ALLOWED_NETWORKS: readonly string[];
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_HEADERS: Readonly<Record<string, string>>;
}

// In seconds.
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The minimum and maximum of each lifetime. */
const LIFETIMES = {
  JWT_EXPIRES_IN: [MINUTE, DAY, 'from 1m to 1d'],
  JWT_REFRESH_EXPIRES_IN: [HOUR, 180 * DAY, 'from 1h to 180d'],
  SESSION_ABSOLUTE_EXPIRES_IN: [HOUR, 365 * DAY, 'from 1h to 365d'],
} as const;

/** The minimum entropy as estimated by `secret-strength.ts`. The output of `openssl rand -hex 16` has about 128 bits. */
const MIN_JWT_SECRET_BITS = 70;
const MIN_METRICS_TOKEN_BITS = 30;

/** The settings with which a production process does not start. */
export function productionFaults(env: CheckedValues): Fault[] {
  return [
    ...databaseFaults(env),
    ...redisFaults(env),
    ...secretFaults(env),
    ...lifetimeFaults(env),
    ...addressFaults(env),
    ...mailFaults(env),
    ...providerFaults(env),
    ...identityProviderFaults(env),
    ...patientDataFaults(env),
    ...webhookFaults(env),
    ...telemetryFaults(env),
  ];
}

/** A connection to a database on another host must be encrypted, and must verify the server's certificate. */
export function databaseFaults({
  NODE_ENV,
  DATABASE_INSECURE,
  ...urls
}: Pick<CheckedValues, 'NODE_ENV' | 'DATABASE_URL' | 'DATABASE_READ_URL' | 'DATABASE_INSECURE'>): Fault[] {
  if (NODE_ENV !== 'production' || DATABASE_INSECURE) return [];
  return (['DATABASE_URL', 'DATABASE_READ_URL'] as const).flatMap((name) => {
    const message = checkDatabaseUrl(urls[name]);
    return message === null ? [] : [{ name, message }];
  });
}

/** @returns what is wrong; null for a URL that cannot be read, too: that has been reported already, and zod runs these rules all the same */
function checkDatabaseUrl(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { hostname, searchParams } = new URL(url);
  const host = getLast(searchParams, 'host') ?? hostname;
  if (host === '') return 'must name the host; of a Unix socket its folder, ?host=/var/run/postgresql';
  if (host.startsWith('/') || isLoopback(host) || isVerifiedTls(searchParams)) return null;
  return 'must use TLS to another host: add ?sslmode=verify-full, or set DATABASE_INSECURE=true';
}

/** The value of a parameter. If it occurs several times, the driver uses the last one. */
const getLast = (parameters: URLSearchParams, name: string): string | null => parameters.getAll(name).at(-1) ?? null;

function isVerifiedTls(parameters: URLSearchParams): boolean {
  const mode = getLast(parameters, 'sslmode');
  // With libpq's meaning, `require` accepts any certificate.
  if (getLast(parameters, 'uselibpqcompat') === 'true') return mode === 'verify-full' || mode === 'verify-ca';
  if (mode !== null) return ['require', 'verify-ca', 'verify-full'].includes(mode);
  return ['true', '1'].includes(getLast(parameters, 'ssl') ?? '');
}

function redisFaults({ REDIS_URL, REDIS_INSECURE }: CheckedValues): Fault[] {
  if (REDIS_INSECURE || !URL.canParse(REDIS_URL)) return [];
  if (new URL(REDIS_URL).protocol === 'rediss:' || isLoopbackUrl(REDIS_URL)) return [];
  return [{ name: 'REDIS_URL', message: 'must use TLS to another host: use rediss://, or set REDIS_INSECURE=true' }];
}

export function* fieldKeyFaults({
  FIELD_ENCRYPTION_KEYS,
}: Pick<CheckedValues, 'FIELD_ENCRYPTION_KEYS'>): Generator<Fault> {
  if (FIELD_ENCRYPTION_KEYS) return;
  yield { name: 'FIELD_ENCRYPTION_KEYS', message: 'is not set; make it with: echo "k1:$(openssl rand -base64 32)"' };
}

// JWT_SECRET_PREVIOUS may be weak: that is how an installation replaces a weak secret.
function* secretFaults({ JWT_SECRET, FIELD_ENCRYPTION_KEYS, METRICS_TOKEN }: CheckedValues): Generator<Fault> {
  const looksLikeDefault = /change-?me|secret|example|default|careslot/i.test(JWT_SECRET);
  if (looksLikeDefault || estimateBits(JWT_SECRET) < MIN_JWT_SECRET_BITS) {
    yield { name: 'JWT_SECRET', message: 'can be guessed; make one with: openssl rand -base64 48' };
  }
  yield* fieldKeyFaults({ FIELD_ENCRYPTION_KEYS });
  if (METRICS_TOKEN !== undefined && estimateBits(METRICS_TOKEN) < MIN_METRICS_TOKEN_BITS) {
    yield { name: 'METRICS_TOKEN', message: 'can be guessed; make one with: openssl rand -base64 24' };
  }
}

function* lifetimeFaults(env: CheckedValues): Generator<Fault> {
  for (const [name, [min, max, range]] of Object.entries(LIFETIMES)) {
    const seconds = env[name as keyof typeof LIFETIMES];
    if (seconds < min || seconds > max) yield { name, message: `must be ${range}` };
  }
  if (env.JWT_REFRESH_EXPIRES_IN < env.JWT_EXPIRES_IN) {
    yield { name: 'JWT_REFRESH_EXPIRES_IN', message: 'must not be shorter than JWT_EXPIRES_IN' };
  }
  if (env.SESSION_ABSOLUTE_EXPIRES_IN < env.JWT_REFRESH_EXPIRES_IN) {
    yield { name: 'SESSION_ABSOLUTE_EXPIRES_IN', message: 'must not be shorter than JWT_REFRESH_EXPIRES_IN' };
  }
}

function* addressFaults(env: CheckedValues): Generator<Fault> {
  if (!env.PUBLIC_URL) yield { name: 'PUBLIC_URL', message: 'is not set: links in messages need it' };
  if (!env.FRONTEND_WEB_URL?.length) {
    yield { name: 'FRONTEND_WEB_URL', message: 'is not set: name the origins of the web application' };
  }
  for (const name of ['FRONTEND_WEB_URL', 'FRONTEND_MOBILE_URL', 'SOCKET_IO_CORS_ORIGIN'] as const) {
    const wrong = env[name]?.some((origin) => toOrigin(origin) === null);
    if (wrong) {
      yield { name, message: 'must be origins such as https://app.example.org; no *, no null, no path' };
    }
  }
}

function* mailFaults({ SMTP_URL, MAIL_FROM }: CheckedValues): Generator<Fault> {
  if (SMTP_URL && MAIL_FROM.includes('@localhost')) yield { name: 'MAIL_FROM', message: 'is not set' };
}

function* providerFaults(env: CheckedValues): Generator<Fault> {
  for (const name of ['TWILIO_API_URL', 'FCM_API_URL', 'RAZORPAY_API_URL'] as const) {
    // Not isUnencrypted: a URL with a third scheme is named here, too.
    if (URL.canParse(env[name]) && new URL(env[name]).protocol !== 'https:' && !isLoopbackUrl(env[name])) {
      yield { name, message: 'must be https to another host' };
    }
  }
}

function* identityProviderFaults({ OIDC_PROVIDERS = {}, OIDC_RETURN_URLS = [] }: CheckedValues): Generator<Fault> {
  for (const [name, provider] of Object.entries(OIDC_PROVIDERS)) {
    if (getProviderUrls(provider).some(isUnencrypted)) {
      yield { name: 'OIDC_PROVIDERS', message: `${name} must use https to another host` };
    }
  }
  // The one-time code is in the URL.
  if (OIDC_RETURN_URLS.some((url) => URL.canParse(url) && isUnencrypted(url))) {
    yield { name: 'OIDC_RETURN_URLS', message: 'must be https to another host' };
  }
}

/** Images, redacted questions and keys must not leave this machine without encryption unless the operator allows it. */
function* patientDataFaults(env: CheckedValues): Generator<Fault> {
  const services = [
    ['STORAGE_S3_ENDPOINT', 'STORAGE_S3_INSECURE'],
    ['SCAN_MODEL_URL', 'SCAN_MODEL_INSECURE'],
    ['AI_BASE_URL', 'AI_INSECURE'],
  ] as const;
  for (const [name, optIn] of services) {
    const url = env[name];
    if (url && !env[optIn] && URL.canParse(url) && isUnencrypted(url)) {
      yield { name, message: `must be https to another host, or set ${optIn}=true` };
    }
  }
}

/** Traces have no data of patients, but the headers may have the collector's key. */
function* telemetryFaults({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_HEADERS: headers,
}: CheckedValues): Generator<Fault> {
  if (url && Object.keys(headers).length > 0 && URL.canParse(url) && isUnencrypted(url)) {
    yield { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', message: 'must be https to another host if there are headers' };
  }
}

/**
 * No receiver of webhooks is in these networks. They are this machine, and the link-local addresses, at which clouds give a machine its
 * credentials.
 */
const NEVER_ALLOWED_NETWORKS = ['127.0.0.0/8', '169.254.0.0/16', '0.0.0.0/8', '::1/128', 'fe80::/10', '::/128'].map(
  (network) => ipaddr.parseCIDR(network),
);

function* webhookFaults({ WEBHOOK_ALLOWED_NETWORKS }: CheckedValues): Generator<Fault> {
  const name = 'WEBHOOK_ALLOWED_NETWORKS';
  const allowed = WEBHOOK_ALLOWED_NETWORKS.map((network) => ipaddr.parseCIDR(network));
  const isUnsafe = allowed.some((one) => NEVER_ALLOWED_NETWORKS.some((other) => overlaps(one, other)));
  if (isUnsafe) yield { name, message: 'must not include addresses of this machine or link-local addresses' };
}

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

function overlaps(a: Network, b: Network): boolean {
  const [wider, narrower] = a[1] < b[1] ? [a, b] : [b, a];
  return wider[0].kind() === narrower[0].kind() && narrower[0].match(wider);
}
