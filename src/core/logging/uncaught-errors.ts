import type { Logger } from 'pino';

/**
 * Logs an error that nothing caught, also that of a promise, and ends the process with 1: nobody knows in which state it is. What it had
 * begun is rolled back or taken over by other processes; the supervisor starts it again (docs/operations.md).
 */
export function exitOnUncaughtErrors(logger: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    logger.fatal({ err: error, origin }, 'the process ends after an error that nothing caught');
    process.exit(1);
  });
}
