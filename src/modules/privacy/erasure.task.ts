import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { LOGGER } from '../../core/logging/logger.js';
import { ErasureService } from './erasure.service.js';
import type { Person } from './people.repository.js';
import { UnfinishedErasures } from './unfinished-erasures.js';

const EVERY_SECONDS = 60;
/** Requests of the person that were in progress have ended by then. */
const GRACE_MILLISECONDS = 10 * 60_000;

/**
 * Erases people, then their files. A periodic task repeats both until the files are gone and nothing can be written any more, also
 * after a crash: a booking or an upload that was in progress may commit after the erasure.
 */
@Injectable()
export class ErasureTask implements OnModuleInit {
  constructor(
    private readonly erasures: ErasureService,
    private readonly unfinished: UnfinishedErasures,
    private readonly maintenance: MaintenanceScheduler,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.maintenance.register({ name: 'finish-erasures', everySeconds: EVERY_SECONDS, run: () => this.finish() });
  }

  /** @returns when the person was first erased */
  async erase(person: Person, actor: Actor, now: Date): Promise<Date> {
    const erasedAt = await this.erasures.erase(person.userId, actor, now);
    await this.unfinished.deleteFiles(person);
    return erasedAt;
  }

  /** @returns the number of finished erasures */
  async finish(): Promise<number> {
    let finished = 0;
    for await (const { userId, clientId, erasedAt } of this.unfinished.findAll()) {
      try {
        const now = this.clock.now();
        await this.erasures.erase(userId, null, new Date(now));
        const areFilesDeleted = await this.unfinished.deleteFiles({ userId, clientId });
        if (!areFilesDeleted || now < erasedAt.getTime() + GRACE_MILLISECONDS) continue;
        await this.unfinished.markFinished(userId, new Date(now));
        finished += 1;
      } catch (error) {
        this.logger.error({ err: error, userId }, 'an erasure could not be finished; it is tried again');
      }
    }
    return finished;
  }
}
