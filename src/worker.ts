import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { answerMetricsRequests } from './core/cluster/process-metrics.js';
import { loadConfig } from './core/config/config.js';
import { reportFatalError } from './core/observability/error-reporter.js';
import { HealthReport } from './core/health/health-report.js';
import { HealthService } from './core/health/health.service.js';
import { ProbeServer } from './core/health/probe-server.js';
import { NestLogger, createLogger } from './core/logging/logger.js';
import { printError } from './core/logging/print-error.js';
import { exitOnUncaughtErrors } from './core/logging/uncaught-errors.js';

/** If the worker is not closed after this time, the process exits with 1. */
const MAX_CLOSE_MILLISECONDS = 10_000;

interface RunningWorker {
  close(): Promise<void>;
}

/** Runs background jobs: the same modules as the API without HTTP routes. Serves probes and metrics on WORKER_PORT. */
function run(): void {
  const starting = start();
  // A signal during the start takes effect when the start is complete.
  const stop = (): void => {
    setTimeout(() => process.exit(1), MAX_CLOSE_MILLISECONDS).unref();
    starting
      .then((worker) => worker.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // The primary of a cluster has died.
  process.on('disconnect', stop);
  starting.catch((error: unknown) => {
    printError(error);
    process.exit(1);
  });
}

async function start(): Promise<RunningWorker> {
  const config = { ...loadConfig(), JOBS_IN_PROCESS: true };
  const logger = createLogger(config.LOG_LEVEL);
  exitOnUncaughtErrors(logger, reportFatalError);
  const context = await NestFactory.createApplicationContext(AppModule.forRoot(config), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const report = context.get(HealthReport);
  const probes = new ProbeServer(report);
  const port = await listen(probes, config.WORKER_PORT, config.HOST);
  logger.info({ mode: config.NODE_ENV, host: config.HOST, port }, 'worker started, listening for probes and metrics');
  answerMetricsRequests(report);
  // For the primary of a cluster, and for process managers that wait for it, such as PM2 (`wait_ready`).
  process.send?.('ready');
  return { close: () => close(context, probes) };
}

async function listen(probes: ProbeServer, port: number, host: string): Promise<number> {
  try {
    return await probes.listen(port, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`The worker cannot listen on ${host}:${port} (${code}): set WORKER_PORT to a free port.`, {
      cause: error,
    });
  }
}

async function close(context: INestApplicationContext, probes: ProbeServer): Promise<void> {
  context.get(HealthService).drain();
  await context.close();
  await probes.close();
}

run();
