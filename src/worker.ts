import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { loadConfig } from './core/config/config.js';
import { NestLogger, createLogger } from './core/logging/logger.js';

const END_WITHIN_MILLISECONDS = 10_000;

/** The process without a listener: the same modules, for background jobs and the sweeps that run by the clock. */
function run(): void {
  const starting = start();
  // A signal while things are still starting waits for what has been started.
  const stop = (): void => {
    setTimeout(() => process.exit(1), END_WITHIN_MILLISECONDS).unref();
    starting
      .then((worker) => worker.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  starting.catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}

async function start(): Promise<INestApplicationContext> {
  const config = { ...loadConfig(), JOBS_IN_PROCESS: true };
  const logger = createLogger(config.LOG_LEVEL);
  return NestFactory.createApplicationContext(AppModule.forRoot(config), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
}

run();
