// Must be the first import (the comment in memory.ts says why).
import './core/memory.js';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server as NetServer, type AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import { API_DOCUMENT } from './api-document.js';
import { createApp } from './app.js';
import { loadConfig } from './core/config/config.js';
import { reportFatalError } from './core/observability/error-reporter.js';
import { HealthService } from './core/health/health.service.js';
import { installOpenApi } from './core/http/openapi.js';
import { stopListening } from './core/http/stop-listening.js';
import { createLogger, LOGGER } from './core/logging/logger.js';
import { printError } from './core/logging/print-error.js';
import { exitOnUncaughtErrors } from './core/logging/uncaught-errors.js';

export interface Running {
  url: string;
  /**
   * Drains and closes: accepted requests are completed, for up to ten seconds. Safe to call twice.
   * @param isReplaced whether another process accepts connections on the same port already
   */
  close(isReplaced?: boolean): Promise<void>;
}

/** What a process of a cluster adds to the API. */
export interface Extension {
  /** Called before the server listens. */
  attach(app: NestExpressApplication): Promise<void>;
  /** Called after the drain, before the application closes. */
  close(): void;
}

/** Connections that are still open after this time are closed. */
const CLOSE_CONNECTIONS_MILLISECONDS = 10_000;
/** If the application is not closed after this time, `close` throws and the process exits with 1. */
const MAX_CLOSE_MILLISECONDS = CLOSE_CONNECTIONS_MILLISECONDS + 2_000;

/** Starts HTTP. Installs no signal handlers. */
export async function bootstrap(config = loadConfig(), extension?: Extension): Promise<Running> {
  const app = await createApp(config);
  installOpenApi(app, config, API_DOCUMENT);
  const health = app.get(HealthService);
  const server = app.getHttpServer();
  server.prependListener('request', (_request: Request, response: Response) => {
    // The client must open a new connection for its next request: the balancer sends that to another process.
    if (health.isDraining) response.setHeader('Connection', 'close');
  });
  await extension?.attach(app);
  await app.listen(config.PORT, config.HOST);
  const { port } = server.address() as AddressInfo;
  app.get<Logger>(LOGGER).info({ mode: config.NODE_ENV, host: config.HOST, port }, 'listening');
  let closing: Promise<void> | null = null;
  const close = async (isReplaced: boolean): Promise<void> => {
    health.drain();
    // Closes the listener only: the server's own `close` would also close idle connections, on which a request may be on its way.
    if (isReplaced) NetServer.prototype.close.call(server);
    const drain = config.NODE_ENV === 'production' ? config.SHUTDOWN_DRAIN_SECONDS : 0;
    await sleep(drain * 1000);
    await stopListening(server);
    extension?.close();
    setTimeout(() => server.closeAllConnections(), CLOSE_CONNECTIONS_MILLISECONDS).unref();
    const timeout = sleep(MAX_CLOSE_MILLISECONDS, undefined, { ref: false }).then(() => {
      throw new Error('closing took too long');
    });
    await Promise.race([app.close(), timeout]);
  };
  return {
    url: config.PUBLIC_URL ?? `http://localhost:${port}`,
    close: (isReplaced = false) => (closing ??= close(isReplaced)),
  };
}

async function run(): Promise<void> {
  const config = loadConfig();
  exitOnUncaughtErrors(createLogger(config.LOG_LEVEL), reportFatalError);
  const running = await bootstrap(config);
  const exit = (code: number) => (): void => process.exit(code);
  const stop = (): void => void running.close().then(exit(0), exit(1));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // For a process manager that waits for it, such as PM2 (`wait_ready`).
  process.send?.('ready');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  run().catch((error: unknown) => {
    printError(error);
    process.exit(1);
  });
}
