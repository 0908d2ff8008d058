import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { toOrigin } from './origins.js';
import { integer, url } from './variable-types.js';

/** Comma-separated origins. A trailing slash is removed, because browsers do not send it. */
const origins = z.string().transform((text) =>
  text
    .split(',')
    .map((origin) => toOrigin(origin.trim()) ?? origin.trim())
    .filter(Boolean),
);

const PROXIES = 'must be the number of proxies (0 to 10), or their addresses or networks, such as 10.0.0.0/8';
const NETWORK_NAMES = ['loopback', 'linklocal', 'uniquelocal'];

/** A number of proxies, or addresses, networks and express's names for networks. A network of all addresses (/0) is refused. */
const isTrustedProxies = (text: string): boolean =>
  /^\d+$/.test(text) ? Number(text) <= MAX_PROXIES : text.split(',').every((part) => isNetwork(part.trim()));

const MAX_PROXIES = 10;
const MAX_API_PROCESSES = 256;

function isNetwork(text: string): boolean {
  const [address = '', length, ...others] = text.split('/');
  if (NETWORK_NAMES.includes(text)) return true;
  const bits = isIP(address) === 4 ? 32 : 128;
  const isLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) >= 1 && Number(length) <= bits);
  return isIP(address) !== 0 && isLength && others.length === 0;
}

/** Comma-separated networks in CIDR notation, or addresses. */
const networks = z.string().transform((text, context) => {
  const parts = text.split(',').map((part) => part.trim());
  const cidrs = parts.flatMap((part) => toCidr(part) ?? []);
  if (cidrs.length === parts.length) return cidrs;
  context.addIssue({ code: 'custom', message: 'must be addresses or networks, such as 10.20.0.0/16' });
  return z.NEVER;
});

function toCidr(text: string): string | null {
  const cidr = isIP(text) === 0 ? text : `${text}/${isIP(text) === 4 ? 32 : 128}`;
  return ipaddr.isValidCIDR(cidr) ? cidr : null;
}

/** What the processes serve, to whom, and how much. */
export const SERVER_SETTINGS = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  HOST: z.string().optional(),
  PORT: integer(3000, 0, 65_535),
  WORKER_PORT: integer(3001, 0, 65_535),
  PUBLIC_URL: url('http:', 'https:').optional(),
  API_DOCS: z.stringbool().optional(),
  FRONTEND_WEB_URL: origins.optional(),
  FRONTEND_MOBILE_URL: origins.optional(),
  SOCKET_IO_CORS_ORIGIN: origins.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  TRUST_PROXY: z.string().refine(isTrustedProxies, PROXIES).default(''),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  RATE_LIMIT_PER_MINUTE: integer(30_000, 1, 100_000_000),
  VISIT_CHANGES_PER_10_MINUTES: integer(60, 1, 100_000_000),
  API_KEY_REQUESTS_PER_MINUTE: integer(600, 1, 100_000_000),
  WEBHOOK_ALLOWED_NETWORKS: networks.default([]),
  SHUTDOWN_DRAIN_SECONDS: integer(2, 0, 60),
  WEB_CONCURRENCY: integer(Math.min(availableParallelism(), MAX_API_PROCESSES), 1, MAX_API_PROCESSES),
  JOBS_PROCESSES: integer(1, 0, 64),
  BOOKING_URL: url('http:', 'https:').optional(),
  JOBS_IN_PROCESS: z.stringbool().default(true),
  JOBS_SWEEP_SECONDS: integer(1, 1, 60),
} as const;
