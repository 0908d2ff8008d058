// Must be the first import (the comment in memory.ts says why).
import './core/memory.js';
import cluster from 'node:cluster';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { answerMetricsRequests } from './core/cluster/process-metrics.js';
import { SiblingRouter } from './core/cluster/sibling-router.js';
import { loadConfig } from './core/config/config.js';
import { HealthReport } from './core/health/health-report.js';
import { printError } from './core/logging/print-error.js';
import { SocketServer } from './core/realtime/socket-server.js';
import { bootstrap, type Extension } from './main.js';

/** An API process of a cluster; `cluster.ts` starts it. The argument is the folder for the sockets between processes. */
async function run(): Promise<void> {
  const router = new SiblingRouter(process.argv[2] ?? '', cluster.worker?.id ?? 0);
  const running = await bootstrap(loadConfig(), extension(router));
  const stop = (isReplaced: boolean): void =>
    void running.close(isReplaced).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  process.on('SIGTERM', () => stop(false));
  process.on('SIGINT', () => stop(false));
  process.on('message', (message) => message === 'retire' && stop(true));
  process.send?.('ready');
}

const extension = (router: SiblingRouter): Extension => ({
  attach: async (app: NestExpressApplication): Promise<void> => {
    // Binds the gateway to the socket server, which has its engine from then on.
    await app.init();
    router.attach(app.get(SocketServer).io.engine);
    await router.listen(app.getHttpServer());
    answerMetricsRequests(app.get(HealthReport));
  },
  close: () => router.close(),
});

run().catch((error: unknown) => {
  printError(error);
  process.exit(1);
});
