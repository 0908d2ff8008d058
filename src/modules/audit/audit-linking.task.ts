import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { newContext, runInContext } from '../../core/context/request-context.js';
import { taskSucceeded } from '../../core/jobs/job-metrics.js';
import { Clock } from '../../core/kernel/clock.js';
import { LOGGER } from '../../core/logging/logger.js';
import { AuditLinkerService } from './audit-linker.service.js';

const TASK = 'link-audit-rows';
const TICK_MILLISECONDS = 2_000;
const MINUTE_MILLISECONDS = 60_000;
const HOUR_MILLISECONDS = 60 * MINUTE_MILLISECONDS;
/** Rows of the next minute come from processes whose clocks are ahead. Later ones come from a wrong clock, and wait for `linkAll`. */
const MAX_AHEAD_MILLISECONDS = MINUTE_MILLISECONDS;

/**
 * Links new audit rows every two seconds. Not a job of Bull: it must not wait for Redis. Every process with background jobs runs
 * it, and an advisory lock lets one of them link. Most ticks compare the last minute with the links, one in a minute compares the
 * last hour, and one in an hour (also the first) compares everything: rows may be committed late, by processes whose clocks differ, or
 * while no process links them.
 */
@Injectable()
export class AuditLinkingTask {
  private isRunning = false;
  private lastHourComparedAt = 0;
  private allComparedAt = 0;

  constructor(
    private readonly linker: AuditLinkerService,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Interval(TASK, TICK_MILLISECONDS)
  async tick(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      await runInContext(newContext({ useCase: `task ${TASK}` }), () => this.run(this.clock.now()));
      taskSucceeded(TASK);
    } catch (error) {
      this.logger.warn({ err: error }, 'audit rows were not linked; the next tick tries again');
    } finally {
      this.isRunning = false;
    }
  }

  private async run(now: number): Promise<void> {
    if (now - this.allComparedAt >= HOUR_MILLISECONDS) {
      if ((await this.linker.linkAll()) !== null) this.allComparedAt = this.lastHourComparedAt = now;
      return;
    }
    const comparesLastHour = now - this.lastHourComparedAt >= MINUTE_MILLISECONDS;
    const age = comparesLastHour ? HOUR_MILLISECONDS : MINUTE_MILLISECONDS;
    const linked = await this.linker.link(new Date(now - age), new Date(now + MAX_AHEAD_MILLISECONDS));
    if (comparesLastHour && linked !== null) this.lastHourComparedAt = now;
  }
}
