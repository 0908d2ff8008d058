import type { NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import cors from 'cors';
import type { NextFunction, Request, Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { newContext, runInContext } from '../context/request-context.js';
import { DomainError, invalid } from '../kernel/domain-error.js';
import { getAccountId } from '../kernel/actor.js';
import { newId } from '../kernel/id.js';
import { observeHttp } from './http-metrics.js';
import type { CareSlotRequest } from './careslot-request.js';
import type { RateLimits } from '../security/rate-limits.js';
import { isUnversioned } from './bare.js';
import { plainForwardedFor } from './client-address.js';
import type { EmergencyTexts } from './emergency-texts.js';
import type { ErrorFilter } from './error.filter.js';
import type { BodyRoutes } from './body-routes.js';
import { endRequestSpan, startRequestSpan } from './request-span.js';
import { toDevice } from './device.js';
import { jsonBody } from './json-body.js';

/** Other request ids are replaced. */
const VALID_REQUEST_ID = /^[\w.:-]{8,128}$/;
const MIN_COMPRESSED_BYTES = 1024;

interface Dependencies {
  config: Config;
  logger: Logger;
  limits: RateLimits;
  errors: ErrorFilter;
  emergencies: EmergencyTexts;
  bodies: BodyRoutes;
}

/** Installs the middleware that runs before Nest's router, in this order. */
export function installPipeline(app: NestExpressApplication, dependencies: Dependencies): void {
  const { config, logger, limits, errors, emergencies, bodies } = dependencies;
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', config.TRUST_PROXY === '' ? false : toTrustedProxies(config.TRUST_PROXY));
  if (config.TRUST_PROXY !== '') app.use(plainAddresses());
  app.use(withContext(logger));
  app.use(securityHeaders());
  app.use(crossOrigin(config));
  app.use(refuseBadRequests());
  app.use(limitRequests(limits));
  app.use(compressed());
  app.use(jsonBody(emergencies, bodies));
  // Errors of the middleware above do not reach Nest's filter.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) =>
    errors.send(error, request, response),
  );
}

const toTrustedProxies = (text: string): number | string[] =>
  /^\d+$/.test(text) ? Number(text) : text.split(',').map((proxy) => proxy.trim());

/** Removes the client's port, which some proxies (Azure) add to its address. */
function plainAddresses() {
  return ({ headers }: Request, _response: Response, next: NextFunction): void => {
    const forwarded = headers['x-forwarded-for'];
    if (typeof forwarded === 'string') headers['x-forwarded-for'] = plainForwardedFor(forwarded);
    next();
  };
}

/** Creates the context of the request with its id, and logs one line when the response is closed. */
function withContext(logger: Logger) {
  return (request: CareSlotRequest, response: Response, next: NextFunction): void => {
    const sent = request.headers['x-request-id'];
    const requestId = typeof sent === 'string' && VALID_REQUEST_ID.test(sent) ? sent : newId();
    const start = performance.now();
    const span = startRequestSpan(request, requestId);
    response.setHeader('X-Request-Id', requestId);
    response.once('close', () => {
      const route = (request.route as { path?: string } | undefined)?.path ?? 'none';
      const milliseconds = performance.now() - start;
      observeHttp(request.method, route, response.statusCode, milliseconds / 1000);
      if (span) endRequestSpan(span, request.method, route, response.statusCode);
      logger.info(
        {
          requestId,
          traceId: span?.traceId,
          method: request.method,
          route,
          status: response.statusCode,
          userId: request.actor ? getAccountId(request.actor) : undefined,
          apiKeyId: request.actor?.apiKey ? request.actor.userId : undefined,
          ms: Math.round(milliseconds * 10) / 10,
        },
        'request',
      );
    });
    const device = toDevice(request.headers['user-agent']);
    runInContext(newContext({ requestId, ip: request.ip ?? null, device, span }), next);
  };
}

const API_SECURITY: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
  crossOriginResourcePolicy: { policy: 'cross-origin' },
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
  // These are for pages or for old browsers; the responses are JSON.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/** For the pages of the API documentation. */
const DOCS_SECURITY: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'", "'unsafe-inline'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
};

/** Helmet's headers are the same for all responses, so they are computed once, at the start. */
function securityHeaders() {
  const api = computeHeaders(API_SECURITY);
  const docs = computeHeaders(DOCS_SECURITY);
  return (request: Request, response: Response, next: NextFunction): void => {
    for (const [name, value] of request.path.startsWith('/docs') ? docs : api) response.setHeader(name, value);
    next();
  };
}

function computeHeaders(options: HelmetOptions): [name: string, value: string][] {
  const headers: [string, string][] = [];
  const recorder = {
    setHeader: (name: string, value: string) => headers.push([name, value]),
    removeHeader: () => undefined,
  };
  helmet(options)({} as IncomingMessage, recorder as unknown as ServerResponse, () => undefined);
  return headers;
}

/** Origins of pages in development on this machine. All ports, because Flutter uses a new one for each run. */
const LOCALHOST = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/** Requests without an Origin do not come from a page of another origin: they only get `Vary: Origin`. */
function crossOrigin({ FRONTEND_WEB_URL, NODE_ENV }: Config) {
  const handle = cors({
    origin: NODE_ENV === 'production' ? FRONTEND_WEB_URL : [...FRONTEND_WEB_URL, LOCALHOST],
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'X-Auth-Mode',
      'X-CSRF-Token',
      'X-Request-Id',
    ],
    exposedHeaders: [
      'ETag',
      'Idempotency-Replayed',
      'Link',
      'Retry-After',
      'X-Request-Id',
      'X-Total-Count',
      'RateLimit-Limit',
      'RateLimit-Remaining',
      'RateLimit-Reset',
    ],
    maxAge: 600,
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    if (request.headers.origin !== undefined || request.method === 'OPTIONS') return handle(request, response, next);
    response.setHeader('Vary', 'Origin');
    next();
  };
}

/** Without Accept-Encoding, skips the compression middleware, which costs a fifth of a cheap read. */
function compressed() {
  const compress = compression({ threshold: MIN_COMPRESSED_BYTES });
  return (request: Request, response: Response, next: NextFunction): void => {
    if (request.headers['accept-encoding']) compress(request, response, next);
    else next();
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

/** Only unversioned routes use PATCH. */
const isMethodUsed = ({ method, path }: Request): boolean =>
  METHODS.has(method) || (method === 'PATCH' && isUnversioned(path));

function refuseBadRequests() {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!isMethodUsed(request)) {
      response.setHeader('Allow', [...METHODS].join(', '));
      throw new DomainError('METHOD_NOT_ALLOWED', 'This method is not used here.');
    }
    if (/%00/.test(request.url)) throw invalid({ field: 'url', error: 'must not contain a NUL character' });
    next();
  };
}

function limitRequests(limits: RateLimits) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    limits.consumeRequest(request.ip ?? 'unknown');
    next();
  };
}
