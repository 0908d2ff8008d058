import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { newContext, runInContext } from '../context/request-context.js';
import { LOGGER } from '../logging/logger.js';

export interface Chore {
  /** For the log. @example old outbox rows */
  what: string;
  everySeconds: number;
  /** Every process does it, so that it must do no harm when it is done twice at once. */
  run(): Promise<unknown>;
}

/** Sweeping up, now and then, of what nobody will ask for again. One that fails is logged and tried again in its time. */
@Injectable()
export class Upkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly chores: Chore[] = [];
  private timers: NodeJS.Timeout[] = [];

  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  /** Call in onModuleInit. */
  register(chore: Chore): void {
    this.chores.push(chore);
  }

  onApplicationBootstrap(): void {
    this.timers = this.chores.map((chore) => setInterval(() => this.do(chore), chore.everySeconds * 1000).unref());
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private do(chore: Chore): void {
    const context = newContext({ useCase: `upkeep of ${chore.what}` });
    runInContext(context, () => chore.run()).catch((error: unknown) =>
      this.logger.warn({ err: error, what: chore.what }, 'upkeep failed'),
    );
  }
}
