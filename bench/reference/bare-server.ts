import type { Server } from 'node:http';
import express, { type Express, type Request } from 'express';
import jwt from 'jsonwebtoken';
import { ACCESS_TOKEN, deriveKey, type AccessClaims } from '../../src/core/security/tokens.js';

/** @throws Error if the variable is not set */
export function env(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export const key = deriveKey(env('JWT_SECRET'), 'access-token');

/** Express without what a bare server does not need, with the route that is asked whether it runs. */
export function createServer(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.get('/health/live', (_request, response) => void response.json({ status: 'ok' }));
  return app;
}

/** @throws JsonWebTokenError */
export function readClaims({ headers: { authorization = '' } }: Request): AccessClaims {
  return jwt.verify(authorization.slice('Bearer '.length), key, {
    algorithms: [ACCESS_TOKEN.algorithm],
    issuer: ACCESS_TOKEN.issuer,
    audience: ACCESS_TOKEN.audience,
  }) as unknown as AccessClaims;
}

/** Listens on PORT until SIGTERM. @param close is called at the end */
export function listen(app: Express, close: () => Promise<void>): Server {
  const server = app.listen(Number(env('PORT')), '127.0.0.1');
  process.on('SIGTERM', () => {
    server.close(() => void close().then(() => process.exit(0)));
    server.closeAllConnections();
  });
  return server;
}
