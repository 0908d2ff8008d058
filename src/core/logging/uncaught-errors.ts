import type { Logger } from 'pino';

/**
 * Logs an error that nothing caught, also that of a promise, and ends the process with 1: nobody knows in which state it is. What it had
 * begun is rolled back or taken over by other processes; the supervisor starts it again (docs/operations.md).
 * @param report sends the error elsewhere for a limited time, before the process ends
 */
export function exitOnUncaughtErrors(logger: Logger, report?: (error: unknown) => Promise<void>): void {
  process.on('uncaughtException', (error, origin) => {
    logger.fatal({ err: error, origin }, 'the process ends after an error that nothing caught');
    const exit = (): void => process.exit(1);
    if (report) void report(error).then(exit, exit);
    else exit();
  });
}
