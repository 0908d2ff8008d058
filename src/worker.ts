import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { loadConfig } from './core/config/config.js';
import { NestLogger, createLogger } from './core/logging/logger.js';

/** The process without a listener: the same modules, for background jobs and the sweeps that run by the clock. */
async function run(): Promise<void> {
  const config = { ...loadConfig(), JOBS_IN_PROCESS: true };
  const logger = createLogger(config.LOG_LEVEL);
  const worker = await NestFactory.createApplicationContext(AppModule.forRoot(config), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const stop = (): void => void worker.close().then(() => process.exit(0));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
