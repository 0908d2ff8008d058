import type { LoggerService } from '@nestjs/common';
import pino, { type Logger } from 'pino';
import { currentContext } from '../context/request-context.js';

/** The injection token of the logger. Log ids, never health data, addresses or tokens. */
export const LOGGER = Symbol('LOGGER');

const FLUSH_MILLISECONDS = 200;
const BATCH_BYTES = 4096;
const MAX_STACK_LINES = 12;

type Destination = ReturnType<typeof pino.destination>;

/** Shared by all loggers of the process. */
let standardOutput: Destination | null = null;

function openStandardOutput(): Destination {
  // Lines are written in batches: a write for each line took a sixth of the time of a cheap request.
  const destination = pino.destination({ dest: 1, sync: false, minLength: BATCH_BYTES });
  process.once('exit', () => destination.flushSync());
  setInterval(() => destination.flush(), FLUSH_MILLISECONDS).unref();
  return destination;
}

/** Creates a logger that writes JSON lines to stdout, each with the request id. */
export function createLogger(level: string): Logger {
  standardOutput ??= openStandardOutput();
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const { requestId, span } = currentContext();
        if (span) return { requestId: requestId ?? undefined, traceId: span.traceId };
        return requestId ? { requestId } : {};
      },
      serializers: { err: safeError },
    },
    standardOutput,
  );
}

/** Keeps only name, code, constraint and stack: a driver's error contains data of the row (`detail`, `parameters`). */
function safeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, constraint } = error as { code?: string; constraint?: string };
  const stack = error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, MAX_STACK_LINES)
    .join('\n');
  return { type: error.name, code, constraint, stack };
}

/** Logs Nest's own messages with pino, `log` and `debug` one level lower: they are about Nest, not about requests. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error({ context: rest.at(-1) }, String(message));
  }
  warn(message: unknown, context?: unknown): void {
    this.logger.warn({ context }, String(message));
  }
  debug(message: unknown, context?: unknown): void {
    this.logger.trace({ context }, String(message));
  }
}
