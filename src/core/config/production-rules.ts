import { isLoopback } from '../kernel/loopback.js';
import { estimateBits } from './secret-strength.js';

export interface Fault {
  name: string;
  message: string;
}

/** What the rules read of the configuration. */
export interface RuledValues {
  NODE_ENV: string;
  DATABASE_URL: string;
  DATABASE_INSECURE: boolean;
  REDIS_URL: string;
  REDIS_INSECURE: boolean;
  PUBLIC_URL?: string | undefined;
  FRONTEND_WEB_URL?: string[] | undefined;
  FRONTEND_MOBILE_URL?: string[] | undefined;
  SOCKET_IO_CORS_ORIGIN?: string[] | undefined;
  JWT_SECRET: string;
  METRICS_TOKEN?: string | undefined;
  JWT_EXPIRES_IN: number;
  JWT_REFRESH_EXPIRES_IN: number;
  SESSION_ABSOLUTE_EXPIRES_IN: number;
  SMTP_URL?: string | undefined;
  MAIL_FROM: string;
  TWILIO_API_URL: string;
  FCM_API_URL: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds: the shortest and the longest that each life time may be. */
const LIFE_TIMES = {
  JWT_EXPIRES_IN: [MINUTE, DAY, 'from 1m to 1d'],
  JWT_REFRESH_EXPIRES_IN: [HOUR, 180 * DAY, 'from 1h to 180d'],
  SESSION_ABSOLUTE_EXPIRES_IN: [HOUR, 365 * DAY, 'from 1h to 365d'],
} as const;

/** Of the estimate in `secret-strength.ts`; `openssl rand -hex 16` has some 128. */
const JWT_SECRET_BITS = 70;
const METRICS_TOKEN_BITS = 30;

/** What production refuses to start with. */
export function productionFaults(env: RuledValues): Fault[] {
  return [
    ...databaseFaults(env),
    ...redisFaults(env),
    ...secretFaults(env),
    ...lifeTimeFaults(env),
    ...addressFaults(env),
    ...mailFaults(env),
    ...providerFaults(env),
  ];
}

/** `postgres://` to another host has to be encrypted and the server's certificate checked. */
export function databaseFaults({
  NODE_ENV,
  DATABASE_URL,
  DATABASE_INSECURE,
}: Pick<RuledValues, 'NODE_ENV' | 'DATABASE_URL' | 'DATABASE_INSECURE'>): Fault[] {
  if (NODE_ENV !== 'production' || DATABASE_INSECURE) return [];
  const { hostname, searchParams } = new URL(DATABASE_URL);
  const host = lastOf(searchParams, 'host') ?? hostname;
  if (host === '') {
    return [
      { name: 'DATABASE_URL', message: 'must name the host; of a Unix socket its folder, ?host=/var/run/postgresql' },
    ];
  }
  if (host.startsWith('/') || isLoopback(host) || isVerifiedTls(searchParams)) return [];
  return [
    {
      name: 'DATABASE_URL',
      message: 'must use TLS to another host: add ?sslmode=verify-full, or set DATABASE_INSECURE=true',
    },
  ];
}

/** Of a parameter that is given twice the driver takes the last one. */
const lastOf = (parameters: URLSearchParams, name: string): string | null => parameters.getAll(name).at(-1) ?? null;

function isVerifiedTls(parameters: URLSearchParams): boolean {
  const mode = lastOf(parameters, 'sslmode');
  // With libpq's meaning, `require` accepts any certificate.
  if (lastOf(parameters, 'uselibpqcompat') === 'true') return mode === 'verify-full' || mode === 'verify-ca';
  if (mode !== null) return ['require', 'verify-ca', 'verify-full'].includes(mode);
  return ['true', '1'].includes(lastOf(parameters, 'ssl') ?? '');
}

function redisFaults({ REDIS_URL, REDIS_INSECURE }: RuledValues): Fault[] {
  if (REDIS_INSECURE || new URL(REDIS_URL).protocol === 'rediss:' || isLoopbackUrl(REDIS_URL)) return [];
  return [{ name: 'REDIS_URL', message: 'must use TLS to another host: use rediss://, or set REDIS_INSECURE=true' }];
}

// JWT_SECRET_PREVIOUS is not judged: an installation leaves a weak secret by keeping it there.
function* secretFaults({ JWT_SECRET, METRICS_TOKEN }: RuledValues): Generator<Fault> {
  const looksLikeDefault = /change-?me|secret|example|default|careslot/i.test(JWT_SECRET);
  if (looksLikeDefault || estimateBits(JWT_SECRET) < JWT_SECRET_BITS) {
    yield { name: 'JWT_SECRET', message: 'can be guessed; make one with: openssl rand -base64 48' };
  }
  if (METRICS_TOKEN !== undefined && estimateBits(METRICS_TOKEN) < METRICS_TOKEN_BITS) {
    yield { name: 'METRICS_TOKEN', message: 'can be guessed; make one with: openssl rand -base64 24' };
  }
}

function* lifeTimeFaults(env: RuledValues): Generator<Fault> {
  for (const [name, [shortest, longest, range]] of Object.entries(LIFE_TIMES)) {
    const seconds = env[name as keyof typeof LIFE_TIMES];
    if (seconds < shortest || seconds > longest) yield { name, message: `must be ${range}` };
  }
  if (env.JWT_REFRESH_EXPIRES_IN < env.JWT_EXPIRES_IN) {
    yield { name: 'JWT_REFRESH_EXPIRES_IN', message: 'must not be shorter than JWT_EXPIRES_IN' };
  }
  if (env.SESSION_ABSOLUTE_EXPIRES_IN < env.JWT_REFRESH_EXPIRES_IN) {
    yield { name: 'SESSION_ABSOLUTE_EXPIRES_IN', message: 'must not be shorter than JWT_REFRESH_EXPIRES_IN' };
  }
}

function* addressFaults(env: RuledValues): Generator<Fault> {
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

function* mailFaults({ SMTP_URL, MAIL_FROM }: RuledValues): Generator<Fault> {
  if (SMTP_URL && MAIL_FROM.includes('@localhost')) yield { name: 'MAIL_FROM', message: 'is not set' };
}

function* providerFaults(env: RuledValues): Generator<Fault> {
  for (const name of ['TWILIO_API_URL', 'FCM_API_URL'] as const) {
    if (new URL(env[name]).protocol !== 'https:' && !isLoopbackUrl(env[name])) {
      yield { name, message: 'must be https to another host' };
    }
  }
}

/** The text as browsers write an origin, or null if it is none: `*`, `null`, a wildcard, a path, another scheme. */
export function toOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, origin, pathname, search, hash, username, password } = new URL(text);
  const isPlain = [search, hash, username, password].every((part) => part === '') && pathname === '/';
  return isPlain && /^https?:$/.test(protocol) && !hostname.includes('*') ? origin : null;
}

export const isLoopbackUrl = (url: string): boolean => isLoopback(new URL(url).hostname);
