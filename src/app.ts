import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Config } from './core/config/config.js';
import { CareSlotAdapter } from './core/http/careslot-adapter.js';
import { answerClientErrors } from './core/http/client-errors.js';
import { EmergencyTexts } from './core/http/emergency-texts.js';
import { ErrorFilter } from './core/http/error.filter.js';
import { answerForeignUpgrades } from './core/http/foreign-upgrades.js';
import { BodyRoutes } from './core/http/body-routes.js';
import { installPipeline } from './core/http/pipeline.js';
import { validationPipe } from './core/http/validation.js';
import { installQueueBoard } from './core/jobs/queue-board.js';
import type { Clock } from './core/kernel/clock.js';
import { LOGGER, NestLogger } from './core/logging/logger.js';
import { SocketAdapter } from './core/realtime/socket-adapter.js';
import { SOCKET_PATH } from './core/realtime/socket-server.js';
import { RateLimits } from './core/security/rate-limits.js';
import { QUEUE_BOARD_SIGN_IN } from './modules/auth/index.js';

/** Creates the application, ready to listen. Tests pass their own clock. */
export async function createApp(config: Config, clock?: Clock): Promise<NestExpressApplication> {
  const module = AppModule.forRoot(config, clock);
  const app = await NestFactory.create<NestExpressApplication>(module, new CareSlotAdapter(), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  const logger = app.get<Logger>(LOGGER);
  app.useLogger(new NestLogger(logger));
  installPipeline(app, {
    config,
    logger,
    limits: app.get(RateLimits),
    errors: app.get(ErrorFilter),
    emergencies: app.get(EmergencyTexts),
    bodies: app.get(BodyRoutes),
  });
  installQueueBoard(app, app.get(ErrorFilter), QUEUE_BOARD_SIGN_IN);
  app.useGlobalPipes(validationPipe());
  app.useWebSocketAdapter(new SocketAdapter(app));
  const server: Server = app.getHttpServer();
  answerForeignUpgrades(server, SOCKET_PATH);
  answerClientErrors(server);
  setTimeouts(server);
  return app;
}

function setTimeouts(server: Server): void {
  // Longer than the keep-alive timeout of load balancers (usually 60 s), so that the balancer closes a connection first.
  server.keepAliveTimeout = 72_000;
  server.headersTimeout = 75_000;
  // The maximum for a file. JSON bodies (30 s) and stalled uploads have shorter timeouts of their own.
  server.requestTimeout = 15 * 60_000;
}
